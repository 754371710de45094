import type { ConnectionSeen } from '../../base/observe/seen.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import {
  decodeWimBlobTable,
  decodeWimHeader,
  WIM_FLAGS,
  WIM_HEADER_LENGTH,
  type WimBlob,
  type WimHeader,
} from '../wire/codec.ts';
import { decodeWimXml } from '../wire/xml.ts';
import { ByteRegion } from '../../base/observe/byte-region.ts';
import type { EventBody } from '../../base/observe/event-body.ts';
import type { FileDataSink } from '../../base/observe/file-data-sink.ts';
import type { SeenAt } from '../../base/observe/file-watch.ts';
import type { WimEvent } from './events.ts';

/** Longest image list that is kept: 20 images of Windows take 60 kB. */
const MAX_XML_BYTES = 1 << 20;
/**
 * Longest blob table that is kept, of an image whose files' data lies in another part: an image of Windows has some 60
 * 000 entries of 50 bytes.
 */
const MAX_TABLE_BYTES = 1 << 22;
/** Names that only images have; a file of such a name without a WIM header is damaged (harness/docs/protocols.md 5). */
const IMAGE_NAME = /\.(wim|swm|rwm|esd)$/i;

interface File {
  readonly path: string;
  readonly fileId: string;
  readonly endOfFile: number;
}

/** Where headers are remembered between opens, and where events go. */
interface WimHooks {
  known(): WimHeader | undefined;
  found(header: WimHeader): void;
  /** An image whose files' data lies in another part says where. */
  listed(header: WimHeader, blobs: readonly WimBlob[]): void;
  emit(event: WimEvent): void;
}

/** One read that was answered. */
interface Read {
  readonly offset: number;
  readonly length: number;
  readonly requestFrame: number;
}

type WimBody = EventBody<WimEvent, keyof ConnectionSeen | 'path' | 'fileId'>;

/** Looks for the header and the image list of a WIM in what is read of one open file, and copies nothing else. */
export class WimReading {
  readonly #file: File;
  readonly #hooks: WimHooks;
  /** Looked for first, then nothing or the list. */
  #header: ByteRegion | undefined = new ByteRegion(0, WIM_HEADER_LENGTH);
  #list: ByteRegion | undefined;
  #table: { readonly header: WimHeader; readonly region: ByteRegion } | undefined;
  #listRead: { offset: number; bytes: number; firstFrame: number } | undefined;
  /** The list was found, or can not be looked for. */
  #over = false;

  constructor(file: File, hooks: WimHooks) {
    this.#file = file;
    this.#hooks = hooks;
  }

  /** An answer to a read begins; it is asked for its wanted parts in order. */
  begin(read: Read, seenAt: SeenAt): FileDataSink {
    if (!this.#over && !this.#list) this.#lookForList(this.#hooks.known());
    let usedByList = false;
    return {
      unwanted: (position, left) => {
        const offset = read.offset + position;
        return Math.min(
          left,
          Math.min(
            this.#header?.nextMissing(offset) ?? Infinity,
            this.#list?.nextMissing(offset) ?? Infinity,
            this.#table?.region.nextMissing(offset) ?? Infinity,
          ) - offset,
        );
      },
      take: (position, bytes, frame) => {
        const offset = read.offset + position;
        const ofHeader = this.#header?.fill(offset, bytes) ?? 0;
        if (ofHeader > 0) {
          if (this.#header?.complete) this.#readHeader(this.#header.bytes, read, seenAt(frame));
          return ofHeader;
        }
        const ofTable = this.#table?.region.fill(offset, bytes) ?? 0;
        if (ofTable > 0) {
          this.#readTable();
          return ofTable;
        }
        const ofList = this.#list?.fill(offset, bytes) ?? 0;
        if (ofList > 0 && !usedByList) {
          usedByList = true;
          this.#countListRead(read);
        }
        if (ofList > 0 && this.#list?.complete) this.#readList(this.#list.bytes, seenAt(frame));
        return ofList;
      },
      done: (frame) => {
        this.#checkShort(read, seenAt(frame));
      },
    };
  }

  #readHeader(bytes: Uint8Array, read: Read, seen: ConnectionSeen): void {
    this.#header = undefined;
    const header = decodeWimHeader(bytes);
    if (isMalformed(header)) {
      if (IMAGE_NAME.test(this.#file.path)) this.#tell(seen, { type: 'wim.damaged', reason: header.reason });
      return;
    }
    this.#hooks.found(header);
    this.#tell(seen, {
      type: 'wim.header',
      imageCount: header.imageCount,
      bootIndex: header.bootIndex,
      partNumber: header.partNumber,
      totalParts: header.totalParts,
      compressed: header.compressed,
      treesOnly: (header.flags & WIM_FLAGS.metadataOnly) !== 0,
      xmlOffset: header.xml.offset,
      xmlSize: header.xml.size,
      endOfFile: this.#file.endOfFile,
      firstFrame: read.requestFrame,
      bytes: read.length,
    });
    this.#lookForList(header);
    if (header.xml.size > MAX_XML_BYTES)
      this.#tell(seen, {
        type: 'wim.damaged',
        reason: `the image list has ${header.xml.size} bytes, expected at most ${MAX_XML_BYTES}`,
      });
  }

