import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

// The metadata of an image in a WIM without compression: every file with all that NTFS holds of it, in full. The listing that
// wimlib prints has times in seconds only. Structures: wimlib's include/wimlib/header.h, src/dentry.c and src/security.c.

/** A file, folder or link. */
export interface WimEntry {
  readonly path: string;
  /** Where its entry is in the metadata, which `changeWimEntries` writes. */
  readonly at: number;
  /** FILE_ATTRIBUTE_… */
  readonly attributes: number;
  /** Units of 100 ns since 1601. */
  readonly created: bigint;
  readonly accessed: bigint;
  readonly changed: bigint;
  /** 8.3 name; empty for none. */
  readonly shortName: string;
  /** SHA-1 of its security descriptor; undefined for none. */
  readonly security: string | undefined;
  readonly reparseTag: number | undefined;
  /** Names of one file have the same number; 0n for a file with one name. */
  readonly hardLinkGroup: bigint;
  /** Named data streams, and the unnamed one as ``: SHA-1 and size. Absent where there is nothing in it. */
  readonly streams: ReadonlyMap<string, { readonly sha1: string; readonly bytes: number }>;
}

const HEADER_BYTES = 208;
const BLOB_TABLE_AT = 0x30;
const BLOB_BYTES = 50;
const SHA1_AT = 30;
// In an entry; behind the time of creation come those of access and change.
const [ATTRIBUTES_AT, TIMES_AT] = [8, 40];
const METADATA_FLAG = 0x02;
const DIRECTORY = 0x10;
const REPARSE_POINT = 0x400;
const DENTRY_BYTES = 102;

/** Every entry of the one image in a WIM that was captured with --compress=none, by path. */
export async function wimEntries(file: string): Promise<readonly WimEntry[]> {
  await using handle = await open(file, 'r');
  const { bytes, sizes } = await metadataOf(handle, file);
  return entriesOf(bytes, sizes);
}

/** What can be changed of an entry in place. */
export type WimEntryChange = Partial<Pick<WimEntry, 'attributes' | 'created' | 'accessed' | 'changed'>>;

/** Changes entries of such a WIM: what `change` says of each. */
export async function changeWimEntries(file: string, change: (entry: WimEntry) => WimEntryChange): Promise<void> {
  await using handle = await open(file, 'r+');
  const { bytes, sizes, at, tableEntryAt } = await metadataOf(handle, file);
  for (const entry of entriesOf(bytes, sizes)) {
    const { attributes, created, accessed, changed } = { ...entry, ...change(entry) };
    bytes.writeUInt32LE(attributes, entry.at + ATTRIBUTES_AT);
    for (const [index, time] of [created, accessed, changed].entries())
      bytes.writeBigUInt64LE(time, entry.at + TIMES_AT + 8 * index);
  }
  await handle.write(bytes, 0, bytes.length, at);
  // The table names every resource by its SHA-1.
  const sha1 = createHash('sha1').update(bytes).digest();
  await handle.write(sha1, 0, sha1.length, tableEntryAt + SHA1_AT);
}

async function metadataOf(handle: FileHandle, file: string) {
  const read = async (at: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, at);
    return bytes;
  };
  const table = resource(await read(0, HEADER_BYTES), BLOB_TABLE_AT);
  const blobs = await read(table.at, table.bytes);
  const sizes = new Map<string, number>();
  let metadata: (ReturnType<typeof resource> & { readonly tableEntryAt: number }) | undefined;
  for (let at = 0; at + BLOB_BYTES <= blobs.length; at += BLOB_BYTES) {
    const one = resource(blobs, at);
    if (one.flags & METADATA_FLAG) metadata = { ...one, tableEntryAt: table.at + at };
    else sizes.set(blobs.toString('hex', at + SHA1_AT, at + BLOB_BYTES), one.bytes);
  }
  if (metadata === undefined) throw new Error(`${file}: expected the metadata of an image, found none`);
  const { at, tableEntryAt } = metadata;
  return { bytes: await read(at, metadata.bytes), sizes, at, tableEntryAt };
}

