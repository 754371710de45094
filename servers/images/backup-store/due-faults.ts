import type { BackupStoreConfig } from './config.ts';
import { CONTENT_FAULTS, type ContentFault } from './misbehaviours.ts';
import type { StoreRequest } from './request-log.ts';

type Misbehaviour = NonNullable<BackupStoreConfig['misbehave']>;

/** What happens to the content of the store when the n-th backup is complete; 0: before any client comes. */
export function dueFaults(misbehave: Misbehaviour, backups: number): readonly ContentFault[] {
  return CONTENT_FAULTS.filter((fault) => misbehave[fault] === backups);
}

/** Whether anything depends on how many backups are complete. */
export function countsBackups(misbehave: Misbehaviour): boolean {
  return CONTENT_FAULTS.some((fault) => (misbehave[fault] ?? 0) > 0);
}

/** Requests that wrote a pack and that read from one. */
export interface PackRequests {
  readonly writes: number;
  readonly reads: number;
}

/** The counts with one more request. */
export function countPacks({ writes, reads }: PackRequests, { method, kind, id, status }: StoreRequest): PackRequests {
  const isPack = kind === 'data' && id !== undefined && status < 400;
  return {
    writes: writes + (isPack && method === 'POST' ? 1 : 0),
    reads: reads + (isPack && method === 'GET' ? 1 : 0),
  };
}

/** Whether nobody is to find the store, until it comes back. */
export function isGoneAtFirst({ gone }: Misbehaviour): boolean {
  return gone?.['after-writes'] === 0 || gone?.['after-reads'] === 0;
}

/** Whether the request that made these counts was the one after which the store goes away. */
export function goesAway({ gone }: Misbehaviour, before: PackRequests, now: PackRequests): boolean {
  const reached = (limit: number | undefined, was: number, is: number): boolean =>
    limit !== undefined && was < limit && is >= limit;
  return (
    reached(gone?.['after-writes'], before.writes, now.writes) ||
    reached(gone?.['after-reads'], before.reads, now.reads)
  );
}
