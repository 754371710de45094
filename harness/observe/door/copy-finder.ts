import type { Frame } from '../../packet/frame.ts';
import { ICMPV6 } from '../../packet/icmp.ts';
import { u32 } from '../../packet/layers.ts';
import type { Packet } from '../../packet/packet.ts';

const NEIGHBOUR_SOLICITATION = 135;
const ARP_OPERATION_AT = 6;
const ARP_REQUEST = 1;
/** Packets that are remembered, of the many between a packet and its copy that a busy router holds. */
const BUCKETS = 2048;
const WIDTH = 4;
/** Frames whose content is kept from one batch to the next. */
const KEPT = 8;
const KEPT_BYTES = 2048;
/**
 * From a packet to its copy at the same place (both sides of a mirror port, a bridge and its port). A sender that
 * repeats itself waits longer, 200 ms and more, or gives the repeat an IP identification of its own.
 */
const SAME_PLACE_US = 10_000;
/** The same to another place on its way: through a router, a tunnel, a VLAN trunk. */
const OTHER_PLACE_US = 100_000;
/**
 * A sender may repeat itself sooner than that, and without an identification nothing tells its repeat from a copy: the
 * Sorcerer's Apprentice of RFC 1123 section 4.2.3.1 answers at once.
 */
const UNNAMED_US = 1000;
/** Copies beyond doubt after which a capture is known to hold its frames twice. */
const KNOWN_AFTER = 2;

/**
 * Finds packets that a capture holds twice. The second is the first one again when IP identification, addresses, ports,
 * length and content are the same; TTL, addresses of the link layer, VLAN tags and checksums may differ, as routers,
 * switches and cards change them.
 */
export class CopyFinder {
  readonly #decode: (frame: Frame) => Packet;
  /**
   * The latest packet of each bucket: its sample, time, number and place in its batch. One small table of numbers: they
   * share a cache line, and holding on to a frame would cost as much as all the rest. Of a time 32 bits are enough for
   * its distance from another one.
   */
  readonly #table = new Int32Array(BUCKETS * WIDTH);
  #batch: readonly Frame[] = [];
  /** The last frames of the batches before, each in its part of the memory. */
  readonly #kept: Frame[] = [];
  readonly #memory = new Uint8Array(KEPT * KEPT_BYTES);
  #nextKept = 0;
  #certain = 0;
  /** The latest frame that asks for a neighbour's hardware address, and is no copy. */
  #lastQuestion = 0;

  constructor(decode: (frame: Frame) => Packet) {
    this.#decode = decode;
  }

  /** The next frames, whose memory is lent. */
  begin(batch: readonly Frame[]): void {
    this.#batch = batch;
  }

  /** The memory of the batch goes back: of its last frames the content is kept. */
  end(): void {
    for (const frame of this.#batch.slice(-KEPT)) {
      const place = this.#nextKept;
      const held = this.#memory.subarray(place * KEPT_BYTES, (place + 1) * KEPT_BYTES);
      const bytes = held.subarray(0, frame.bytes.length);
      bytes.set(frame.bytes.subarray(0, KEPT_BYTES));
      this.#kept[place] = { ...frame, bytes };
      this.#nextKept = (place + 1) % KEPT;
    }
    this.#batch = [];
  }

  /** The number of the frame that this one, at a place of its batch, holds again; 0 where it is the first of its kind. */
  look(packet: Packet, frame: Frame, place: number): number {
    if (packet.malformed ?? packet.undecoded) return 0;
    const table = this.#table;
    const sample = sampleOf(packet, frame.bytes);
    const at = ((sample ^ (sample >>> 11) ^ (sample >>> 22)) & (BUCKETS - 1)) * WIDTH;
    const atUs = frame.atUs | 0;
    if (table[at] === sample) {
      const gapUs = Math.abs((atUs - (table[at + 1] ?? 0)) | 0);
      const number = table[at + 2] ?? 0;
      if (
        gapUs <= OTHER_PLACE_US &&
        number > 0 &&
        this.#isCopy(packet, frame, gapUs, this.#readable(number, table[at + 3] ?? 0))
      )
        return number;
    }
    if (isOfNoPort(packet) && isNeighboursQuestion(packet)) this.#lastQuestion = frame.number;
    table[at] = sample;
    table[at + 1] = atUs;
    table[at + 2] = frame.number;
    table[at + 3] = place;
    return 0;
  }

