import { align } from './align.ts';
import { differingDetails, isSame, type Entry, type Sequence } from './sequence.ts';

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
}

/**
 * Compares the stories of two boots. Hosts may have other addresses in the second one, each the same throughout. Steps
 * after the end of either story do not count: of a run that had all that its scenario wanted, or of a capture that ends.
 */
export function compareBoots(base: Sequence, next: Sequence): BootComparison {
  const addresses = new AddressMap();
  const aligned = pairUp(align(base.entries, next.entries, isSame));
  const lastCommon = aligned.findLastIndex((one) => one.base !== undefined && one.next !== undefined);
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
    // A run is stopped when its scenario is met; a capture shows nothing of what came after it.
    return { step: (a ?? b)?.step ?? '', ...one, differs: [], beyond: isTail && (b !== undefined || next.settled) };
  });
  const first = steps.find((step) => !isEqual(step));
  return { same: first === undefined, steps, ...(first === undefined ? {} : { first }), moved: addresses.moved };
}

/** Whether a line shows no difference. */
export function isEqual({ base, next, differs, beyond }: ComparedStep): boolean {
  return beyond || (base !== undefined && next !== undefined && differs.length === 0);
}

/** Steps of one name that stand at the same place with different details are one line. */
function pairUp(
  aligned: readonly { readonly base?: Entry; readonly next?: Entry }[],
): { base?: Entry; next?: Entry }[] {
  const paired: { base?: Entry; next?: Entry }[] = [];
  for (const one of aligned) {
    const { next } = one;
    const open = one.base === undefined && next !== undefined ? openBase(paired, next) : undefined;
    if (open === undefined || next === undefined) paired.push({ ...one });
    else open.next = next;
  }
  return paired;
}

/** The first step since the last common one that only the first boot has, if it has the name of this one. */
function openBase(paired: { base?: Entry; next?: Entry }[], next: Entry): { base?: Entry; next?: Entry } | undefined {
  const lastCommon = paired.findLastIndex((one) => one.next !== undefined);
  const open = paired[lastCommon + 1];
  return open?.base?.step === next.step && open.next === undefined ? open : undefined;
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
