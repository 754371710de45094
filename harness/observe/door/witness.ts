import { TCP_FLAGS, u16 } from '../../packet/layers.ts';
import type { Packet } from '../../packet/packet.ts';

/** Pairs of hosts that are told apart. */
const PAIRS = 4096;
/** Bits of a pair: a packet from the lower address to the higher, and back; each of them proved that an answer came. */
const UP = 1;
const DOWN = 2;
const PROVES_DOWN = 4;
const PROVES_UP = 8;
/** DHCP goes to everybody, so all of it is one pair: questions up, answers down. */
const DHCP = 0;
const DHCP_PORTS: ReadonlySet<number> = new Set([67, 68, 4011]);
const BOOTREQUEST = 1;
/** 224.0.0.0, RFC 1112. */
const MULTICAST = 0xe000_0000;
/** RFC 1350: requests go to port 69, and everything else between ports of the two sides' own choice. */
const TFTP = 69;
/** What a filter for network boot is usually made of: DHCP, boot server, TFTP. */
const FILTERED_PORTS: ReadonlySet<number> = new Set([67, 68, TFTP, 4011]);

/**
 * Bears witness, from the story of a whole capture, to what it does not hold: one of two directions, or what a filter
 * left out. Most captures show soon that nothing of this is so: then it looks no further.
 */
export class Witness {
  readonly #pairs = new Uint8Array(PAIRS + 1);
  /** Pairs of which both directions were seen: the first one settles it. */
  #bothWays = 0;
  /** Pairs of which one direction was seen, and shows that there is another. */
  #oneWay = 0;
  /** The first frame that answers what the capture does not hold. */
  #firstProof = 0;
  #requests = 0;
  #firstRequest = 0;
  #beyondFilter = false;

  /** Takes the next packet. */
  packet(packet: Packet, frame: number): void {
    if (!this.#beyondFilter) this.#lookBeyondFilter(packet, frame);
    if (this.#bothWays === 0) this.#lookAtPair(packet, frame);
  }

  /** Whether the capture holds only one direction of all that hosts said to each other. */
  get isOneSided(): boolean {
    return this.#oneWay > 0 && this.#bothWays === 0;
  }

  /** Pairs of hosts of which one answers what the capture does not hold, and the first frame that does. */
  get proofs(): { readonly frames: number; readonly firstFrame: number } {
    return { frames: this.#oneWay, firstFrame: this.#firstProof };
  }

  /** Whether a filter by ports let nothing pass but requests: a TFTP server answers from another port. */
  get isFiltered(): boolean {
    return this.#requests > 0 && !this.#beyondFilter;
  }

  /** Requests whose answers the filter has hidden, and the frame of the first. */
  get requests(): { readonly frames: number; readonly firstFrame: number } {
    return { frames: this.#requests, firstFrame: this.#firstRequest };
  }

  #lookAtPair(packet: Packet, frame: number): void {
    const { ipv4, udp, tcp } = packet;
    if (!ipv4) return;
    if (udp && isDhcp(packet)) {
      const asks = packet.payload[0] === BOOTREQUEST;
      this.#see(DHCP, asks, !asks, frame);
      return;
    }
    const { sourceNumber, destinationNumber } = ipv4;
    if (destinationNumber >= MULTICAST) return;
    const mixed = Math.imul(sourceNumber ^ destinationNumber, 0x9e37_79b1);
    const proves = tcp ? (tcp.flags & TCP_FLAGS.ack) !== 0 : udp !== undefined && isOfTransfer(packet);
    const isUp = sourceNumber === destinationNumber ? isUpByPort(packet) : sourceNumber < destinationNumber;
    this.#see(((mixed ^ (mixed >>> 15)) & (PAIRS - 1)) + 1, isUp, proves, frame);
  }

  #see(pair: number, isUp: boolean, proves: boolean, frame: number): void {
    const before = this.#pairs[pair] ?? 0;
    const now = before | (isUp ? UP | (proves ? PROVES_DOWN : 0) : DOWN | (proves ? PROVES_UP : 0));
    if (now === before) return;
    this.#pairs[pair] = now;
    this.#bothWays += isBothWays(now) - isBothWays(before);
    this.#oneWay += isOneWay(now) - isOneWay(before);
    if (this.#firstProof === 0 && isOneWay(now) > 0) this.#firstProof = frame;
  }

  #lookBeyondFilter({ udp, payload }: Packet, frame: number): void {
    if (!udp || !(FILTERED_PORTS.has(udp.sourcePort) || FILTERED_PORTS.has(udp.destinationPort)))
      this.#beyondFilter = true;
    // A server that answers from port 69 itself, as some do, is heard through the filter.
    else if (udp.sourcePort === TFTP) this.#beyondFilter = true;
    else if (udp.destinationPort === TFTP && payload.length > 2 && u16(payload, 0) <= 2) {
      this.#requests += 1;
      if (this.#firstRequest === 0) this.#firstRequest = frame;
    }
  }
}

/** Client and server may be one host, as on a loopback interface: then their ports tell them apart. */
function isUpByPort({ udp, tcp }: Packet): boolean {
  const ports = udp ?? tcp;
  return ports !== undefined && ports.sourcePort < ports.destinationPort;
}

const isBothWays = (bits: number): number => ((bits & UP) !== 0 && (bits & DOWN) !== 0 ? 1 : 0);
const isOneWay = (bits: number): number => (isBothWays(bits) === 0 && (bits & (PROVES_UP | PROVES_DOWN)) !== 0 ? 1 : 0);

const isDhcp = ({ udp, payload }: Packet): boolean =>
  udp !== undefined &&
  (udp.sourcePort < 69 || udp.sourcePort === 4011) &&
  DHCP_PORTS.has(udp.destinationPort) &&
  payload.length > 0;

/** Whether a UDP packet can only follow one of the other side: DATA, ACK or OACK (RFC 1350 section 5, RFC 2347). */
function isOfTransfer({ udp, payload }: Packet): boolean {
  if (!udp || payload.length < 4 || !isTransferPort(udp.sourcePort) || !isTransferPort(udp.destinationPort))
    return false;
  const opcode = u16(payload, 0);
  return opcode === 3 || opcode === 4 || opcode === 6;
}

/** A port of either side's choice, or that of a server which never leaves port 69. */
const isTransferPort = (port: number): boolean => port > 1023 || port === TFTP;
