import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwritten } from '../../../reports/unwritten-file.ts';
import type { JobEnd, JobStart, RunningJob } from '../../../servers/state/job-log.ts';
import { resolveRunFolder } from '../../lab/private-files.ts';
import type { Plan, VmPlan } from '../../plan/plan.ts';
import { agentsWord, type AgentsEvent } from './agent-job.ts';
import { backupsCommand } from './backups-command.ts';
import { storeTurns, type StoreTurns } from './store-turns.ts';

/** How long retention waits for a client that uses the store, before its turn is skipped. */
const RETRY_LOCK = '1m';

/** restic's words, with which the command ends then. */
const STORE_IN_USE = /already locked/;

/** What a lab notes in the log of its store (decision 204), and what it does there by itself. */
export interface StoreJobs extends Pick<StoreTurns, 'beside'> {
  /** An agent has said something. */
  heard(client: VmPlan, record: AgentsEvent): void;
  /** A client has ended, and what it had begun with it. */
  ended(client: VmPlan, reason: string): void;
  /** Does work as a job; `work` says what came of it. */
  attempt<Value>(start: JobStart, work: () => Promise<readonly [Value, JobEnd]>): Promise<Value>;
  /** Applies the store's retention, where it has one; resolves with what is not as it should be then, in words. */
  retain(): Promise<readonly string[]>;
  /** Ids of a client's backups that retention has removed so far, in whoever's turn: the store has one retention. */
  removed(client: string): ReadonlySet<string>;
  /** Resolves when all is noted, no retention goes on, and the log is with the evidence. */
  settled(): Promise<void>;
}

/**
 * The jobs of a lab's store; undefined for a lab without one. `tell` hears what a person should know. `keepIn` gets a copy of the log: a
 * store may end with its lab.
 */
export function storeJobs(
  { services }: Pick<Plan, 'services'>,
  { tell, keepIn }: { readonly tell: (client: string, text: string) => void; readonly keepIn: string },
): StoreJobs | undefined {
  const config = services.find((one) => one.kind === 'backup-store')?.config;
  if (config === undefined) return undefined;
  const { root: folder, password } = resolveRunFolder(config);
  const backupsOf = backupsCommand({ storeFolder: folder, storePassword: password });
  const turns = storeTurns();
  const agents = new Map<string, RunningJob & { readonly kind: JobStart['kind'] }>();
  /** Of one client after another: an event is noted when the one before it is. */
  const noted = new Map<string, Promise<void>>();
  const retentions = new Set<Promise<unknown>>();
  const gone = new Map<string, Set<string>>();

  const note = (client: string, work: () => Promise<void>): void => {
    const before = noted.get(client) ?? Promise.resolve();
    // A log that cannot be written is no failure of the lab: the store has what it has.
    noted.set(
      client,
      before.then(work).catch((error: unknown) => tell(client, `the store's log of jobs: ${messageOf(error)}`)),
    );
  };
  const endAgents = async (client: string, end: JobEnd): Promise<JobStart['kind'] | undefined> => {
    const job = agents.get(client);
    agents.delete(client);
    await job?.end(end);
    return job?.kind;
  };
  // zod is loaded by the few labs that have a store.
  const begin = async (start: JobStart): Promise<RunningJob> =>
    (await import('../../../servers/state/job-log.ts')).beginJob(folder, start);
  const prune = async (): Promise<readonly string[]> => {
    const { backups } = (await backupsOf('prune', '--by=lab', `--retry-lock=${RETRY_LOCK}`)) as {
      readonly backups: readonly { readonly client: string; readonly id: string; readonly outcome: string }[];
    };
    for (const { client, id, outcome } of backups)
      if (outcome === 'removed') gone.set(client, new Set([...(gone.get(client) ?? []), id]));
    const left = (await backupsOf('list')) as readonly { readonly client: string; readonly id: string }[];
    const names = new Set(left.map(({ client, id }) => `${client}/${id}`));
    return backups.flatMap(({ client, id, outcome }) =>
      names.has(`${client}/${id}`) === (outcome === 'kept')
        ? []
        : [`retention: ${client}/${id} was ${outcome}, and the store ${outcome === 'kept' ? 'lacks' : 'has'} it`],
    );
  };
  // The log tells why a turn was skipped; the next one removes what this one left.
  const pruneUnlessInUse = async (): Promise<readonly string[]> => {
    try {
      return await prune();
    } catch (error) {
      if (STORE_IN_USE.test(messageOf(error))) return [];
      throw error;
    }
  };
  const retain = async (): Promise<readonly string[]> => {
    const { readSchedule } = await import('../../../servers/images/backups/schedule.ts');
    if (readSchedule({ folder }).keep === undefined) return [];
    return turns.alone(pruneUnlessInUse);
  };

  return {
    beside: turns.beside,
    heard(client, record) {
      const word = agentsWord(client, record);
      if (word === undefined) return;
      const { name } = client;
      note(name, async () => {
        if ('begins' in word) {
          const kind = word.begins;
          if (!agents.has(name)) agents.set(name, { ...(await begin({ kind, by: 'agent', client: name })), kind });
          return;
        }
        const kind = await endAgents(name, word.ends);
        if (kind !== 'backup' || word.ends.outcome !== 'done') return;
        // What was saved as snapshots is read back when the client has ended; it may not be gone by then.
        if (client.snapshotBackups !== undefined) return;
        const retention = retain().catch((error: unknown) => tell(name, `retention: ${messageOf(error)}`));
        retentions.add(retention);
      });
    },
    ended(client, reason) {
      note(client.name, async () => {
        await endAgents(client.name, { outcome: 'interrupted', reason: `the client ended: ${reason}` });
      });
    },
    async attempt(start, work) {
      const job = await begin(start);
      try {
        const [value, end] = await work();
        await job.end(end);
        return value;
      } catch (error) {
        await job.end({ outcome: 'failed', reason: messageOf(error) });
        throw error;
      }
    },
    retain: () => retain().catch((error: unknown) => [`retention: ${messageOf(error)}`]),
    removed: (client) => gone.get(client) ?? new Set(),
    async settled() {
      await Promise.all(noted.values());
      await Promise.all(retentions);
      const { jobLogFile } = await import('../../../servers/state/job-log.ts');
      const log = jobLogFile(folder);
      if (existsSync(log)) await copyFile(log, keepIn).catch(unwritten(keepIn));
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Resolves at that time of the monotonic clock and not before it, or when something else happens before. */
export async function untilMs(atMs: number, or: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  // A timer of Node's may fire up to a millisecond early.
  const wait = async (): Promise<void> => {
    for (let leftMs = atMs - performance.now(); leftMs > 0 && !abort.signal.aborted; leftMs = atMs - performance.now())
      await sleep(Math.ceil(leftMs), undefined, { signal: abort.signal }).catch(() => undefined);
  };
  await Promise.race([wait(), or]);
  abort.abort();
}
