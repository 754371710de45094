import { FragmentBuffer } from '../packet/fragment-buffer.ts';
import type { Frame } from '../packet/frame.ts';
import { decodeFrame, type Packet } from '../packet/packet.ts';
import type { Credential } from '../protocols/base/observe/credential.ts';
import { destinationIp, sourceIp } from '../protocols/base/observe/flow-ends.ts';
import type { ObserverSettings } from '../protocols/base/observe/observed-client.ts';
import type { Sender } from '../protocols/base/observe/udp-service.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { TcpApplication } from '../protocols/tcp/observe/application.ts';
import { ClientObserver } from './client-observer.ts';
import { ClientRegistry } from './client-registry.ts';
import { UndecodedCount, type UndecodedFrames } from './undecoded-frames.ts';
import { portsOf, type ExtraPorts } from '../protocols/ports.ts';

/** What an observer is to look at. */
export interface ObserverOptions {
  /** Link type of frames that have none of their own (`decodeFrame` says which are read). */
  readonly linkType: number;
  /** Hardware addresses of the clients; without this list the observer learns them from the traffic of the hosts. */
  readonly clients?: readonly string[];
  /** Users whose sealed RPC is to be read, and their passwords. */
  readonly credentials?: readonly Credential[];
  /** Ports that services were given beside their protocol's own. */
  readonly ports?: ExtraPorts;
  readonly onEvent: (event: ProtocolEvent) => void;
}

/**
 * Turns the frames of one capture, in capture order, into the events of its clients. It is pure: it knows only the
 * frames' clock.
 */
export interface Observer {
  /**
   * Takes the next frame. Returns how many of its bytes the evidence file must keep so that a replay gives the same
   * events; never more than the frame has. `packet`: what the frame decodes to, when that is known.
   */
  frame(frame: Frame, packet?: Packet): number;
  /** Decodes a frame of this capture. */
  decode(frame: Frame): Packet;
  /**
   * Ends the story of one client: no more frames of it will come. Closes its open meters, as at the end of the capture.
   */
  endOfClient(mac: string, atUs: number): void;
  /** Frames of clients' conversations that the capture cut before the end of what the evidence needs. */
  readonly cutFrames: number;
  /** Frames that could not be looked into, by what they are. */
  readonly undecoded: readonly UndecodedFrames[];
  /** The first of them; 0 without one. */
  readonly firstCutFrame: number;
  /** Ends the capture: no more frames will come. Closes open meters, and reports unfinished transfers. */
  endOfCapture(atUs: number): void;
}

/** Creates an observer of one capture. */
export function createObserver(options: ObserverOptions): Observer {
  return new CaptureObserver(options);
}

const SYN_WITHOUT_ACK = 0x02;
const SYN_AND_ACK = 0x12;

class CaptureObserver implements Observer {
  readonly #linkType: number;
  readonly #settings: ObserverSettings;
  readonly #emit: (event: ProtocolEvent) => void;
  readonly #registry: ClientRegistry;
  readonly #shared: readonly { claims(packet: Packet): boolean; packet(packet: Packet, frame: Frame): void }[];
  readonly #applications: readonly TcpApplication<ProtocolEvent>[];
  /**
   * Ports of services that boot clients connect to: a host that connects to one is a client, if the capture shows no
   * better sign.
   */
  readonly #servicePorts: ReadonlySet<number>;
  /** What a packet to a UDP port says about its sender. */
  readonly #senders: ReadonlyMap<number, Sender>;
  readonly #undecoded = new UndecodedCount();
  readonly #fragments = new FragmentBuffer();
  readonly #observers = new Map<string, ClientObserver>();
  #lastFrame = 0;
  cutFrames = 0;
  firstCutFrame = 0;
  /** Whether the frame under way belongs to a client, so that what the capture cut of it is missing. */
  #concerns = false;

