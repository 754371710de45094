import type { CapturedFrame } from '../captured-frame.ts';
import { CaptureFormatError } from '../capture-format-error.ts';
import { MAX_RECORD_BYTES, refuseAbsurdLength, type RecordFormat } from './record-splitter.ts';

// The classic format, draft-ietf-opsawg-pcap: a file header, then records of a header and the stored bytes.

/** magic 4 + version 2 + 2 + reserved 4 + 4 + snap length 4 + link type 4. */
const FILE_HEADER_BYTES = 24;
/** seconds 4 + fraction 4 + captured length 4 + original length 4. */
const RECORD_HEADER_BYTES = 16;
/** The same plus interface index 4 + protocol 2 + packet type 1 + padding 1. */
const MODIFIED_RECORD_HEADER_BYTES = 24;
/**
 * libpcap's MAXIMUM_SNAPLEN: records up to it are read even where the file header says less, as libpcap and Wireshark
 * do.
 */
const TOLERATED_FRAME_BYTES = 262_144;
/** The upper six bits of the link type field give the length of a frame check sequence (draft section 4). */
const LINK_TYPE_MASK = 0x03ff_ffff;

interface Variant {
  readonly nanoseconds: boolean;
  readonly recordHeaderBytes: number;
}

/** By magic number, read in the file's own byte order. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2_c3d4, { nanoseconds: false, recordHeaderBytes: RECORD_HEADER_BYTES }],
  [0xa1b2_3c4d, { nanoseconds: true, recordHeaderBytes: RECORD_HEADER_BYTES }],
  // Alexey Kuznetzov's patched libpcap, Wireshark's "modified tcpdump".
  [0xa1b2_cd34, { nanoseconds: false, recordHeaderBytes: MODIFIED_RECORD_HEADER_BYTES }],
]);

/** True when these four bytes begin a classic capture, in either byte order. */
export function isPcapMagic(view: DataView, at: number): boolean {
  return VARIANTS.has(view.getUint32(at, true)) || VARIANTS.has(view.getUint32(at, false));
}

/** Records of the classic pcap format: microseconds and nanoseconds, both byte orders, modified record headers. */
export class PcapFormat implements RecordFormat {
  linkType: number | undefined;
  readonly dropped = undefined;
  #littleEndian = true;
  #nanoseconds = false;
  #headerBytes = RECORD_HEADER_BYTES;
  #limitBytes = TOLERATED_FRAME_BYTES;
  #number = 0;

  take(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    available: number,
    byteOffset: number,
    into: CapturedFrame[],
  ): number {
    if (this.linkType === undefined)
      return available < FILE_HEADER_BYTES ? -FILE_HEADER_BYTES : this.#takeFileHeader(view, at, byteOffset);
    const headerBytes = this.#headerBytes;
    if (available < headerBytes) return -headerBytes;
    const littleEndian = this.#littleEndian;
    const capturedLength = view.getUint32(at + 8, littleEndian);
    if (capturedLength > this.#limitBytes)
      refuseAbsurdLength('a frame', capturedLength, this.#limitBytes, byteOffset + 8);
    const end = headerBytes + capturedLength;
    if (available < end) return -end;
    const fraction = view.getUint32(at + 4, littleEndian);
    this.#number += 1;
    into.push({
      number: this.#number,
      atUs: view.getUint32(at, littleEndian) * 1_000_000 + (this.#nanoseconds ? Math.floor(fraction / 1000) : fraction),
      bytes: bytes.subarray(at + headerBytes, at + end),
      originalLength: view.getUint32(at + 12, littleEndian),
    });
    return end;
  }

  describe(needBytes: number): string {
    if (this.linkType === undefined) return 'the file header';
    return needBytes === this.#headerBytes ? 'a record header' : 'a record';
  }

  #takeFileHeader(view: DataView, at: number, byteOffset: number): number {
    this.#littleEndian = VARIANTS.has(view.getUint32(at, true));
    const variant = VARIANTS.get(view.getUint32(at, this.#littleEndian));
    if (variant === undefined)
      throw new CaptureFormatError({
        byteOffset,
        expected: 'a pcap magic number',
        got: `0x${view.getUint32(at, false).toString(16).padStart(8, '0')}`,
      });
    this.#nanoseconds = variant.nanoseconds;
    this.#headerBytes = variant.recordHeaderBytes;
    const major = view.getUint16(at + 4, this.#littleEndian);
    const minor = view.getUint16(at + 6, this.#littleEndian);
    // Before 2.4 the two lengths of a record could be exchanged (libpcap, sf-pcap.c); no writer of the last 25 years
    // makes such a file.
    if (major !== 2 || minor < 4) {
      throw new CaptureFormatError({
        byteOffset: byteOffset + 4,
        expected: 'pcap version 2.4',
        got: `version ${major}.${minor}`,
        advice: 'convert it with `editcap -F pcap OLD NEW`',
      });
    }
    const snapLength = view.getUint32(at + 16, this.#littleEndian);
    this.#limitBytes = Math.min(MAX_RECORD_BYTES - this.#headerBytes, Math.max(TOLERATED_FRAME_BYTES, snapLength));
    this.linkType = view.getUint32(at + 20, this.#littleEndian) & LINK_TYPE_MASK;
    return FILE_HEADER_BYTES;
  }
}
