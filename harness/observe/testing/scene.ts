import { ipv4Bytes, ipv6Bytes, macBytes } from '../../packet/addresses.ts';
import type { Frame } from '../../packet/frame.ts';
import { createObserver, type ObserverOptions } from '../observer.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';

/** A host of a synthetic capture. */
export interface Host {
  readonly mac: string;
  readonly ip: string;
}

/** Fields of an IPv4 header that a test may want to be others. */
interface Ipv4Header {
  readonly identification: number;
  /** Flags and offset. */
  readonly fragment: number;
  readonly ttl: number;
  readonly options: readonly number[];
}

/** A host and a port. */
export interface End extends Host {
  readonly port: number;
}

/** Client and server of the reference trace (wds-trace.json). */
export const CLIENT: Host = { mac: '00:11:11:80:d2:92', ip: '172.22.52.222' };
export const SERVER: Host = { mac: '00:1f:29:04:77:0d', ip: '172.22.52.207' };
export const BROADCAST: Host = { mac: 'ff:ff:ff:ff:ff:ff', ip: '255.255.255.255' };

/** A host's end of a conversation. */
export function at(host: Host, port: number): End {
  return { ...host, port };
}

/** The recording of a synthetic capture: its frames, and the time. Scenes that share a tape write one capture. */
export class Tape {
  readonly frames: Frame[] = [];
  readonly startUs: number;
  /** Current capture time: that of the last frame, plus the time that has passed since. */
  nowUs: number;

  constructor(startUs = 1_000_000) {
    this.startUs = startUs;
    this.nowUs = startUs;
  }

  add(bytes: Uint8Array, originalLength: number): void {
    this.nowUs += FRAME_US;
    this.frames.push({ number: this.frames.length + 1, atUs: this.nowUs, bytes, originalLength });
  }
}

/** Time from a frame to the next. */
const FRAME_US = 100;

/**
 * Frames of a synthetic capture, written down like a conversation: each call is one frame, 100 µs after the one before.
 */
export class Scene {
  readonly tape: Tape;

  constructor(tape = new Tape()) {
    this.tape = tape;
  }

  get frames(): Frame[] {
    return this.tape.frames;
  }

  /** Lets time pass before the next frame. */
  wait(us: number): this {
    this.tape.nowUs += us;
    return this;
  }

  /** Adds raw bytes as a frame; `originalLength` when the capture trimmed it. */
  raw(bytes: Uint8Array, originalLength = bytes.length): this {
    this.tape.add(bytes, originalLength);
    return this;
  }

  /** The last frame once more. */
  again(): this {
    const last = this.frames.at(-1);
    return last ? this.raw(last.bytes, last.originalLength) : this;
  }

  arp(operation: 1 | 2, sender: Host, target: { readonly mac?: string; readonly ip: string }): this {
    const body = [
      0,
      1,
      8,
      0,
      6,
      4,
      0,
      operation,
      ...macBytes(sender.mac),
      ...ipv4Bytes(sender.ip),
      ...macBytes(target.mac ?? '00:00:00:00:00:00'),
      ...ipv4Bytes(target.ip),
    ];
    return this.raw(ethernet(sender.mac, target.mac ?? BROADCAST.mac, 0x0806, body));
  }

  udp(from: End, to: End, payload: Uint8Array): this {
    return this.raw(
      ethernet(from.mac, to.mac, 0x0800, ipv4(from.ip, to.ip, 17, udpBytes(from.port, to.port, payload))),
    );
  }

  /** What IPv4 carries, whatever protocol it is; options are a multiple of 4 bytes. */
  ip(from: Host, to: Host, protocol: number, body: Uint8Array, header: Partial<Ipv4Header> = {}): this {
    return this.raw(ethernet(from.mac, to.mac, 0x0800, ipv4(from.ip, to.ip, protocol, body, header)));
  }

  /** UDP over IPv6; the hosts' addresses are IPv6 texts. */
  udp6(from: End, to: End, payload: Uint8Array): this {
    return this.ip6(from, to, 17, udpBytes(from.port, to.port, payload));
  }