  constructor(options: ObserverOptions) {
    this.#linkType = options.linkType;
    this.#settings = { credentials: options.credentials ?? [] };
    this.#emit = options.onEvent;
    this.#registry = new ClientRegistry(options.clients, this.#emit);
    this.#shared = PROTOCOLS.flatMap(({ shared }) =>
      shared ? [{ claims: shared.claims, packet: packetOf(shared.observe(this.#registry, this.#emit)) }] : [],
    );
    this.#applications = PROTOCOLS.flatMap((protocol): TcpApplication<ProtocolEvent>[] =>
      protocol.tcp ? [{ ...protocol.tcp, ports: portsOf(protocol, options.ports) }] : [],
    );
    this.#servicePorts = new Set(this.#applications.flatMap(({ ports }) => ports));
    this.#senders = new Map(
      PROTOCOLS.flatMap(({ udp }): [number, Sender][] => {
        const sender = udp?.sender;
        return sender ? udp.ports.map((port) => [port, sender]) : [];
      }),
    );
  }

  decode(frame: Frame): Packet {
    return decodeFrame(frame.bytes, frame.linkType ?? this.#linkType, frame.originalLength);
  }

  frame(frame: Frame, packet = this.decode(frame)): number {
    this.#lastFrame = frame.number;
    const kept = this.#take(frame, packet);
    if (kept > frame.bytes.length && this.#concerns) {
      if (this.cutFrames === 0) this.firstCutFrame = frame.number;
      this.cutFrames += 1;
    }
    return Math.min(kept, frame.bytes.length);
  }

  /** Takes a frame; returns how many of its bytes the evidence needs, more than there are where the capture cut them. */
  #take(frame: Frame, packet: Packet): number {
    this.#concerns = false;
    const all = frame.originalLength;
    if (packet.malformed) this.#malformed(packet, frame);
    else if (packet.undecoded !== undefined) this.#undecoded.add(packet.undecoded, frame.number);
    else if (packet.ipv4?.fragment ?? packet.ipv6?.fragment) {
      this.#concerns = this.#isOfClient(packet);
      const datagram = this.#fragments.add(packet);
      if (datagram?.udp) this.#udp(datagram, frame);
    } else if (packet.udp) return this.#kept(packet, frame, this.#udp(packet, frame));
    else if (packet.tcp) return this.#kept(packet, frame, this.#tcp(packet, frame));
    else this.#claimed(packet, frame);
    return all;
  }

  get undecoded(): readonly UndecodedFrames[] {
    return this.#undecoded.all;
  }

  endOfClient(mac: string, atUs: number): void {
    this.#observers.get(mac)?.finish({ number: this.#lastFrame, atUs });
    // Frames that still come for it belong to no conversation of its own.
    this.#observers.delete(mac);
  }

  endOfCapture(atUs: number): void {
    this.#registry.finish();
    for (const observer of this.#observers.values()) observer.finish({ number: this.#lastFrame, atUs });
  }

  /**
   * Frame bytes to keep for so many payload bytes. A frame whose IP length is 0 must stay whole: only its own length
   * shows how long its payload is.
   */
  #kept(packet: Packet, frame: Frame, payloadBytes: number): number {
    if ((packet.ipv4?.totalLength ?? packet.ipv6?.payloadLength) === 0) return frame.originalLength;
    // Of a frame that is kept as a whole, the padding of Ethernet, too.
    const isWhole = payloadBytes >= packet.payloadLength && frame.bytes.length === frame.originalLength;
    return isWhole
      ? frame.originalLength
      : packet.payload.byteOffset - frame.bytes.byteOffset + Math.min(payloadBytes, packet.payloadLength);
  }

  /** Whether a broadcast protocol has taken the packet. */
  #claimed(packet: Packet, frame: Frame): boolean {
    for (const medium of this.#shared) {
      if (!medium.claims(packet)) continue;
      medium.packet(packet, frame);
      return true;
    }
    return false;
  }

  #udp(packet: Packet, frame: Frame): number {
    if (this.#claimed(packet, frame)) {
      this.#concerns = true;
      return packet.payloadLength;
    }
    const sign = this.#senders.get(packet.udp?.destinationPort ?? 0);
    if (sign === 'client') this.#registry.learn(packet.ethernet?.source ?? '');
    else if (sign === 'candidate') this.#registry.learnConnecting(packet.ethernet?.source ?? '');
    const sender = this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet));
    const kept = sender ? sender.udp(packet, frame, true) : -1;
    if (kept >= 0) return kept;
    const receiver = this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet));
    const keptByReceiver = receiver ? receiver.udp(packet, frame, false) : -1;
    if (keptByReceiver >= 0) return keptByReceiver;
    this.#concerns = false;
    return packet.payloadLength;
  }

  #tcp(packet: Packet, frame: Frame): number {
    // A connection that began before the capture is recognised by a segment to a service.
    const connects = ((packet.tcp?.flags ?? 0) & SYN_AND_ACK) === SYN_WITHOUT_ACK || packet.payloadLength > 0;
    if (connects && this.#servicePorts.has(packet.tcp?.destinationPort ?? 0))
      this.#registry.learnConnecting(packet.ethernet?.source ?? '');
    const sender = this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet));
    const receiver = this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet));
    // A connection between two clients belongs to the client that opened it.
    if (receiver && (!sender || receiver.owns(packet))) return receiver.tcp(packet, frame, false);
    return sender ? sender.tcp(packet, frame, true) : packet.payloadLength;
  }

  #isOfClient({ ethernet }: Packet): boolean {
    return this.#registry.has(ethernet?.source ?? '') || this.#registry.has(ethernet?.destination ?? '');
  }

  #malformed(packet: Packet, frame: Frame): void {
    const client = (
      this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet)) ??
      this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet))
    )?.mac;
    if (client === undefined || !packet.malformed) return;
    this.#emit({
      type: 'malformed',
      malformed: { ...packet.malformed, bytes: packet.malformed.bytes.slice() },
      frame: frame.number,
      atUs: frame.atUs,
      client,
    });
  }

  #observerOf(mac: string, ip: string): ClientObserver | undefined {
    const client = this.#registry.has(mac) ? mac : this.#registry.byIp(ip);
    if (client === undefined) return undefined;
    this.#concerns = true;
    return this.#observers.get(client) ?? this.#begin(client);
  }

  // Apart from the lookup, which every frame makes twice: a compiler inlines small functions.
  #begin(client: string): ClientObserver {
    const observer = new ClientObserver(client, this.#settings, this.#applications, this.#emit);
    this.#observers.set(client, observer);
    return observer;
  }
}

/** The packet function of an observer, bound to it. */
function packetOf(observer: { packet(packet: Packet, frame: Frame): void }): (packet: Packet, frame: Frame) => void {
  return (packet, frame) => {
    observer.packet(packet, frame);
  };
}
