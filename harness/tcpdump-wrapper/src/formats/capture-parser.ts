import type { CapturedFrame, Truncation } from '../captured-frame.ts';
import { CaptureFormatError } from '../capture-format-error.ts';
import { isPcapMagic, PcapFormat } from './pcap-format.ts';
import { BLOCK, PcapngFormat } from './pcapng-format.ts';
import { RecordSplitter, type RecordFormat } from './record-splitter.ts';

const MAGIC_BYTES = 4;

/** Turns the bytes of a pcap or pcapng capture, in chunks of any size, into frames. */
export interface CaptureParser {
  /** undefined until the capture has said it. */
  readonly linkType: number | undefined;
  /** Frames that the capture itself says were lost. */
  readonly dropped: number | undefined;
  /**
   * Frames that this chunk completes; they are views into it, so the caller must not reuse its memory. Throws
   * CaptureFormatError; frames before the damage are returned first, the error comes with the next call.
   */
  push(chunk: Uint8Array): CapturedFrame[];
  /**
   * To be called after the last chunk. Throws where no frame could have been read at all: empty, no capture, not even a
   * header.
   */
  end(): Truncation | undefined;
}

/** A parser that finds out by itself which of the formats it is given. */
export function createCaptureParser(): CaptureParser {
  const format = new SniffedFormat();
  const splitter = new RecordSplitter(format);
  let receivedBytes = 0;
  return {
    get linkType() {
      return format.linkType;
    },
    get dropped() {
      return format.dropped;
    },
    push(chunk) {
      receivedBytes += chunk.length;
      return splitter.push(chunk);
    },
    end() {
      const truncation = splitter.end();
      if (format.linkType !== undefined) return truncation;
      if (receivedBytes === 0)
        throw new CaptureFormatError({ byteOffset: 0, expected: 'a pcap or pcapng capture', got: 'an empty file' });
      throw new CaptureFormatError({
        byteOffset: receivedBytes,
        expected: 'a file header or an interface description',
        got: truncation === undefined ? 'the end of the file' : `the end of the file: ${truncation.reason}`,
      });
    },
  };
}

/** Decides by the first four bytes, then is the format that they announce. */
class SniffedFormat implements RecordFormat {
  #format: RecordFormat | undefined;

  get linkType(): number | undefined {
    return this.#format?.linkType;
  }

  get dropped(): number | undefined {
    return this.#format?.dropped;
  }

  take(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    available: number,
    byteOffset: number,
    into: CapturedFrame[],
  ): number {
    if (this.#format === undefined) {
      if (available < MAGIC_BYTES) return -MAGIC_BYTES;
      this.#format = announced(view, at);
    }
    return this.#format.take(bytes, view, at, available, byteOffset, into);
  }

  describe(needBytes: number): string {
    return this.#format?.describe(needBytes) ?? 'a magic number';
  }
}

/** Compressed captures, which Wireshark opens and this reader does not. */
const COMPRESSED: readonly { readonly magic: number; readonly mask: number; readonly command: string }[] = [
  { magic: 0x1f8b_0000, mask: 0xffff_0000, command: 'gunzip' },
  { magic: 0x28b5_2ffd, mask: 0xffff_ffff, command: 'unzstd' },
  { magic: 0x0422_4d18, mask: 0xffff_ffff, command: 'unlz4' },
];

function announced(view: DataView, at: number): RecordFormat {
  const magic = view.getUint32(at, false);
  if (magic === BLOCK.section) return new PcapngFormat();
  if (isPcapMagic(view, at)) return new PcapFormat();
  const compressed = COMPRESSED.find((one) => (magic & one.mask) >>> 0 === one.magic);
  throw new CaptureFormatError({
    byteOffset: 0,
    expected: 'the magic number of a pcap or pcapng capture',
    got: `0x${magic.toString(16).padStart(8, '0')}`,
    ...(compressed !== undefined && { advice: `it is compressed: run \`${compressed.command}\` on it first` }),
  });
}
