// A scenario on its way to YAML: plain values, maps and lists, and for each of them what a reader should know of it.

type Scalar = string | number | boolean;

/** A value of a scenario; a key whose value is undefined is left out. */
export type Commented = Scalar | Told | readonly Commented[] | CommentedMap;
/** A map of a scenario, in the order of its keys. */
export interface CommentedMap {
  readonly [key: string]: Commented | undefined;
}

/** A value, and where it comes from. */
export class Told {
  readonly value: Commented;
  readonly comment: string;

  constructor(value: Commented, comment: string) {
    this.value = value;
    this.comment = comment;
  }
}

/** A value with a comment: beside a scalar or a map on one line, above everything else. */
export const told = (value: Commented, comment: string): Told => new Told(value, comment);

/** A value that frames of the capture show; `note` follows their numbers. */
export function seen(value: Commented, frames: number | readonly number[], note = ''): Told {
  const text = framesText(typeof frames === 'number' ? [frames] : frames);
  return new Told(value, [text, note].filter((part) => part !== '').join(': '));
}

/** `frame 17`, `frames 17, 20`, `frames 17 to 171`; empty without any. */
export function framesText(frames: readonly number[]): string {
  const [first, ...others] = [...new Set(frames)].toSorted((a, b) => a - b);
  const last = others.at(-1);
  if (first === undefined) return '';
  if (last === undefined) return `frame ${first}`;
  return others.length === 1 && last - first < FAR ? `frames ${first}, ${last}` : `frames ${first} to ${last}`;
}
/** Two frames that are further apart are the ends of a transfer. */
const FAR = 20;
