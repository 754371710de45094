/** One place of two sequences: the same in both, or in one of them only. */
export interface Aligned<T> {
  readonly base?: T;
  readonly next?: T;
}

/** More than that many cells of the table, and only begin and end are compared. */
const MOST_CELLS = 16_000_000;

/** Two sequences side by side, by their longest common subsequence. */
export function align<T>(base: readonly T[], next: readonly T[], isSame: (a: T, b: T) => boolean): Aligned<T>[] {
  const shortest = Math.min(base.length, next.length);
  const at = (items: readonly T[], index: number): T => items[index] as T;
  let head = 0;
  while (head < shortest && isSame(at(base, head), at(next, head))) head += 1;
  let tail = 0;
  while (tail < shortest - head && isSame(at(base, base.length - 1 - tail), at(next, next.length - 1 - tail)))
    tail += 1;
  const both = (index: number, other: number): Aligned<T> => ({ base: at(base, index), next: at(next, other) });
  return [
    ...Array.from({ length: head }, (_, index) => both(index, index)),
    ...between(base.slice(head, base.length - tail), next.slice(head, next.length - tail), isSame),
    ...Array.from({ length: tail }, (_, index) => both(base.length - tail + index, next.length - tail + index)),
  ];
}

function between<T>(base: readonly T[], next: readonly T[], isSame: (a: T, b: T) => boolean): Aligned<T>[] {
  const alone = (): Aligned<T>[] => [...base.map((one) => ({ base: one })), ...next.map((one) => ({ next: one }))];
  if (base.length === 0 || next.length === 0 || base.length * next.length > MOST_CELLS) return alone();
  const width = next.length + 1;
  // Length of the longest common subsequence of what begins at both places.
  const lengths = new Uint32Array((base.length + 1) * width);
  for (let i = base.length - 1; i >= 0; i--)
    for (let j = next.length - 1; j >= 0; j--)
      lengths[i * width + j] = isSame(base[i] as T, next[j] as T)
        ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  const aligned: Aligned<T>[] = [];
  let [i, j] = [0, 0];
  while (i < base.length && j < next.length) {
    const [a, b] = [base[i] as T, next[j] as T];
    if (isSame(a, b)) {
      aligned.push({ base: a, next: b });
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) {
      aligned.push({ base: a });
      i += 1;
    } else {
      aligned.push({ next: b });
      j += 1;
    }
  }
  return [...aligned, ...base.slice(i).map((one) => ({ base: one })), ...next.slice(j).map((one) => ({ next: one }))];
}
