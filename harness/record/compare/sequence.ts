import type { ClientResult, Step } from '../../../reports/result.ts';
import { wordsOf } from '../../protocols/words.ts';
import { isMoreExact, isResend, isUnread, tellingDetails } from '../telling-details.ts';

type Value = string | number | boolean;

/** A step of a boot's story, with what of it must be the same in another boot. */
export interface Entry {
  readonly step: string;
  readonly failed: boolean;
  readonly details: ReadonlyMap<string, Value>;
  /** Details that are addresses: another lab may have its hosts elsewhere. */
  readonly addresses: ReadonlyMap<string, string>;
  /** A call that only who knows the password can read. */
  readonly sealed: boolean;
  readonly frames: readonly number[];
}

/** A boot as it is compared. */
export interface Sequence {
  readonly entries: readonly Entry[];
  /** All that its scenario wanted has happened: what came later was not waited for. */
  readonly settled: boolean;
  /** It has sealed calls that its judge could not read, and which are none of its entries. */
  readonly unread: boolean;
}

const ADDRESSES: ReadonlySet<string> = new Set(['yiaddr', 'server', 'requested', 'referralServer', 'ip']);

/**
 * The telling steps of a client up to its first failure. What a client repeats counts once, and answers to one question
 * stand in one order, in whatever order servers gave them.
 */
export function sequenceOf({ steps }: Pick<ClientResult, 'steps'>): Sequence {
  const failed = steps.findIndex(({ verdict }) => verdict === 'failed');
  const upTo = steps.slice(0, failed < 0 ? steps.length : failed + 1);
  const entries: Entry[] = [];
  for (const step of upTo) {
    const entry = entryOf(step);
    const before = entries.at(-1);
    if (entry === undefined || (before !== undefined && isSame(before, entry) && sameAddresses(before, entry)))
      continue;
    entries.push(entry);
  }
  return {
    entries: inOneOrder(entries),
    settled: failed < 0 && steps.some(({ step, verdict }) => step === 'boot.complete' && verdict === 'passed'),
    unread: upTo.some(isUnread),
  };
}

function entryOf(step: Step): Entry | undefined {
  const { verdict, detail = {}, frames, cause } = step;
  const failed = verdict === 'failed';
  const shown = tellingDetails(step) ?? (failed ? [] : undefined);
  if (shown === undefined || (!failed && verdict !== 'passed')) return undefined;
  if (!failed && isResend(step)) return undefined;
  return {
    step: step.step,
    failed,
    frames,
    sealed: detail['sealed'] === true,
    details: new Map([
      ...shown.filter(([key]) => !ADDRESSES.has(key)),
      ...(cause === undefined ? [] : [[CAUSE, cause] as const]),
    ]),
    addresses: new Map(shown.filter(([key]) => ADDRESSES.has(key)).map(([key, value]) => [key, String(value)])),
  };
}

/** Whether two steps are the same but for addresses; a detail that only one of them has says nothing. */
export function isSame(a: Entry, b: Entry): boolean {
  return a.step === b.step && a.failed === b.failed && differingDetails(a, b).length === 0;
}

/** Details of two steps that differ. */
export function differingDetails(a: Entry, b: Entry): readonly string[] {
  return [...a.details.keys()].filter((key) => {
    const [one, other] = [a.details.get(key), b.details.get(key)];
    if (key === CAUSE && exactCause(a, b) !== undefined) return false;
    return other !== undefined && comparable(one) !== comparable(other);
  });
}

const CAUSE = 'cause';

/** Which of two failures names its cause more exactly, of what may be the same one; undefined where neither does. */
export function exactCause(a: Entry, b: Entry): 'base' | 'next' | undefined {
  const [base, next] = [String(a.details.get(CAUSE)), String(b.details.get(CAUSE))];
  if (isMoreExact(base, next)) return 'base';
  return isMoreExact(next, base) ? 'next' : undefined;
}

/** A path in either slash and any case; of a URL, without its host: that is an address. */
function comparable(value: Value | undefined): Value | undefined {
  if (typeof value !== 'string') return value;
  return value
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])/, '$1');
}

function sameAddresses(a: Entry, b: Entry): boolean {
  return [...a.addresses].every(([key, value]) => b.addresses.get(key) === value);
}

/** Neighbours that servers give in any order, by name. */
function inOneOrder(entries: readonly Entry[]): Entry[] {
  const isConcurrent = ({ step, failed }: Entry): boolean => !failed && wordsOf(step)?.concurrent === true;
  const ordered: Entry[] = [];
  for (const entry of entries) {
    let at = ordered.length;
    while (isConcurrent(entry) && at > 0) {
      const before = ordered[at - 1];
      if (before === undefined || !isConcurrent(before) || before.step <= entry.step) break;
      at -= 1;
    }
    ordered.splice(at, 0, entry);
  }
  return ordered;
}
