import type { ConnectionSeen } from '../../base/observe/seen.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeWimHeader, WIM_HEADER_LENGTH } from '../wire/codec.ts';
import { ByteRegion } from '../../base/observe/byte-region.ts';
import type { WimEvent } from './events.ts';
import type { FileDataSink } from '../../base/observe/file-data-sink.ts';
import type { SeenAt } from '../../base/observe/file-watch.ts';

/**
 * Names of images, and of images that are still written under another name: `captured.wim.partial`, `captured.wim.tmp`.
 */
const IMAGE_NAME = /\.(wim|swm|rwm|esd)(\.[a-z0-9]+)?$/i;
/**
 * Headers of one file that are reported: a writer needs two, one before its data and one when it knows where everything
 * lies.
 */
const MAX_TOLD = 8;
/** FLAG_HEADER_WRITE_IN_PROGRESS of the header's flags (WIM file format; wimlib include/wimlib/header.h). */
const WRITE_IN_PROGRESS = 0x40;

/** Looks for WIM headers in what is written to one open file, and copies nothing else. */
export class WrittenHeader {
  readonly #named: { readonly path: string; readonly fileId: string };
  readonly #emit: (event: WimEvent) => void;
  #told = 0;

  constructor(named: { readonly path: string; readonly fileId: string }, emit: (event: WimEvent) => void) {
    this.#named = { path: named.path, fileId: named.fileId };
    this.#emit = emit;
  }

  /** A write begins; undefined when it holds no header. */
  begin(offset: number, length: number, seen: SeenAt): FileDataSink | undefined {
    if (offset !== 0 || length < WIM_HEADER_LENGTH || this.#told >= MAX_TOLD || !IMAGE_NAME.test(this.#named.path))
      return undefined;
    const region = new ByteRegion(0, WIM_HEADER_LENGTH);
    return {
      unwanted: (position, left) => Math.min(left, region.nextMissing(position) - position),
      take: (position, bytes, at) => {
        const used = region.fill(position, bytes);
        if (used > 0 && region.complete) this.#tell(region.bytes, seen(at));
        return used;
      },
      done: () => undefined,
    };
  }

  #tell(bytes: Uint8Array, seen: ConnectionSeen): void {
    this.#told += 1;
    const header = decodeWimHeader(bytes);
    const facts = isMalformed(header)
      ? { complete: false, imageCount: 0, endsAt: 0, reason: header.reason }
      : {
          complete: (header.flags & WRITE_IN_PROGRESS) === 0,
          imageCount: header.imageCount,
          endsAt: header.xml.offset + header.xml.size,
        };
    this.#emit({ type: 'wim.header-written', ...this.#named, ...facts, ...seen });
  }
}
