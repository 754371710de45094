import { table } from '../manage/table.ts';
import { age } from './backup-text.ts';
import type { ListedBackup } from './backup-text.ts';
import type { ListedJob } from './jobs.ts';

/** When a client's next backup is due; one that never was saved is overdue since nobody knows when. */
export interface DueClient {
  readonly client: string;
  /** Id of its newest complete backup that is not from the future. */
  readonly newest?: string;
  /** ISO 8601. */
  readonly dueAt?: string;
  readonly state: 'due later' | 'under way' | 'overdue';
}

/** Every client that a store knows by a backup, or by an attempt to make one. */
export function dueClients(
  backups: readonly Pick<ListedBackup, 'client' | 'id' | 'state' | 'beganAt' | 'isFromFuture'>[],
  jobs: readonly Pick<ListedJob, 'client' | 'kind' | 'outcome'>[],
  { everyMs, nowMs }: { readonly everyMs: number; readonly nowMs: number },
): DueClient[] {
  const attempts = jobs.filter(({ kind }) => kind === 'backup');
  const clients = new Set([...backups, ...attempts].flatMap(({ client }) => client ?? []));
  return [...clients].toSorted().map((client) => {
    const isUnderWay = attempts.some((one) => one.client === client && one.outcome === 'running');
    const newest = backups.findLast((one) => one.client === client && one.state === 'complete' && !one.isFromFuture);
    if (newest === undefined) return { client, state: isUnderWay ? 'under way' : 'overdue' };
    const dueMs = Date.parse(newest.beganAt) + everyMs;
    const state = dueMs > nowMs ? 'due later' : isUnderWay ? 'under way' : 'overdue';
    return { client, newest: newest.id, dueAt: new Date(dueMs).toISOString(), state };
  });
}

/** Rows of `list --overdue`. */
export function dueTable(clients: readonly DueClient[], nowMs: number): string[] {
  if (clients.length === 0) return ['no clients'];
  return table(
    ['CLIENT', 'NEWEST', 'DUE', 'STATE'],
    clients.map((one) => [one.client, one.newest ?? '-', dueAtText(one), stateText(one, nowMs)]),
  );
}

/** One line for a client, below the list of its backups. */
export function dueLine(one: DueClient, nowMs: number): string {
  const at = one.dueAt === undefined ? '' : ` (${dueAtText(one)})`;
  return `${one.client}: next backup ${stateText(one, nowMs)}${at}`;
}

function dueAtText({ dueAt }: DueClient): string {
  return dueAt === undefined ? '-' : `${dueAt.slice(0, 19)}Z`;
}

function stateText({ state, dueAt }: DueClient, nowMs: number): string {
  if (dueAt === undefined) return state === 'overdue' ? 'overdue: it has no complete one' : state;
  const seconds = Math.round(Math.abs(Date.parse(dueAt) - nowMs) / 1000);
  if (state === 'due later') return `due in ${age(seconds)}`;
  return state === 'overdue' ? `overdue for ${age(seconds)}` : state;
}