/** A resource header: 7 bytes of size in the file, flags, offset, size once unpacked. */
function resource(bytes: Buffer, at: number): { readonly at: number; readonly bytes: number; readonly flags: number } {
  return {
    at: Number(bytes.readBigUInt64LE(at + 8)),
    bytes: Number(bytes.readBigUInt64LE(at + 16)),
    flags: bytes.readUInt8(at + 7),
  };
}

function entriesOf(metadata: Buffer, sizes: ReadonlyMap<string, number>): WimEntry[] {
  const security = securityDescriptors(metadata);
  const found: WimEntry[] = [];
  const walk = (at: number, folder: string): void => {
    for (let next = at; ; ) {
      const length = next + 8 > metadata.length ? 0 : Number(metadata.readBigUInt64LE(next));
      if (length < DENTRY_BYTES) return;
      const { entry, end, below } = dentry(metadata, next, folder, { sizes, security });
      found.push(entry);
      if (entry.attributes & DIRECTORY && below !== 0) walk(below, entry.path);
      // The root has no siblings.
      if (folder === '') return;
      next = end;
    }
  };
  walk(aligned(metadata.readUInt32LE(0)), '');
  return found;
}

function securityDescriptors(metadata: Buffer): string[] {
  const count = metadata.readUInt32LE(4);
  let at = 8 + 8 * count;
  return Array.from({ length: count }, (_, index) => {
    const bytes = Number(metadata.readBigUInt64LE(8 + 8 * index));
    const hash = createHash('sha1')
      .update(metadata.subarray(at, at + bytes))
      .digest('hex');
    at += bytes;
    return hash;
  });
}

function dentry(
  metadata: Buffer,
  at: number,
  folder: string,
  { sizes, security }: { readonly sizes: ReadonlyMap<string, number>; readonly security: readonly string[] },
): { readonly entry: WimEntry; readonly end: number; readonly below: number } {
  const attributes = metadata.readUInt32LE(at + ATTRIBUTES_AT);
  const isReparse = (attributes & REPARSE_POINT) !== 0;
  const [streamCount, shortBytes, nameBytes] = [96, 98, 100].map((field) => metadata.readUInt16LE(at + field));
  const name = metadata.toString('utf16le', at + DENTRY_BYTES, at + DENTRY_BYTES + (nameBytes ?? 0));
  const shortAt = at + DENTRY_BYTES + (nameBytes ? nameBytes + 2 : 0);
  const streams: WimEntry['streams'] & Map<string, { sha1: string; bytes: number }> = new Map();
  const addStream = (streamName: string, hashAt: number): void => {
    const sha1 = metadata.toString('hex', hashAt, hashAt + 20);
    if (!/^0+$/.test(sha1)) streams.set(streamName, { sha1, bytes: sizes.get(sha1) ?? 0 });
    // A named stream is there when it is empty, too.
    else if (streamName !== '') streams.set(streamName, { sha1: 'none', bytes: 0 });
  };
  addStream('', at + 64);
  let end = at + aligned(Number(metadata.readBigUInt64LE(at)));
  for (let left = streamCount ?? 0; left > 0; left--) {
    const streamBytes = metadata.readUInt16LE(end + 36);
    addStream(metadata.toString('utf16le', end + 38, end + 38 + streamBytes), end + 16);
    end += aligned(Number(metadata.readBigUInt64LE(end)));
  }
  const descriptor = metadata.readInt32LE(at + 12);
  return {
    entry: {
      at,
      path: folder === '' ? '/' : `${folder === '/' ? '' : folder}/${name}`,
      attributes,
      created: metadata.readBigUInt64LE(at + TIMES_AT),
      accessed: metadata.readBigUInt64LE(at + TIMES_AT + 8),
      changed: metadata.readBigUInt64LE(at + TIMES_AT + 16),
      shortName: metadata.toString('utf16le', shortAt, shortAt + (shortBytes ?? 0)),
      security: descriptor < 0 ? undefined : security[descriptor],
      reparseTag: isReparse ? metadata.readUInt32LE(at + 88) : undefined,
      hardLinkGroup: isReparse ? 0n : metadata.readBigUInt64LE(at + 88),
      streams,
    },
    end,
    below: Number(metadata.readBigUInt64LE(at + 16)),
  };
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;