  /** What IPv6 carries. */
  ip6(from: Host, to: Host, protocol: number, body: Uint8Array, hopLimit = 64): this {
    const header = [0x60, 0, 0, 0, ...u16(body.length), protocol, hopLimit, ...ipv6Bytes(from.ip), ...ipv6Bytes(to.ip)];
    return this.raw(ethernet(from.mac, to.mac, 0x86dd, joined(header, body)));
  }

  /** A UDP datagram in IPv4 fragments of at most `size` bytes, given in the order of `order`. */
  fragments(
    from: End,
    to: End,
    payload: Uint8Array,
    size: number,
    order: (count: number) => number[] = (count) => Array.from({ length: count }, (_, i) => i),
  ): this {
    const datagram = udpBytes(from.port, to.port, payload);
    const step = size - (size % 8);
    const count = Math.ceil(datagram.length / step);
    const identification = (this.frames.length + 1) & 0xffff;
    for (const i of order(count)) {
      const part = datagram.slice(i * step, (i + 1) * step);
      this.raw(
        ethernet(
          from.mac,
          to.mac,
          0x0800,
          ipv4(from.ip, to.ip, 17, part, {
            identification,
            fragment: (i < count - 1 ? 0x2000 : 0) | ((i * step) / 8),
          }),
        ),
      );
    }
    return this;
  }

  /** A TCP segment; `flags` are letters of FIN S RST P ACK: `S`, `SA`, `A`, `FA`, `R`. */
  tcp(
    from: End,
    to: End,
    flags: string,
    sequence: number,
    acknowledgement: number,
    payload: Uint8Array = new Uint8Array(0),
  ): this {
    const bits = Object.entries(FLAG_BITS).reduce((all, [letter, bit]) => all | (flags.includes(letter) ? bit : 0), 0);
    const header = [
      ...u16(from.port),
      ...u16(to.port),
      ...u32(sequence),
      ...u32(acknowledgement),
      5 << 4,
      bits,
      0xff,
      0xff,
      0,
      0,
      0,
      0,
    ];
    return this.raw(ethernet(from.mac, to.mac, 0x0800, ipv4(from.ip, to.ip, 6, joined(header, payload))));
  }

  /** The events that an observer reports for the frames so far. */
  events(options: Partial<ObserverOptions> = {}): ProtocolEvent[] {
    return observe(this.frames, options).events;
  }
}

/** Runs an observer over frames; gives its events and the frames as the evidence file would keep them. */
export function observe(
  frames: readonly Frame[],
  options: Partial<ObserverOptions> = {},
): { events: ProtocolEvent[]; trimmed: Frame[]; cutFrames: number } {
  const events: ProtocolEvent[] = [];
  const observer = createObserver({ linkType: 1, ...options, onEvent: (event) => events.push(event) });
  const trimmed = frames.map((frame) => ({ ...frame, bytes: frame.bytes.slice(0, observer.frame(frame)) }));
  observer.endOfCapture(frames.at(-1)?.atUs ?? 0);
  return { events, trimmed, cutFrames: observer.cutFrames };
}

const FLAG_BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

function ethernet(source: string, destination: string, etherType: number, body: ArrayLike<number>): Uint8Array {
  return joined([...macBytes(destination), ...macBytes(source), ...u16(etherType)], body);
}

function ipv4(
  source: string,
  destination: string,
  protocol: number,
  body: Uint8Array,
  { identification = 0, fragment = 0, ttl = 64, options = [] }: Partial<Ipv4Header> = {},
): Uint8Array {
  const header = [
    0x45 + options.length / 4,
    0,
    ...u16(20 + options.length + body.length),
    ...u16(identification),
    ...u16(fragment),
    ttl,
    protocol,
    0,
    0,
    ...ipv4Bytes(source),
    ...ipv4Bytes(destination),
    ...options,
  ];
  return joined(header, body);
}

function udpBytes(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  return joined([...u16(sourcePort), ...u16(destinationPort), ...u16(8 + payload.length), 0, 0], payload);
}

function joined(head: ArrayLike<number>, body: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