  #lookForList(header: WimHeader | undefined): void {
    if (!header) return;
    this.#list = undefined;
    this.#lookForTable(header);
    if (header.xml.size > 0 && header.xml.size <= MAX_XML_BYTES)
      this.#list = new ByteRegion(header.xml.offset, header.xml.size);
    else this.#over = true;
  }

  /** Where the data lies matters only for an image that does not hold it. */
  #lookForTable(header: WimHeader): void {
    const { flags, blobTable, totalParts } = header;
    if (
      this.#table ||
      (flags & WIM_FLAGS.metadataOnly) === 0 ||
      totalParts < 2 ||
      blobTable.size === 0 ||
      blobTable.size > MAX_TABLE_BYTES
    )
      return;
    this.#table = { header, region: new ByteRegion(blobTable.offset, blobTable.size) };
  }

  #readTable(): void {
    if (!this.#table?.region.complete) return;
    const blobs = decodeWimBlobTable(this.#table.region.bytes);
    if (!isMalformed(blobs)) this.#hooks.listed(this.#table.header, blobs);
  }

  /** Clients read the list in parts, and pages of it twice: `bytes` reach from the first byte read to the last. */
  #countListRead({ offset, length, requestFrame }: Read): void {
    const before = this.#listRead ?? { offset, bytes: length, firstFrame: requestFrame };
    const start = Math.min(before.offset, offset);
    const end = Math.max(before.offset + before.bytes, offset + length);
    this.#listRead = { offset: start, bytes: end - start, firstFrame: before.firstFrame };
  }

  #readList(bytes: Uint8Array, seen: ConnectionSeen): void {
    this.#list = undefined;
    this.#over = true;
    const list = decodeWimXml(bytes);
    if (isMalformed(list)) this.#tell(seen, { type: 'wim.damaged', reason: list.reason });
    else if (this.#listRead) {
      const images = list.map(({ index, name, totalBytes, architecture }) => ({
        index,
        name,
        totalBytes,
        ...(architecture === undefined ? {} : { architecture }),
      }));
      this.#tell(seen, { type: 'wim.tail', ...this.#listRead, images });
    }
  }

  /** A read from the start that the server ended before the header's last byte: the file is too short for an image. */
  #checkShort({ offset, length }: Read, seen: ConnectionSeen): void {
    const { endOfFile, path } = this.#file;
    if (!this.#header || offset !== 0 || length !== endOfFile || length >= WIM_HEADER_LENGTH || !IMAGE_NAME.test(path))
      return;
    this.#header = undefined;
    this.#tell(seen, {
      type: 'wim.damaged',
      truncated: true,
      reason: `the file has ${endOfFile} bytes, expected at least the ${WIM_HEADER_LENGTH} of a header`,
    });
  }

  #tell(seen: ConnectionSeen, body: WimBody): void {
    this.#hooks.emit({ ...body, path: this.#file.path, fileId: this.#file.fileId, ...seen });
  }
}
