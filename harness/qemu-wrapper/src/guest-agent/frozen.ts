import { seconds, within } from '../deadline.ts';
import { GuestAgentError, type GuestAgent } from './client.ts';

/** How long each may take. */
export interface FreezeDeadlines {
  /** Writing out what the guest holds in memory, under load on a slow disk. */
  readonly freezeMs?: number;
  /** What is done meanwhile: every program in the guest that writes stands still for as long. */
  readonly frozenMs?: number;
  readonly thawMs?: number;
}

/** What was done while the guest's file systems were frozen, and for how long they were. */
export interface Frozen<T> {
  readonly value: T;
  readonly fileSystems: number;
  /** From the request to freeze to the answer that all is thawed. */
  readonly ms: number;
}

/**
 * Freezes the guest's file systems for the time of `work`: what the disk holds meanwhile is complete and cleanly unmounted to
 * whoever opens a copy. They are thawed whatever happens: when freezing failed half-way or its answer was late, when the work
 * failed or took too long. Rejects with the first of these failures; a failure to thaw, which leaves the guest standing, is named
 * with it.
 */
export async function whileFrozen<T>(
  agent: GuestAgent,
  work: () => Promise<T>,
  { freezeMs = 30_000, frozenMs = 10_000, thawMs = 30_000 }: FreezeDeadlines = {},
): Promise<Frozen<T>> {
  const startedAt = performance.now();
  const thaw = async (): Promise<number> =>
    count(await agent.execute('guest-fsfreeze-thaw', {}, { deadlineMs: thawMs }));
  let fileSystems: number;
  let value: T;
  try {
    fileSystems = count(await agent.execute('guest-fsfreeze-freeze', {}, { deadlineMs: freezeMs }));
    value = await within(`work on a frozen guest`, frozenMs, work());
  } catch (error) {
    await thaw().catch((failed: unknown) => {
      throw new GuestAgentError(`${text(error)}; and the guest may still be frozen: ${text(failed)}`, { cause: error });
    });
    throw error;
  }
  const thawed = await thaw();
  const ms = performance.now() - startedAt;
  if (fileSystems === 0)
    throw new GuestAgentError(
      'the guest agent froze no file system: none is mounted from a disk, so nothing is held still',
    );
  if (thawed < fileSystems)
    throw new GuestAgentError(
      `the guest agent froze ${fileSystems} file systems, and ${thawed} were still frozen ${seconds(ms)} later: something in the guest thawed the others meanwhile`,
    );
  return { value, fileSystems, ms: Math.round(ms) };
}

function count(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  throw new GuestAgentError(`the guest agent answered ${JSON.stringify(answer)}, expected a number of file systems`);
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
