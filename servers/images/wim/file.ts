import { open, type FileHandle } from 'node:fs/promises';
import { isMalformed, type Malformed } from '../../../harness/packet/malformed.ts';
import {
  decodeWimBlobTable,
  decodeWimHeader,
  WIM_BLOB_ENTRY_LENGTH,
  WIM_HEADER_LENGTH,
  type WimBlob,
  type WimHeader,
  type WimResource,
} from '../../../harness/protocols/wim/wire/codec.ts';
import { decodeWimIntegrity, type WimIntegrity } from '../../../harness/protocols/wim/wire/integrity.ts';
import { decodeWimXml, WIM_XML_LIMIT, type WimImage } from '../../../harness/protocols/wim/wire/xml.ts';
import { WimProblemError, type WimProblem, type WimProblemName } from './problem.ts';

/** Entries of a blob table that are read: Windows media with a dozen images have some 200 000. */
const MOST_BLOBS = 1_000_000;
/** Bytes of an integrity table that are read: enough for 8 TiB in chunks of 10 MiB. */
const MOST_INTEGRITY_BYTES = 16 * 1024 * 1024;
/** Blob table entries that are decoded at once. */
const BLOBS_AT_ONCE = 20_000;

/**
 * A WIM on disk. No claim of its header is believed before it was checked against the size of the file, so that a
 * hostile file costs no more memory than it has bytes. What is wrong is thrown as a WimProblemError.
 */
export class WimFile implements AsyncDisposable {
  readonly file: string;
  readonly size: number;
  readonly header: WimHeader;
  readonly handle: FileHandle;

  private constructor(file: string, size: number, header: WimHeader, handle: FileHandle) {
    this.file = file;
    this.size = size;
    this.header = header;
    this.handle = handle;
  }

  /** Opens a file and reads its header. */
  static async open(file: string): Promise<WimFile> {
    const handle = await open(file, 'r').catch((error: unknown) => {
      throw new WimProblemError({
        problem: 'wim-unreadable',
        file,
        expected: 'a file that can be read',
        got: messageOf(error),
      });
    });
    try {
      const found = await handle.stat();
      if (!found.isFile())
        throw new WimProblemError({
          problem: 'wim-unreadable',
          file,
          expected: 'a file',
          got: found.isDirectory() ? 'a folder' : 'something else',
        });
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(WIM_HEADER_LENGTH), 0, WIM_HEADER_LENGTH, 0);
      if (bytesRead < WIM_HEADER_LENGTH)
        throw new WimProblemError({
          problem: 'wim-truncated',
          file,
          offset: bytesRead,
          expected: `at least the ${WIM_HEADER_LENGTH} bytes of a header`,
          got: `${bytesRead} bytes`,
        });
      const header = decodeWimHeader(buffer);
      if (isMalformed(header))
        throw new WimProblemError({
          problem: 'wim-header-damaged',
          file,
          offset: header.offset,
          expected: 'a WIM header',
          got: header.reason,
        });
      return new WimFile(file, found.size, header, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }

  /** The images that the XML data lists. */
  async images(): Promise<WimImage[]> {
    const { xml } = this.header;
    if (xml.size === 0) throw this.problem('wim-xml-damaged', 'XML data', 'none', WIM_HEADER_LENGTH);
    return this.#decoded(decodeWimXml(await this.xml()), 'wim-xml-damaged', 'XML data that lists the images', xml);
  }

  /** The XML data as it is stored. */
  async xml(): Promise<Uint8Array> {
    return this.#table(this.header.xml, 'the XML data', WIM_XML_LIMIT);
  }

  /** The integrity table; undefined in a file without one. */
  async integrity(): Promise<WimIntegrity | undefined> {
    const { integrity } = this.header;
    if (integrity.size === 0) return undefined;
    return this.#decoded(
      decodeWimIntegrity(await this.#table(integrity, 'the integrity table', MOST_INTEGRITY_BYTES)),
      'wim-integrity-damaged',
      'an integrity table',
      integrity,
    );
  }

  /** The blob table's entries, a few thousand at a time. */
  async *blobs(): AsyncGenerator<readonly WimBlob[]> {
    const { blobTable } = this.header;
    this.#checkTable(blobTable, 'the blob table', MOST_BLOBS * WIM_BLOB_ENTRY_LENGTH);
    if (blobTable.size % WIM_BLOB_ENTRY_LENGTH !== 0)
      throw this.problem(
        'wim-table-damaged',
        `a blob table of entries of ${WIM_BLOB_ENTRY_LENGTH} bytes`,
        `${blobTable.size} bytes`,
        blobTable.offset,
      );
    const step = BLOBS_AT_ONCE * WIM_BLOB_ENTRY_LENGTH;
    for (let at = 0; at < blobTable.size; at += step) {
      const offset = blobTable.offset + at;
      const bytes = await this.read(offset, Math.min(step, blobTable.size - at));
      yield this.#decoded(decodeWimBlobTable(bytes), 'wim-table-damaged', 'a blob table', { ...blobTable, offset });
    }
  }

  /** Bytes of the file; a WimProblemError when it ends before them. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.size)
      throw this.problem(
        'wim-resource-outside',
        `bytes within the ${this.size} of the file`,
        `bytes ${offset} to ${offset + length}`,
      );
    const { bytesRead, buffer } = await this.handle.read(Buffer.alloc(length), 0, length, offset);
    if (bytesRead < length)
      throw this.problem(
        'wim-truncated',
        `${length} bytes at offset ${offset}`,
        `${bytesRead} bytes: the file became shorter while it was read`,
        offset + bytesRead,
      );
    return buffer;
  }

  /** A problem of this file. */
  problem(problem: WimProblemName, expected: string, got: string, offset?: number): WimProblemError {
    const found: WimProblem = { problem, file: this.file, expected, got };
    return new WimProblemError(offset === undefined ? found : { ...found, offset });
  }

  async #table(resource: WimResource, what: string, most: number): Promise<Buffer> {
    this.#checkTable(resource, what, most);
    return this.read(resource.offset, resource.size);
  }

  /** Tables lie uncompressed after the header, whole within the file (wimlib header.c). */
  #checkTable({ size, originalSize, offset }: WimResource, what: string, most: number): void {
    if (size === 0) return;
    if (size > this.size || size > most)
      throw this.problem(
        'wim-header-damaged',
        `${what} to have at most ${Math.min(this.size, most)} bytes`,
        `${size} bytes`,
      );
    if (offset < WIM_HEADER_LENGTH)
      throw this.problem('wim-header-damaged', `${what} after the header`, `offset ${offset}`);
    if (size !== originalSize)
      throw this.problem('wim-header-damaged', `${what} uncompressed`, `${size} bytes stored for ${originalSize}`);
    if (offset + size > this.size)
      throw this.problem(
        'wim-truncated',
        `${what} up to offset ${offset + size}`,
        `a file of ${this.size} bytes`,
        this.size,
      );
  }

  #decoded<T>(value: T | Malformed, problem: WimProblemName, expected: string, { offset }: WimResource): T {
    if (isMalformed(value)) throw this.problem(problem, expected, value.reason, offset + value.offset);
    return value;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
