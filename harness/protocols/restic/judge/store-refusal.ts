import type { Refusal } from '../../base/judge/refusal.ts';
import { seen } from '../../base/judge/step.ts';
import { type Answer, type CutOff, type Disconnected, objectOf, type Question } from './exchange.ts';
import type { ResticCause } from './vocabulary.ts';

/** A refusal of the store, and the request that it refused; `asked` is undefined where a connection ended. */
export interface StoreRefusal extends Refusal {
  readonly cause: ResticCause;
  readonly asked: Question | undefined;
}

/** Why a run that has lost its last connection does not go on. */
export const cutOff = ({ reason, by, ...at }: CutOff | Disconnected): StoreRefusal => ({
  cause: by === 'client' ? 'store-client-gone' : 'store-unreachable',
  actual: `${reason} by the ${by}`,
  at: seen(at),
  times: 1,
  asked: undefined,
});

/** Whether a store refuses something that restic tries again: its disk is full, or it is out of order. */
export function isTriedAgain({ status }: Answer): boolean {
  return status >= 500;
}

/** The refusal that an answer is. */
export const refusalOf = (event: Answer, cause: ResticCause): StoreRefusal => ({
  cause,
  actual: refusedText(event),
  at: seen(event),
  times: 1,
  asked: questionOf(event),
});

/** A refusal in words. */
export const refusedText = (event: Answer): string =>
  `status ${event.status} for ${event.action} of ${objectOf(event)}`;

const questionOf = ({ action, kind, id }: Answer): Question => ({ action, kind, ...(id === undefined ? {} : { id }) });

/** What a status means (RFC 9110 section 15; 507: RFC 4918 section 11.5). */
export function causeOf({ status, action, kind }: Answer): ResticCause {
  if (status === 507 || status === 413) return 'store-full';
  if (action === 'remove' && (status === 403 || status === 405)) return 'store-append-only';
  if (status === 401 || status === 403) return 'store-access-denied';
  if (status === 416 && kind === 'data') return 'pack-truncated';
  if (status === 404) {
    if (kind === 'data') return 'pack-missing';
    if (kind === 'index') return 'index-missing';
    if (kind === 'snapshots') return 'snapshot-missing';
    if (kind === 'config') return 'store-no-repository';
  }
  return 'store-refused';
}
