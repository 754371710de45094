import { defined } from '../../../servers/service/defined.ts';
import { FIRST_QUESTIONS } from '../../protocols/words.ts';
import { align, type Aligned } from './align.ts';
import { differingDetails, exactCause, isSame, type Entry, type Sequence } from './sequence.ts';

/** One line of a comparison. */
export interface ComparedStep {
  readonly step: string;
  readonly base?: Entry;
  readonly next?: Entry;
  /** Details, or addresses, in which the two differ. */
  readonly differs: readonly string[];
  /** Only one boot has it, and that is no difference: the other one was over before. */
  readonly beyond: boolean;
}

/** Two boots side by side. */
export interface BootComparison {
  readonly same: boolean;
  readonly steps: readonly ComparedStep[];
  /** The first place at which they part. */
  readonly first?: ComparedStep;
  /** Hosts that have other addresses in the second boot. */
  readonly moved: readonly { readonly base: string; readonly next: string }[];
  /** Calls of one boot are left out: they are sealed, and the judge of the other one did not know the password. */
  readonly unread?: 'base' | 'next';
  /** The cause of a failure that one boot, whose judge knows the accounts, names more exactly than the other. */
  readonly sharpened?: { readonly exact: 'base' | 'next'; readonly base: string; readonly next: string };
}

/**
 * Compares the stories of two boots. Hosts may have other addresses in the second one, each the same throughout. Steps
 * before the begin of a capture and after the end of either story do not count: of a run that had all that its scenario
 * wanted, or of a capture.
 */
export function compareBoots(base: Sequence, next: Sequence): BootComparison {
  const addresses = new AddressMap();
  const unread = unreadBy(base, next);
  const readByBoth = ({ entries }: Sequence): readonly Entry[] =>
    unread === undefined ? entries : entries.filter(({ sealed, failed }) => !sealed || failed);
  const aligned = pairUp(align(readByBoth(base), readByBoth(next), isSame));
  const isCommon = (one: Line): boolean => one.base !== undefined && one.next !== undefined;
  const lastCommon = aligned.findLastIndex(isCommon);
  // A capture that does not begin with the client's first question began later.
  const begin = FIRST_QUESTIONS.has(base.entries[0]?.step ?? '')
    ? 0
    : aligned.findIndex((one) => one.base !== undefined);
  const steps = aligned.map((one, index): ComparedStep => {
    const { base: a, next: b } = one;
    if (a !== undefined && b !== undefined)
      return {
        step: a.step,
        base: a,
        next: b,
        differs: [...differingDetails(a, b), ...addresses.differing(a, b)],
        beyond: false,
      };
    const isTail = index > lastCommon && !(a ?? b)?.failed;
    // A run is stopped when its scenario is met; a capture shows nothing of what came before and after it.
    const beyond = index < begin || (isTail && (b !== undefined || next.settled));
    return { step: (a ?? b)?.step ?? '', ...one, differs: [], beyond };
  });
  const first = steps.find((step) => !isEqual(step));
  return {
    same: first === undefined,
    steps,
    ...defined({ first, unread, sharpened: sharpenedCause(steps) }),
    moved: addresses.moved,
  };
}

/** The boot whose judge could not read what the other one's did. */
function unreadBy(base: Sequence, next: Sequence): BootComparison['unread'] {
  if (base.unread && next.entries.some(({ sealed }) => sealed)) return 'base';
  return next.unread && base.entries.some(({ sealed }) => sealed) ? 'next' : undefined;
}

function sharpenedCause(steps: readonly ComparedStep[]): BootComparison['sharpened'] {
  for (const { base, next } of steps) {
    const exact = base && next && exactCause(base, next);
    if (exact !== undefined)
      return { exact, base: String(base?.details.get('cause')), next: String(next?.details.get('cause')) };
  }
  return undefined;
}

/** Whether a line shows no difference. */
export function isEqual({ base, next, differs, beyond }: ComparedStep): boolean {
  return beyond || (base !== undefined && next !== undefined && differs.length === 0);
}

type Line = Aligned<Entry>;

/** Between two common steps: steps of one name at the same place with other details are one line. */
function pairUp(aligned: readonly Line[]): Line[] {
  const lines: Line[] = [];
  let [base, next]: [Entry[], Entry[]] = [[], []];
  const close = (): void => {
    let paired = 0;
    while (base[paired] !== undefined && base[paired]?.step === next[paired]?.step) paired += 1;
    const alone = [
      base.slice(paired).map((one): Line => ({ base: one })),
      next.slice(paired).map((one): Line => ({ next: one })),
    ];
    // A failure says more than what does not happen because of it.
    if (next.at(-1)?.failed) alone.reverse();
    const pairs = base.slice(0, paired).map((one, index): Line => ({ base: one, ...defined({ next: next[index] }) }));
    lines.push(...pairs, ...alone.flat());
    [base, next] = [[], []];
  };
  for (const line of aligned) {
    if (line.base !== undefined && line.next !== undefined) {
      close();
      lines.push(line);
    } else if (line.base !== undefined) base.push(line.base);
    else if (line.next !== undefined) next.push(line.next);
  }
  close();
  return lines;
}

/** Which address of the second boot a host of the first one has. */
class AddressMap {
  readonly #byBase = new Map<string, string>();
  readonly #byNext = new Map<string, string>();

  /** Keys of addresses that contradict what both boots showed before. */
  differing(a: Entry, b: Entry): string[] {
    return [...a.addresses].flatMap(([key, one]) => {
      const other = b.addresses.get(key);
      if (other === undefined) return [];
      const known = this.#byBase.get(one);
      if (known === undefined && !this.#byNext.has(other)) {
        this.#byBase.set(one, other);
        this.#byNext.set(other, one);
        return [];
      }
      return known === other ? [] : [key];
    });
  }

  get moved(): BootComparison['moved'] {
    return [...this.#byBase].filter(([base, next]) => base !== next).map(([base, next]) => ({ base, next }));
  }
}
