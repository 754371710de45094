import type { CapturedFrame } from '../captured-frame.ts';
import { CaptureFormatError } from '../capture-format-error.ts';
import { BlockBody } from './pcapng-block.ts';
import { interfaceDescription, droppedOption, type CaptureInterface } from './pcapng-interface.ts';
import { MAX_RECORD_BYTES, refuseAbsurdLength, type RecordFormat } from './record-splitter.ts';

// draft-ietf-opsawg-pcapng: blocks of type 4 + total length 4 + body + total length 4, padded to 32 bits.

/** Block types of section 11.1 of the draft. The section header reads the same in both byte orders. */
export const BLOCK = {
  section: 0x0a0d_0d0a,
  interface: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  statistics: 5,
  enhancedPacket: 6,
} as const;
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
/** type 4 + length 4 before the body, length 4 after it. */
const BLOCK_FRAMING_BYTES = 12;
/** framing 12 + byte-order magic 4 + version 2 + 2 + section length 8. */
const SECTION_MIN_BYTES = 28;
/**
 * interface 4 + timestamp 4 + 4 + captured length 4 + original length 4 (interface 2 + drops 2 in the obsolete block).
 */
const PACKET_FIXED_BYTES = 20;

/**
 * Records of the pcapng format: several sections and interfaces, each with a time resolution and offset of its own;
 * enhanced, simple and obsolete packet blocks; other blocks are skipped without being held. Each frame knows the link type
 * of its interface, as one capture may have several (`tshark -i eth0 -i lo`).
 */
export class PcapngFormat implements RecordFormat {
  linkType: number | undefined;
  #littleEndian = true;
  #inSection = false;
  #interfaces: CaptureInterface[] = [];
  #droppedBefore = 0;
  #sawStatistics = false;
  #number = 0;
  #lastAtUs = 0;

  get dropped(): number | undefined {
    return this.#sawStatistics
      ? this.#droppedBefore + this.#interfaces.reduce((sum, one) => sum + one.dropped, 0)
      : undefined;
  }

