import { programTask } from '../../lab/program.ts';
import { serviceTask } from '../../lab/service.ts';
import type { Task } from '../../lab/task.ts';
import type { Plan } from '../../plan/plan.ts';
import type { LabFailure } from './lab-failure.ts';

/** Services and programs of a plan. Each keeps its log in `logFolder`, and the lab fails with one that dies. */
export function serviceTasks(
  { services, programs = [] }: Pick<Plan, 'services' | 'programs'>,
  logFolder: string,
  lab: Pick<LabFailure, 'fail'>,
): Task[] {
  const watched = { logFolder, onDeath: (error: Error): void => lab.fail(error) };
  return [
    ...services.map((service) => serviceTask(service, watched)),
    ...programs.map((program) => programTask(program, watched)),
  ];
}
