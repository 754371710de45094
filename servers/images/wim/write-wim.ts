import type { FileHandle } from 'node:fs/promises';
import { encodeWimBlobTable, encodeWimHeader, encodeWimIntegrity } from '../../../harness/protocols/wim/wire/encode.ts';
import { integrityChunks, WIM_INTEGRITY_CHUNK } from '../../../harness/protocols/wim/wire/integrity.ts';
import {
  WIM_HEADER_LENGTH,
  type WimBlob,
  type WimHeader,
  type WimResource,
} from '../../../harness/protocols/wim/wire/codec.ts';
import { sha1OfRange } from './hash-range.ts';
import type { WimFile } from './file.ts';

/** Fields of a header besides the places of its tables. */
export type WimIdentity = Omit<WimHeader, 'kind' | 'compressed' | 'pipable' | 'blobTable' | 'xml' | 'integrity'>;

/** A table or boot image that a file does not have. */
export const NO_RESOURCE: WimResource = { size: 0, flags: 0, offset: 0, originalSize: 0 };

const BYTES_AT_ONCE = 1 << 20;

/** Copies a resource to `at` as it is stored, whatever its bytes are. */
export async function copyResource(
  from: WimFile,
  { offset, size }: WimResource,
  to: FileHandle,
  at: number,
): Promise<void> {
  for (let done = 0; done < size; ) {
    const bytes = await from.read(offset + done, Math.min(BYTES_AT_ONCE, size - done));
    await writeAll(to, bytes, at + done);
    done += bytes.length;
  }
}

/**
 * Ends a WIM whose resources lie between its header and `end`: blob table, XML data, integrity table, and the header
 * last. The file is on the disk when this resolves.
 */
export async function finishWim(
  handle: FileHandle,
  identity: WimIdentity,
  blobs: readonly WimBlob[],
  xml: Uint8Array,
  end: number,
): Promise<void> {
  const table = encodeWimBlobTable(blobs);
  await writeAll(handle, table, end);
  const covered = end + table.length;
  const integrity = encodeWimIntegrity({ chunkSize: WIM_INTEGRITY_CHUNK, sha1: await hashes(handle, covered) });
  await writeAll(handle, xml, covered);
  await writeAll(handle, integrity, covered + xml.length);
  await handle.truncate(covered + xml.length + integrity.length);
  await writeAll(
    handle,
    encodeWimHeader({
      ...identity,
      pipable: false,
      blobTable: plain(end, table),
      xml: plain(covered, xml),
      integrity: plain(covered + xml.length, integrity),
    }),
    0,
  );
  await handle.sync();
}

async function hashes(handle: FileHandle, end: number): Promise<string[]> {
  const count = Math.ceil((end - WIM_HEADER_LENGTH) / WIM_INTEGRITY_CHUNK);
  const chunks =
    integrityChunks({ chunkSize: WIM_INTEGRITY_CHUNK, sha1: Array.from({ length: count }, () => '') }, end) ?? [];
  const sha1: string[] = [];
  for (const { offset, length } of chunks) sha1.push(await sha1OfRange(handle, offset, length));
  return sha1;
}

const plain = (offset: number, bytes: Uint8Array): WimResource =>
  bytes.length === 0 ? NO_RESOURCE : { size: bytes.length, flags: 0, offset, originalSize: bytes.length };

/** `write` may write less than it was given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
