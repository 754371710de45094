/** One file, folder or link of an image or a disk. */
export interface TreeEntry {
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits, 0o7777. */
  readonly mode: number;
  /** Files only. */
  readonly size?: number;
  /** Files only, hexadecimal; of the uncompressed content. */
  readonly sha1?: string;
  /** Links only. */
  readonly target?: string;
}

// S_IFMT and its values, inode(7).
const TYPES = new Map<number, TreeEntry['type']>([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
]);
// wimlib reports a hash of zeros for an empty file, since a WIM stores no stream for it.
const NO_STREAM = /^0+$/;
const SHA1_OF_NOTHING = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';

/**
 * The tree in the output of `wimlib-imagex dir --detailed` of an image captured with `--unix-data`, by absolute path.
 * That output has no link targets.
 */
export function parseWimListing(text: string): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const block of text.split(/^(?=Full Path)/m)) {
    const path = /^Full Path\s*= "(.*)"$/m.exec(block)?.[1];
    const mode = Number.parseInt(/^UNIX Data .*mode:(0\d+)/m.exec(block)?.[1] ?? '', 8);
    if (path === undefined || Number.isNaN(mode)) continue;
    const type = TYPES.get(mode & 0o170000) ?? 'other';
    const entry = { type, mode: mode & 0o7777 };
    if (type !== 'file') {
      entries.set(path, entry);
      continue;
    }
    const sha1 = /^\s*Hash\s+= 0x([0-9a-f]{40})$/m.exec(block)?.[1] ?? '';
    const size = Number(/^\s*Uncompressed size = (\d+) bytes$/m.exec(block)?.[1] ?? 0);
    entries.set(path, { ...entry, size, sha1: NO_STREAM.test(sha1) ? SHA1_OF_NOTHING : sha1 });
  }
  return entries;
}
