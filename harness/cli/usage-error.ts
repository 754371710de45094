import type { MatrixOverrides } from '../scenario/matrix/override-matrix.ts';

/** What the user typed cannot be used: expected and got are in the message. Exit 3, nothing started. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A whole number of an option, within its bounds. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${option}: expected a whole number from ${min} to ${max}, got "${text}"`);
  return value;
}

const AGE_UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** An age of an option, in milliseconds. */
export function ageOf(option: string, text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text) ?? [];
  if (value === undefined) throw new UsageError(`${option}: expected an age such as 90m, 12h, 7d or 4w, got "${text}"`);
  return Number(value) * (AGE_UNITS_MS[unit] ?? 0);
}

const SIZE_PREFIXES = ['', 'k', 'M', 'G', 'T'];

/** A size of an option, in bytes: decimal units, or binary ones with an i. */
export function sizeOf(option: string, text: string): number {
  const [, value, prefix = '', binary] = /^(\d+(?:\.\d+)?) ?([kKMGT]?)(i?)B$/.exec(text) ?? [];
  if (value === undefined || (binary === 'i' && prefix === ''))
    throw new UsageError(`${option}: expected a size such as 500MB or 2GiB, got "${text}"`);
  return Number(value) * (binary === 'i' ? 1024 : 1000) ** SIZE_PREFIXES.indexOf(prefix === 'K' ? 'k' : prefix);
}

/** `i/n` of --shard. */
export function shardOf(text: string): { n: number; of: number } {
  const [, n, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { n: Number(n), of: Number(of) };
  if (!(shard.n >= 1 && shard.n <= shard.of))
    throw new UsageError(`--shard: expected i/n with 1 ≤ i ≤ n, such as 2/3, got "${text}"`);
  return shard;
}

/** Which combinations of a matrix are booted, as words of --matrix. */
const CHOICES = ['all', 'pairwise'] as const;

/** `axis=value` pairs of --matrix, of which several values of one axis are all kept, and `pairwise` or `all`. */
export function matrixOf(words: readonly string[]): MatrixOverrides & { readonly axes: Record<string, string[]> } {
  const axes: Record<string, string[]> = {};
  const choices = CHOICES.filter((choice) => words.includes(choice));
  const [choose, other] = choices;
  if (other !== undefined) throw new UsageError(`--matrix: expected one of ${CHOICES.join(' and ')}, got both`);
  for (const word of words) {
    if (word === choose) continue;
    const at = word.indexOf('=');
    if (at < 1 || at === word.length - 1)
      throw new UsageError(
        `--matrix: expected axis=value, such as nic=e1000, or ${CHOICES.join(' or ')}, got "${word}"`,
      );
    const [axis, value] = [word.slice(0, at), word.slice(at + 1)];
    if (!axes[axis]?.includes(value)) (axes[axis] ??= []).push(value);
  }
  return choose === undefined ? { axes } : { axes, choose };
}

/** A regular expression of an option; its own error says what is wrong with it. */
export function regexOf(option: string, text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (error) {
    throw new UsageError(
      `${option}: expected a regular expression, got "${text}": ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
