import type { Packet } from './packet.ts';

/** Datagrams that are reassembled at a time, and the largest datagram (16-bit total length, RFC 791). */
const MAX_DATAGRAMS = 64;
const MAX_DATAGRAM_BYTES = 0xffff;
const UDP_HEADER_BYTES = 8;

interface Datagram {
  readonly bytes: Uint8Array;
  /** Ranges received so far, in order, merged. */
  ranges: { start: number; end: number }[];
  /** Length of the whole datagram, known after the fragment without "more" came. */
  total: number;
  first: Packet | undefined;
}

/**
 * Reassembles IPv4 fragments of UDP datagrams (RFC 791 section 3.2): a TFTP block larger than the MTU comes in
 * fragments. Of an IPv6 datagram only the first fragment is used: its UDP header gives the length of the whole
 * datagram, which is all that a meter needs.
 */
export class FragmentBuffer {
  readonly #datagrams = new Map<string, Datagram>();

  /** Takes a fragment; returns the datagram that it completes. */
  add(packet: Packet): Packet | undefined {
    if (packet.ipv6?.fragment)
      return packet.udp
        ? {
            ...layersOf(packet),
            payload: packet.payload,
            payloadAt: -1,
            payloadLength: packet.udp.length - UDP_HEADER_BYTES,
          }
        : undefined;
    const ip = packet.ipv4;
    if (!ip?.fragment) return packet;
    const key = `${ip.source}>${ip.destination}#${ip.identification}/${ip.protocol}`;
    const datagram = this.#datagrams.get(key) ?? this.#begin(key);
    const headerBytes = packet.udp && ip.fragment.offset === 0 ? UDP_HEADER_BYTES : 0;
    const start = ip.fragment.offset + headerBytes;
    const end = start + packet.payloadLength;
    if (end > MAX_DATAGRAM_BYTES) {
      this.#datagrams.delete(key);
      return undefined;
    }
    datagram.bytes.set(packet.payload, start);
    cover(datagram, start - headerBytes, end);
    if (headerBytes > 0) datagram.first = packet;
    if (!ip.fragment.more) datagram.total = end;
    return this.#completed(key, datagram);
  }

  #begin(key: string): Datagram {
    if (this.#datagrams.size >= MAX_DATAGRAMS)
      for (const oldest of [...this.#datagrams.keys()].slice(0, 1)) this.#datagrams.delete(oldest);
    const datagram: Datagram = { bytes: new Uint8Array(MAX_DATAGRAM_BYTES), ranges: [], total: -1, first: undefined };
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  #completed(key: string, { bytes, ranges, total, first }: Datagram): Packet | undefined {
    if (total < 0 || ranges[0]?.start !== 0 || ranges[0].end < total) return undefined;
    this.#datagrams.delete(key);
    if (!first) return undefined;
    const payload = bytes.subarray(UDP_HEADER_BYTES, total);
    return { ...layersOf(first), payload, payloadAt: -1, payloadLength: payload.length };
  }
}

function layersOf({
  ethernet,
  ipv4,
  ipv6,
  udp,
  tunnels,
}: Packet): Pick<Packet, 'ethernet' | 'ipv4' | 'ipv6' | 'udp' | 'tunnels'> {
  return { ethernet, ipv4, ipv6, udp, tunnels };
}

function cover(datagram: Datagram, start: number, end: number): void {
  const touching = datagram.ranges.filter((range) => range.start <= end && range.end >= start);
  const rest = datagram.ranges.filter((range) => !touching.includes(range));
  const merged = touching.reduce(
    (all, range) => ({ start: Math.min(all.start, range.start), end: Math.max(all.end, range.end) }),
    { start, end },
  );
  datagram.ranges = [...rest, merged].sort((a, b) => a.start - b.start);
}