  /** A frame by its number, with its content; undefined when its memory is gone. */
  #readable(number: number, place: number): Frame | undefined {
    const inBatch = this.#batch[place];
    return inBatch?.number === number ? inBatch : this.#kept.find((kept) => kept.number === number);
  }

  /** `first`: the frame whose copy it may be, unless its memory is gone. */
  #isCopy(packet: Packet, frame: Frame, gapUs: number, first: Frame | undefined): boolean {
    const isNamed = (packet.ipv4?.identification ?? 0) !== 0;
    // The few words that are compared already are enough beside an identification.
    if (!first) return isNamed;
    const original = this.#decode(first);
    if (!hasSameHead(packet, original) || !hasSameContent(packet, frame, original, first)) return false;
    const isElsewhere = !isSamePlace(packet, frame, original, first);
    // Nobody repeats ARP or ICMPv6 at once, and nothing answers them twice, unless it is asked twice: by group and by address.
    const isUnrepeated = isOfNoPort(packet) && gapUs <= UNNAMED_US && this.#lastQuestion <= first.number;
    if (gapUs === 0 || isElsewhere || (isNamed && gapUs <= SAME_PLACE_US) || isUnrepeated) {
      this.#certain += 1;
      return true;
    }
    return gapUs <= UNNAMED_US && this.#certain >= KNOWN_AFTER;
  }
}

/** ARP, ICMP and the like. */
const isOfNoPort = ({ udp, tcp }: Packet): boolean => udp === undefined && tcp === undefined;

/** Whether it asks for a hardware address: an ARP request (RFC 826), a neighbour solicitation (RFC 4861 section 4.3). */
function isNeighboursQuestion({ ipv4, ipv6, payload }: Packet): boolean {
  if (ipv6) return ipv6.protocol === ICMPV6 && payload[0] === NEIGHBOUR_SOLICITATION;
  return ipv4 === undefined && payload[ARP_OPERATION_AT + 1] === ARP_REQUEST;
}

/** Where the content of a packet begins that no router changes. */
function contentAt({ ipv4, ipv6, payloadAt }: Packet): number {
  if (ipv4) return ipv4.offset + ipv4.headerLength;
  // The addresses: the hop limit before them is left out.
  return ipv6 ? ipv6.offset + 8 : payloadAt;
}

/** A few words that most packets differ in, made one: identification and length, ports, the begin of what follows. */
function sampleOf(packet: Packet, bytes: Uint8Array): number {
  const { ipv4, ipv6 } = packet;
  if (ipv4) {
    const at = ipv4.offset + ipv4.headerLength;
    const named = Math.imul((ipv4.identification << 16) ^ ipv4.totalLength, 0x9e37_79b1);
    const from = Math.imul(named ^ u32(bytes, at), 0x85eb_ca6b);
    return Math.imul((from >>> 13) ^ from ^ u32(bytes, at + 8), 0xc2b2_ae35);
  }
  const at = ipv6 ? ipv6.offset + 20 : packet.payloadAt;
  let sample = packet.payloadLength;
  for (let i = 0; i < 40; i += 4) sample = Math.imul((sample >>> 13) ^ sample ^ u32(bytes, at + i), 0x85eb_ca6b);
  return sample;
}

function hasSameHead(one: Packet, other: Packet): boolean {
  const [a, b] = [one.ipv4, other.ipv4];
  if (!a || !b)
    return (
      a === b && one.ethernet?.etherType === other.ethernet?.etherType && one.ipv6?.protocol === other.ipv6?.protocol
    );
  return (
    a.identification === b.identification &&
    a.totalLength === b.totalLength &&
    a.protocol === b.protocol &&
    a.sourceNumber === b.sourceNumber &&
    a.destinationNumber === b.destinationNumber &&
    a.fragment?.offset === b.fragment?.offset &&
    a.fragment?.more === b.fragment?.more
  );
}

/** Compares what both frames hold; Ethernet's padding is no part of a packet. */
function hasSameContent(packet: Packet, frame: Frame, original: Packet, first: Frame): boolean {
  const at = contentAt(packet);
  const firstAt = contentAt(original);
  const end = Math.min(packet.payloadAt + packet.payloadLength, frame.bytes.length);
  const length = Math.min(end - at, first.bytes.length - firstAt);
  const checksum = checksumAt(packet);
  for (let i = 0; i < length; i += 1) {
    if (frame.bytes[at + i] === first.bytes[firstAt + i]) continue;
    if (at + i !== checksum && at + i !== checksum + 1) return false;
  }
  return true;
}

/** Of the transport checksum, which cards fill in after the capture of the sending host (RFC 768, RFC 9293). */
function checksumAt({ udp, tcp }: Packet): number {
  return udp ? udp.offset + 6 : tcp ? tcp.offset + 16 : -2;
}

/** Whether two copies were seen at the same place: the same router before it, the same link header. */
function isSamePlace(packet: Packet, frame: Frame, original: Packet, first: Frame): boolean {
  if (packet.ipv4?.ttl !== original.ipv4?.ttl || packet.ipv6?.hopLimit !== original.ipv6?.hopLimit) return false;
  const end = packet.ipv4?.offset ?? packet.ipv6?.offset ?? contentAt(packet);
  for (let i = 0; i < end; i += 1) if (frame.bytes[i] !== first.bytes[i]) return false;
  return true;
}
