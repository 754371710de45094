import type { TreeEntry } from './wim-listing.ts';

/** One difference from the expected tree. */
export interface TreeDifference {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** Compares two trees by path. An entry that only `actual` has is a difference unless `allowedExtra` names it. */
export function compareTrees(
  expected: ReadonlyMap<string, TreeEntry>,
  actual: ReadonlyMap<string, TreeEntry>,
  allowedExtra: ReadonlySet<string>,
): TreeDifference[] {
  const differences: TreeDifference[] = [];
  for (const [path, wanted] of expected) {
    const found = actual.get(path);
    if (!found) differences.push({ path, expected: wanted.type, actual: 'missing' });
    else differences.push(...entryDifferences(path, wanted, found));
  }
  for (const [path, found] of actual) {
    if (!expected.has(path) && !allowedExtra.has(path))
      differences.push({ path, expected: 'nothing', actual: found.type });
  }
  return differences;
}

function entryDifferences(path: string, wanted: TreeEntry, found: TreeEntry): TreeDifference[] {
  if (wanted.type !== found.type) return [{ path, expected: wanted.type, actual: found.type }];
  const differences: TreeDifference[] = [];
  const differs = (expected: string, actual: string) => {
    if (expected !== actual) differences.push({ path, expected, actual });
  };
  if (wanted.type === 'link') {
    differs(`link to ${wanted.target ?? '?'}`, `link to ${found.target ?? '?'}`);
    return differences;
  }
  differs(`mode ${octal(wanted.mode)}`, `mode ${octal(found.mode)}`);
  if (wanted.type === 'file') {
    if (wanted.size !== found.size) differs(`${wanted.size ?? '?'} bytes`, `${found.size ?? '?'} bytes`);
    else differs(`SHA-1 ${wanted.sha1 ?? '?'}`, `SHA-1 ${found.sha1 ?? '?'}`);
  }
  return differences;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
