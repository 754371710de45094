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
      this.#format = announced(bytes, view, at);
    }
    return this.#format.take(bytes, view, at, available, byteOffset, into);
  }

  describe(needBytes: number): string {
    return this.#format?.describe(needBytes) ?? 'a magic number';
  }
}

/** Files that people take for captures, by the four bytes that they begin with: what each is, and the way on. */
const FOREIGN: readonly { readonly magic: string; readonly name: string; readonly advice: string }[] = [
  { magic: 'GMBU', name: 'a capture of Microsoft Network Monitor', advice: editcap() },
  { magic: 'RTSS', name: 'a capture of Microsoft Network Monitor 1', advice: editcap() },
  { magic: 'snoo', name: 'a capture of snoop (Solaris)', advice: editcap() },
  // What openCaptureFile unpacks by itself, unless it was compressed twice.
  { magic: '\x1f\x8b', name: 'data that is compressed by gzip', advice: 'run `gunzip` on it first' },
  { magic: '\xfd7zX', name: 'data that is compressed by xz', advice: 'run `unxz` on it first' },
  { magic: '\x28\xb5\x2f\xfd', name: 'data that is compressed by zstd', advice: 'run `unzstd` on it first' },
  { magic: '\x04\x22\x4d\x18', name: 'data that is compressed by lz4', advice: 'run `unlz4` on it first' },
  { magic: 'BZh', name: 'data that is compressed by bzip2', advice: 'run `bunzip2` on it first' },
  { magic: 'PK\x03\x04', name: 'a ZIP archive', advice: 'name a capture file in it: `unzip` it first' },
  { magic: '7z\xbc\xaf', name: 'a 7z archive', advice: 'name a capture file in it: `7z x` it first' },
];

function editcap(): string {
  return 'convert it with `editcap -F pcapng IN OUT`, a program of Wireshark';
}

function announced(bytes: Uint8Array, view: DataView, at: number): RecordFormat {
  const magic = view.getUint32(at, false);
  if (magic === BLOCK.section) return new PcapngFormat();
  if (isPcapMagic(view, at)) return new PcapFormat();
  const begin = String.fromCharCode(...bytes.subarray(at, at + MAGIC_BYTES));
  const foreign = FOREIGN.find((one) => begin.startsWith(one.magic));
  throw new CaptureFormatError({
    byteOffset: 0,
    expected: 'the magic number of a pcap or pcapng capture',
    got: foreign?.name ?? `0x${magic.toString(16).padStart(8, '0')}`,
    advice:
      foreign?.advice ??
      'if it is a capture, convert it: `etl2pcapng` for a trace of Windows (.etl), `editcap -F pcapng IN OUT` for other formats',
  });
}
