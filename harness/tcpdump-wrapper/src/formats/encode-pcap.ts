import type { CapturedFrame } from '../captured-frame.ts';

/** magic 4 + version 2 + 2 + reserved 8 + snap length 4 + link type 4 (draft-ietf-opsawg-pcap section 4). */
const PCAP_FILE_HEADER_BYTES = 24;
/** seconds 4 + microseconds 4 + captured length 4 + original length 4 (section 5). */
export const PCAP_RECORD_HEADER_BYTES = 16;
/** What "no limit" is called in a file header: libpcap's MAXIMUM_SNAPLEN. */
export const MAX_SNAP_LENGTH = 262_144;

/** The file header of a little-endian capture with microseconds. */
export function pcapFileHeader(linkType: number, snapLength: number = MAX_SNAP_LENGTH): Uint8Array {
  const header = new Uint8Array(PCAP_FILE_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xa1b2_c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snapLength, true);
  view.setUint32(20, linkType, true);
  return header;
}

/** Writes a record's header at `at`; `keptBytes` of the frame follow it. */
export function putPcapRecordHeader(view: DataView, at: number, frame: CapturedFrame, keptBytes: number): void {
  const seconds = Math.floor(frame.atUs / 1_000_000);
  view.setUint32(at, seconds, true);
  view.setUint32(at + 4, frame.atUs - seconds * 1_000_000, true);
  view.setUint32(at + 8, keptBytes, true);
  view.setUint32(at + 12, frame.originalLength, true);
}

/** A whole pcap capture in memory, for tests and small evidence. */
export function encodePcap(
  frames: readonly CapturedFrame[],
  { linkType = 1, snapLength }: { linkType?: number; snapLength?: number } = {},
): Uint8Array {
  const total = frames.reduce(
    (sum, frame) => sum + PCAP_RECORD_HEADER_BYTES + frame.bytes.length,
    PCAP_FILE_HEADER_BYTES,
  );
  const capture = new Uint8Array(total);
  const view = new DataView(capture.buffer);
  capture.set(pcapFileHeader(linkType, snapLength), 0);
  let at = PCAP_FILE_HEADER_BYTES;
  for (const frame of frames) {
    putPcapRecordHeader(view, at, frame, frame.bytes.length);
    capture.set(frame.bytes, at + PCAP_RECORD_HEADER_BYTES);
    at += PCAP_RECORD_HEADER_BYTES + frame.bytes.length;
  }
  return capture;
}