  take(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    available: number,
    byteOffset: number,
    into: CapturedFrame[],
  ): number {
    if (available < BLOCK_FRAMING_BYTES) return -BLOCK_FRAMING_BYTES;
    const type = view.getUint32(at, this.#littleEndian);
    if (type === BLOCK.section) this.#littleEndian = byteOrder(view, at + 8, byteOffset + 8);
    else if (!this.#inSection)
      throw new CaptureFormatError({ byteOffset, expected: 'a section header block', got: `block type ${type}` });
    const total = view.getUint32(at + 4, this.#littleEndian);
    if (total < BLOCK_FRAMING_BYTES || total % 4 !== 0) {
      throw new CaptureFormatError({
        byteOffset: byteOffset + 4,
        expected: `a block length of at least ${BLOCK_FRAMING_BYTES} that is a multiple of 4`,
        got: String(total),
        advice: 'the capture is damaged here',
      });
    }
    if (!isKnown(type)) return total;
    refuseAbsurdLength(`a block of type ${type}`, total, MAX_RECORD_BYTES, byteOffset + 4);
    if (available < total) return -total;
    const trailer = view.getUint32(at + total - 4, this.#littleEndian);
    if (trailer !== total) {
      throw new CaptureFormatError({
        byteOffset: byteOffset + total - 4,
        expected: `the block length ${total} again`,
        got: String(trailer),
        advice: 'the capture is damaged here',
      });
    }
    const body = new BlockBody(bytes, view, this.#littleEndian, at + 8, at + total - 4, byteOffset - at);
    if (type === BLOCK.enhancedPacket || type === BLOCK.obsoletePacket) this.#takePacket(body, type, into);
    else if (type === BLOCK.simplePacket) this.#takeSimplePacket(body, into);
    else if (type === BLOCK.interface) this.#takeInterface(body);
    else if (type === BLOCK.section) this.#takeSection(body, total);
    else this.#takeStatistics(body);
    return total;
  }

  describe(needBytes: number): string {
    return needBytes === BLOCK_FRAMING_BYTES ? 'a block header' : 'a block';
  }

  #takeSection(body: BlockBody, total: number): void {
    body.need(
      SECTION_MIN_BYTES - BLOCK_FRAMING_BYTES,
      `a section header block of at least ${SECTION_MIN_BYTES} bytes`,
      total,
    );
    const major = body.uint16(4);
    if (major !== 1)
      throw new CaptureFormatError({
        byteOffset: body.offsetOf(4),
        expected: 'pcapng version 1',
        got: `version ${major}.${body.uint16(6)}`,
      });
    // Interface numbers begin anew in each section (section 4.2).
    this.#droppedBefore += this.#interfaces.reduce((sum, one) => sum + one.dropped, 0);
    this.#interfaces = [];
    this.#inSection = true;
  }

  #takeInterface(body: BlockBody): void {
    body.need(8, 'an interface description of at least 8 bytes');
    const one = interfaceDescription(body);
    this.#interfaces.push(one);
    this.linkType ??= one.linkType;
  }

  #takePacket(body: BlockBody, type: number, into: CapturedFrame[]): void {
    body.need(PACKET_FIXED_BYTES, `a packet block body of at least ${PACKET_FIXED_BYTES} bytes`);
    const from = this.#interface(type === BLOCK.enhancedPacket ? body.uint32(0) : body.uint16(0), body);
    const capturedLength = body.uint32(12);
    body.need(PACKET_FIXED_BYTES + capturedLength, `a block that holds the ${capturedLength} captured bytes it claims`);
    this.#emit(
      into,
      from.atUs(body.uint32(4), body.uint32(8)),
      body.bytes(PACKET_FIXED_BYTES, capturedLength),
      body.uint32(16),
      from.linkType,
    );
  }

  /**
   * Simple packet blocks have no time: they get that of the frame before, so that the capture's clock never runs
   * backwards.
   */
  #takeSimplePacket(body: BlockBody, into: CapturedFrame[]): void {
    body.need(4, 'a simple packet block body of at least 4 bytes');
    const from = this.#interface(0, body);
    const originalLength = body.uint32(0);
    // Section 4.4: the stored length is the smaller one of the interface's snap length and the original length.
    const capturedLength = from.snapLength === 0 ? originalLength : Math.min(from.snapLength, originalLength);
    body.need(4 + capturedLength, `a block that holds the ${capturedLength} captured bytes it claims`);
    this.#emit(into, this.#lastAtUs, body.bytes(4, capturedLength), originalLength, from.linkType);
  }

  #takeStatistics(body: BlockBody): void {
    body.need(12, 'an interface statistics body of at least 12 bytes');
    const from = this.#interfaces[body.uint32(0)];
    const dropped = droppedOption(body);
    if (from === undefined || dropped === undefined) return;
    // Counters run from the start of the capture, so the last block of an interface has the total (section 4.6).
    from.dropped = dropped;
    this.#sawStatistics = true;
  }

  #interface(index: number, body: BlockBody): CaptureInterface {
    const from = this.#interfaces[index];
    if (from === undefined) {
      throw new CaptureFormatError({
        byteOffset: body.offsetOf(0),
        expected: `an interface below ${this.#interfaces.length}, as many as the section has described`,
        got: `interface ${index}`,
      });
    }
    return from;
  }

  #emit(into: CapturedFrame[], atUs: number, bytes: Uint8Array, originalLength: number, linkType: number): void {
    this.#number += 1;
    this.#lastAtUs = atUs;
    into.push({ number: this.#number, atUs, bytes, originalLength, linkType });
  }
}

function isKnown(type: number): boolean {
  return (
    (type >= BLOCK.interface && type <= BLOCK.simplePacket) ||
    type === BLOCK.statistics ||
    type === BLOCK.enhancedPacket ||
    type === BLOCK.section
  );
}

function byteOrder(view: DataView, at: number, byteOffset: number): boolean {
  if (view.getUint32(at, true) === BYTE_ORDER_MAGIC) return true;
  if (view.getUint32(at, false) === BYTE_ORDER_MAGIC) return false;
  throw new CaptureFormatError({
    byteOffset,
    expected: 'the byte-order magic 0x1a2b3c4d',
    got: `0x${view.getUint32(at, false).toString(16).padStart(8, '0')}`,
  });
}
