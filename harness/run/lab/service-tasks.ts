import { programTask } from '../../lab/program.ts';
import { serviceTask, type ServiceTask } from '../../lab/service.ts';
import type { Task } from '../../lab/task.ts';
import type { Plan } from '../../plan/plan.ts';
import type { LabFailure } from './lab-failure.ts';

export interface ServiceTasks {
  readonly services: readonly ServiceTask[];
  readonly programs: readonly Task[];
}

/** Services and programs of a plan. Each keeps its log in `logFolder`, and the lab fails with one that dies. */
export function serviceTasks(
  { services, programs = [] }: Pick<Plan, 'services' | 'programs'>,
  logFolder: string,
  lab: Pick<LabFailure, 'fail'>,
): ServiceTasks {
  const watched = { logFolder, onDeath: (error: Error): void => lab.fail(error) };
  return {
    services: services.map((service) => serviceTask(service, watched)),
    programs: programs.map((program) => programTask(program, watched)),
  };
}
