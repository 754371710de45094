/** Something that the capture shows, and the number of the frame that shows it. */
export interface Fact<T> {
  readonly value: T;
  readonly frame: number;
}

/** Keeps what is known, or else takes what this frame shows of it. */
export function first<T>(known: Fact<T> | undefined, value: T | undefined, frame: number): Fact<T> | undefined {
  return known ?? (value === undefined ? undefined : { value, frame });
}
