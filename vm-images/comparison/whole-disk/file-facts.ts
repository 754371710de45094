import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { TreeDifference } from '../tree-compare.ts';

/**
 * What a file system says of one file, folder or link, each fact in words, the type first. What a file system has no place for is
 * absent.
 */
export type FileFacts = ReadonlyMap<string, string>;
/** By absolute path. */
export type FactTree = ReadonlyMap<string, FileFacts>;

/** The name of the fact that every entry has: file, folder, link or other. */
export const TYPE = 'type';

/** Facts that are there, in their order. */
export function facts(type: string, entries: Readonly<Record<string, string | undefined>>): FileFacts {
  return new Map([
    [TYPE, type],
    ...Object.entries(entries).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])),
  ]);
}

/** Every fact of one tree that the other has not. `where` stands before each path. */
export function compareFacts(expected: FactTree, actual: FactTree, where: string): TreeDifference[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((path) => {
    const [wanted, found] = [expected.get(path), actual.get(path)];
    const told = (expectedText: string, actualText: string): TreeDifference => ({
      path: `${where}${path}`,
      expected: expectedText,
      actual: actualText,
    });
    if (wanted?.get(TYPE) !== found?.get(TYPE))
      return [told(wanted?.get(TYPE) ?? 'nothing', found?.get(TYPE) ?? 'missing')];
    return [...new Set([...(wanted?.keys() ?? []), ...(found?.keys() ?? [])])].flatMap((name) => {
      const [one, other] = [wanted?.get(name), found?.get(name)];
      return one === other ? [] : [told(`${name} ${one ?? 'none'}`, `${name} ${other ?? 'none'}`)];
    });
  });
}

/** The first path, in the order of the tree, of those that are names of one file; undefined for the only name, and the first. */
export function firstNames(entries: Iterable<readonly [path: string, file: unknown]>): ReadonlyMap<string, string> {
  const first = new Map<unknown, string>();
  const others = new Map<string, string>();
  for (const [path, file] of entries) {
    const known = first.get(file);
    if (known === undefined) first.set(file, path);
    else others.set(path, known);
  }
  return others;
}

export async function sha1Of(file: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A time in seconds since 1970 and their fraction, `digits` of it, as ISO 8601. */
export function timeText(seconds: number, fraction: number, digits: number): string {
  const whole = new Date(seconds * 1000);
  return Number.isNaN(whole.getTime())
    ? `${seconds} s after 1970`
    : `${whole.toISOString().slice(0, -5)}.${String(fraction).padStart(digits, '0')}Z`;
}
