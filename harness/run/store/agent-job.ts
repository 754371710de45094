import { backupTimeOf } from '../../../servers/images/backup-store/manifest.ts';
import type { JobEnd, JobStart } from '../../../servers/state/job-log.ts';
import type { VmPlan } from '../../plan/plan.ts';
import type { AgentEvent } from '../../../vm-images/agent-events.ts';

/** What an agent says of itself, as far as it is read here. */
export interface AgentsEvent {
  readonly event: string;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** What an event of an agent's says of its work with the store. */
export type AgentsWord =
  | { readonly begins: JobStart['kind'] }
  /** `done` counts only while a job goes on. */
  | { readonly ends: JobEnd };

/** The screen on which an agent that saves or restores opens the store. */
const OPENS_STORE = 'store';

/**
 * Reads an event of the agent of a client. One that saves or restores has begun when it opens the store; of a client whose role is
 * chosen at its screen, or that does something else beside, only when it has found what to save, takes a snapshot, or writes the disk.
 */
export function agentsWord(
  { name: own, diskRole: role }: Pick<VmPlan, 'name' | 'diskRole'>,
  { event, detail = {} }: AgentsEvent,
): AgentsWord | undefined {
  const { name, id, bytes, ok, error, client, state } = detail;
  switch (event as AgentEvent) {
    case 'agent.screen':
      return name === OPENS_STORE && (role === 'backup' || role === 'restore') ? { begins: role } : undefined;
    case 'agent.backup-found':
    case 'agent.snapshot':
      return state === 'removed' ? undefined : { begins: 'backup' };
    case 'agent.restore':
      return { begins: 'restore' };
    case 'agent.backed-up':
      return { ends: done(own, id, bytes) };
    case 'agent.restored':
      return { ends: done(client, id, bytes) };
    case 'agent.result':
    case 'agent.backup-failed':
      if (ok === true) return undefined;
      return { ends: { outcome: 'failed', reason: typeof error === 'string' ? error : 'the agent gave no reason' } };
    default:
      return undefined;
  }
}

/** A guest may say anything. */
function done(client: unknown, id: unknown, bytes: unknown): JobEnd {
  const isNamed =
    typeof client === 'string' && client.length <= 255 && typeof id === 'string' && backupTimeOf(id) !== undefined;
  return {
    outcome: 'done',
    ...(isNamed ? { backup: `${client}/${id}` } : {}),
    ...(typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? { bytes } : {}),
  };
}
