/** One place of two sequences: the same in both, or in one of them only. */
export interface Aligned<T> {
  readonly base?: T;
  readonly next?: T;
}

/** Beyond that many cells of the table, only what both begin with is compared. */
const MOST_CELLS = 16_000_000;

/** Two sequences side by side, by their longest common subsequence; the earliest one of several. */
export function align<T>(base: readonly T[], next: readonly T[], isSame: (a: T, b: T) => boolean): Aligned<T>[] {
  const shortest = Math.min(base.length, next.length);
  let head = 0;
  while (head < shortest && isSame(base[head] as T, next[head] as T)) head += 1;
  return [
    ...Array.from({ length: head }, (_, index) => ({ base: base[index] as T, next: next[index] as T })),
    ...between(base.slice(head), next.slice(head), isSame),
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
    } else if ((lengths[(i + 1) * width + j] ?? 0) > (lengths[i * width + j + 1] ?? 0)) {
      aligned.push({ base: a });
      i += 1;
    } else {
      aligned.push({ next: b });
      j += 1;
    }
  }
  return [...aligned, ...base.slice(i).map((one) => ({ base: one })), ...next.slice(j).map((one) => ({ next: one }))];
}
