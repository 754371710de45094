/** Who may use a store beside whom. */
export interface StoreTurns {
  /** Waits for the one that is alone, and then goes on beside others. */
  beside: <Value>(work: () => Promise<Value>) => Promise<Value>;
  /** Waits for all others; who comes later waits for it. */
  alone: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/**
 * Turns of a lab's own programs at its store. restic's locks alone would do for the data, but a program that finds one tries again only
 * seconds later, and what is read back is read without.
 */
export function storeTurns(): StoreTurns {
  const under = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  const settled = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
  return {
    beside(work) {
      const begun = last.then(work);
      const one = settled(begun).finally(() => under.delete(one));
      under.add(one);
      return begun;
    },
    alone(work) {
      const before = [last, ...under];
      const begun = Promise.all(before).then(work);
      last = settled(begun);
      return begun;
    },
  };
}
