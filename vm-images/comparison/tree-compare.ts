import path from 'node:path';
import picomatch from 'picomatch';
import type { TreeEntry } from './wim-listing.ts';

/** One difference from the expected tree. */
export interface TreeDifference {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** What the comparison of two trees found. */
export interface ComparedTrees {
  /** Files, folders and links of either tree that were compared: all but those that are ignored. */
  readonly filesCompared: number;
  readonly differences: TreeDifference[];
  /** Paths of either tree that were ignored. */
  readonly ignored: readonly string[];
  /** What the expected tree says and the actual one has no place for, in sentences. */
  readonly notCompared: readonly string[];
}

/** Compares two trees by path, except for paths that match a pattern of `ignore`. */
export function compareTrees(
  expected: ReadonlyMap<string, TreeEntry>,
  actual: ReadonlyMap<string, TreeEntry>,
  ignore: readonly string[],
): ComparedTrees {
  const isIgnored = picomatch([...ignore], { dot: true });
  const paths = new Set([...expected.keys(), ...actual.keys()]);
  const ignored = [...paths].filter((name) => isIgnored(name));
  for (const name of ignored) paths.delete(name);
  // Whoever makes an entry changes the time of its folder.
  const touched = new Set(ignored.map((name) => path.dirname(name)));
  const differences = [...paths].flatMap((name) =>
    entryDifferences(name, expected.get(name), actual.get(name), !touched.has(name)),
  );
  return { filesCompared: paths.size, differences, ignored, notCompared: notCompared(paths, expected, actual) };
}

function entryDifferences(
  path: string,
  wanted: TreeEntry | undefined,
  found: TreeEntry | undefined,
  withTime: boolean,
): TreeDifference[] {
  if (wanted?.type !== found?.type)
    return [{ path, expected: wanted?.type ?? 'nothing', actual: found?.type ?? 'missing' }];
  if (!wanted || !found) return [];
  const differences: TreeDifference[] = [];
  /** Compares what both trees say. */
  const compare = <T extends number | string>(
    one: T | undefined,
    other: T | undefined,
    text: (value: T) => string,
  ): void => {
    if (one !== undefined && other !== undefined && one !== other)
      differences.push({ path, expected: text(one), actual: text(other) });
  };
  compare(wanted.target, found.target, (target) => `link to ${target}`);
  if (wanted.type !== 'link') compare(wanted.mode, found.mode, (mode) => `mode ${mode.toString(8).padStart(4, '0')}`);
  compare(wanted.owner, found.owner, (owner) => `owner ${owner}`);
  compare(compared(wanted.attributes), compared(found.attributes), attributesText);
  if (wanted.size !== found.size) compare(wanted.size, found.size, (size) => `${size} bytes`);
  else compare(wanted.sha1, found.sha1, (sha1) => `SHA-1 ${sha1}`);
  if (withTime) compare(wanted.modifiedS, found.modifiedS, timeText);
  return differences;
}

/**
 * Attributes that describe a file ([MS-FSCC] section 2.6). The others say how a file system stores it, or its type, which
 * is compared by itself.
 */
const ATTRIBUTES: Readonly<Record<string, number>> = { readonly: 1, hidden: 2, system: 4, archive: 0x20 };
const DESCRIBING = Object.values(ATTRIBUTES).reduce((bits, bit) => bits | bit, 0);

function compared(attributes: number | undefined): number | undefined {
  return attributes === undefined ? undefined : attributes & DESCRIBING;
}

function attributesText(bits: number): string {
  const names = Object.entries(ATTRIBUTES).flatMap(([name, bit]) => (bits & bit ? [name] : []));
  return `attributes ${names.join(', ') || 'none'}`;
}

const timeText = (seconds: number): string => `changed ${new Date(seconds * 1000).toISOString().replace('.000', '')}`;

function notCompared(
  paths: ReadonlySet<string>,
  expected: ReadonlyMap<string, TreeEntry>,
  actual: ReadonlyMap<string, TreeEntry>,
): string[] {
  const attributed = [...paths].filter(
    (name) =>
      compared(expected.get(name)?.attributes) && actual.get(name) && actual.get(name)?.attributes === undefined,
  );
  const [first] = attributed;
  return first === undefined
    ? []
    : [
        `Windows attributes of ${attributed.length} paths, such as ${first} (${attributesText(expected.get(first)?.attributes ?? 0)}): the file system of the disk has none`,
      ];
}
