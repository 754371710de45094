/** One file, folder or link of an image or a disk. What a tree cannot say of its entries is absent. */
export interface TreeEntry {
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits, 0o7777. */
  readonly mode?: number;
  /** `uid:gid`. */
  readonly owner?: string;
  /** Windows attributes, FILE_ATTRIBUTE_… ([MS-FSCC] section 2.6). */
  readonly attributes?: number;
  /** Time of the last change, seconds since 1970. */
  readonly modifiedS?: number;
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
const DIRECTORY = 0x10;
// Reparse points that wimlib makes links of: symbolic links and junctions ([MS-FSCC] section 2.1.2.1).
const LINKS = new Set(['0xa000000c', '0xa0000003']);
// wimlib reports a hash of zeros for an empty file, since a WIM stores no stream for it.
const NO_STREAM = /^0+$/;
const SHA1_OF_NOTHING = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';

/** Environment in which wimlib prints its listings in the form that `parseWimListing` reads. */
export const LISTING_ENVIRONMENT = { TZ: 'UTC', LC_ALL: 'C.UTF-8' } as const;

/**
 * The type and permissions that a mode says. An entry that is no file, folder or link is `other`, such as a device.
 */
export function modeFacts(mode: number): { readonly type: TreeEntry['type']; readonly mode: number } {
  return { type: TYPES.get(mode & 0o170000) ?? 'other', mode: mode & 0o7777 };
}

/**
 * The tree in the output of `wimlib-imagex dir --detailed`, by absolute path. Entries have an owner and a mode if the
 * image was captured with `--unix-data`, and Windows attributes if it was not. The output has no link targets.
 */
export function parseWimListing(text: string): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const block of text.split(/^(?=Full Path)/m)) {
    const path = /^Full Path\s*= "(.*)"$/m.exec(block)?.[1];
    if (path !== undefined) entries.set(path, parseEntry(block));
  }
  return entries;
}

function parseEntry(block: string): TreeEntry {
  const attributes = Number(/^Attributes\s*= (0x[0-9a-f]+)$/m.exec(block)?.[1] ?? 0);
  const unix = /^UNIX Data\s*= uid:(\d+) gid:(\d+) mode:(0\d+)/m.exec(block);
  const tag = /^Reparse Tag\s*= (0x[0-9a-f]+)$/m.exec(block)?.[1];
  const { type, ...rights } = unix
    ? { ...modeFacts(Number.parseInt(unix[3] ?? '', 8)), owner: `${unix[1] ?? ''}:${unix[2] ?? ''}` }
    : { type: windowsType(attributes, tag), attributes };
  const modifiedS = parseTime(/^Last Write Time\s*= (.*)$/m.exec(block)?.[1] ?? '');
  const entry = { type, ...rights, ...(modifiedS === undefined ? {} : { modifiedS }) };
  // Other reparse points, such as files that Windows compressed, have their content in a form of their own.
  if (type !== 'file' || tag !== undefined) return entry;
  const stream = /^\s*Unnamed data stream:\n([^]*?)(?:^\s*\w[\w ]* stream|$(?![^]))/m.exec(block)?.[1] ?? '';
  const sha1 = /^\s*Hash\s+= 0x([0-9a-f]{40})$/m.exec(stream)?.[1] ?? '';
  const size = Number(/^\s*Uncompressed size = (\d+) bytes$/m.exec(stream)?.[1] ?? 0);
  return { ...entry, size, sha1: NO_STREAM.test(sha1) ? SHA1_OF_NOTHING : sha1 };
}

function windowsType(attributes: number, tag: string | undefined): TreeEntry['type'] {
  if (tag !== undefined && LINKS.has(tag)) return 'link';
  return attributes & DIRECTORY ? 'folder' : 'file';
}

/** `Fri Jun  1 00:00:00 2012 UTC`; undefined for anything else. */
function parseTime(text: string): number | undefined {
  const [, day, clock, year] = /^\w{3} (\w{3} +\d+) ([\d:]{8}) (\d+) UTC$/.exec(text) ?? [];
  const ms = Date.parse(`${day ?? ''} ${year ?? ''} ${clock ?? ''} UTC`);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
