import { FragmentBuffer } from '../packet/fragment-buffer.ts';
import type { Frame } from '../packet/frame.ts';
import { decodeFrame, type Packet } from '../packet/packet.ts';
import type { Credential } from '../protocols/base/observe/credential.ts';
import { destinationIp, sourceIp, sourceKey } from '../protocols/base/observe/flow-ends.ts';
import { isForwarded } from '../protocols/base/observe/router-marks.ts';
import type { ObserverSettings } from '../protocols/base/observe/observed-client.ts';
import type { MediumObserver } from '../protocols/base/observe/shared-medium.ts';
import type { Sender } from '../protocols/base/observe/udp-service.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { TcpApplication } from '../protocols/tcp/observe/application.ts';
import { openerOf } from '../protocols/tcp/observe/opener.ts';
import { CAPTURE_ENDED, ClientObserver } from './client-observer.ts';
import { type ClientAddresses, ClientRegistry } from './client-registry.ts';
import { type End, FrameOwners } from './frame-owners.ts';
import { Strangers } from './strangers.ts';
import { UndecodedCount, type UndecodedFrames } from './undecoded-frames.ts';
import { portsOf, type ExtraPorts } from '../protocols/ports.ts';

/** What an observer is to look at. */
export interface ObserverOptions {
  /** Link type of frames that have none of their own (`decodeFrame` says which are read). */
  readonly linkType: number;
  /** Hardware addresses of the clients; without this list the observer learns them from the traffic of the hosts. */
  readonly clients?: readonly string[];
  /** Hosts that speak for a client, by their IP address: the hypervisor of a VM, which saves its disk. */
  readonly speaking?: ReadonlyMap<string, string>;
  /** Hardware address of a client that is followed however many hosts there are. */
  readonly wanted?: string | undefined;
  /** Users whose sealed RPC is to be read, and their passwords. */
  readonly credentials?: readonly Credential[];
  /**
   * A capture that nobody can vouch for: what does not decode in a frame that the capture cut is the capture's doing, and
   * no event; what a connection that stands still shows to be missing is told in time for the judge's deadlines.
   */
  readonly isDoubtful?: boolean;
  /** Ports that services were given beside their protocol's own. */
  readonly ports?: ExtraPorts;
  readonly onEvent: (event: ProtocolEvent) => void;
  /** A client that was known by its IP address alone is given that address by DHCP, which names it: it is that client. */
  readonly onSame?: (ip: string, client: string) => void;
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
  /** Capture time has reached this moment: tells what conversations that stand still show of a doubtful capture. */
  advance(atUs: number): void;
  /**
   * Ends the story of one client: no more frames of it will come. Closes its open meters, as at the end of the capture.
   */
  endOfClient(mac: string, atUs: number): void;
  /** What the frames so far show of a client. */
  seen(client: string): ClientSeen;
  /** Frames of clients' conversations that the capture cut before the end of what the evidence needs. */
  readonly cutFrames: number;
  /** Frames of which the capture holds only the beginning, whether or not the rest matters. */
  readonly incompleteFrames: number;
  /** Frames that could not be looked into, by what they are. */
  readonly undecoded: readonly UndecodedFrames[];
  /** The first of them; 0 without one. */
  readonly firstCutFrame: number;
  /** Whether this frame is one of them. Where they are too many to remember, every later frame counts as one. */
  isCut(frame: number): boolean;
  /** DHCP messages of hosts that were too many to be followed. */
  readonly leftOut: LeftOut;
  /** The frame in which a server accepted the connection that the SYN in this frame asks for. */
  acceptanceOf(synFrame: number): number | undefined;
  /** Ends the capture: no more frames will come. Closes open meters, and reports unfinished transfers. */
  endOfCapture(atUs: number): void;
}

/** Creates an observer of one capture. */
export function createObserver(options: ObserverOptions): Observer {
  return new CaptureObserver(options);
}

/** Messages of hosts that are not followed. */
export interface LeftOut {
  readonly frames: number;
  /** Those of network boots. */
  readonly ofBoots: number;
  /** The first of them; 0 without one. */
  readonly firstFrame: number;
}

/** What frames show of a client beside its conversations. */
export interface ClientSeen extends ClientAddresses {
  /** Number of its VLAN, the inner one of two. */
  readonly vlan: number | undefined;
}

const SYN_WITHOUT_ACK = 0x02;
const SYN_AND_ACK = 0x12;

/** How often conversations that stand still are looked at, capture time. */
const SETTLE_EVERY_US = 1_000_000;
/** Cut frames that are remembered by number. */
const MAX_CUT = 65_536;

/** A broadcast protocol of this capture. */
interface Medium {
  readonly claims: (packet: Packet) => boolean;
  readonly evidence: ((packet: Packet) => number) | undefined;
  readonly observer: MediumObserver;
}

class CaptureObserver implements Observer {
  readonly #linkType: number;
  readonly #settings: ObserverSettings;
  readonly #emit: (event: ProtocolEvent) => void;
  readonly #registry: ClientRegistry;
  readonly #shared: readonly Medium[];
  /** UDP ports of the shared protocols: other packets need not be shown to them. */
  readonly #sharedPorts: ReadonlySet<number>;
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
  readonly #owners: FrameOwners;
  readonly #strangers: Strangers;
  /** VLANs of the frame of each client's first event. */
  readonly #vlans = new Map<string, readonly number[]>();
  /** VLANs of the frame under way. */
  #frameVlans: readonly number[] = [];
  #lastFrame = 0;
  #firstLeftOut = 0;
  /** Clients on whose connections something came since they were settled. */
  readonly #unsettled = new Set<ClientObserver>();
  #settleDueUs = Infinity;
  cutFrames = 0;
  firstCutFrame = 0;
  incompleteFrames = 0;
  readonly #cut = new Set<number>();
  /** Whether the capture cut the frame under way. */
  #isCut = false;
  /** Whether the frame under way belongs to a client, so that what the capture cut of it is missing. */
  #concerns = false;

  constructor(options: ObserverOptions) {
    this.#linkType = options.linkType;
    if (options.isDoubtful === true) this.#settleDueUs = 0;
    const { isDoubtful = false, onEvent } = options;
    this.#settings = { credentials: options.credentials ?? [], isDoubtful };
    this.#emit = (event) => {
      if (isDoubtful && this.#isCut && event.type === 'malformed') return;
      if (!this.#vlans.has(event.client)) this.#vlans.set(event.client, this.#frameVlans);
      onEvent(event);
    };
    this.#registry = new ClientRegistry(options.clients, this.#emit, options);
    this.#owners = new FrameOwners(this.#registry, (client) => this.#observers.get(client) ?? this.#begin(client));
    const extra = options.ports ?? {};
    this.#shared = PROTOCOLS.flatMap(({ name, shared }): Medium[] => {
      if (!shared) return [];
      const { claims, evidence } = shared;
      const ports = extra[name];
      const observer = shared.observe(this.#registry, this.#emit);
      return [{ claims: ports === undefined ? claims : (packet) => claims(packet, ports), evidence, observer }];
    });
    this.#sharedPorts = new Set(
      PROTOCOLS.flatMap(({ name, shared }) => (shared?.udpPorts ? [...shared.udpPorts, ...(extra[name] ?? [])] : [])),
    );
    this.#applications = PROTOCOLS.flatMap((protocol): TcpApplication<ProtocolEvent>[] =>
      protocol.tcp ? [{ ...protocol.tcp, ports: portsOf(protocol, options.ports) }] : [],
    );
    this.#strangers = new Strangers(this.#applications);
    this.#servicePorts = new Set(this.#applications.flatMap(({ ports }) => ports));
    this.#senders = new Map(
      PROTOCOLS.flatMap(({ udp }): [number, Sender][] => {
        const sender = udp?.sender;
        return sender ? udp.ports.map((port) => [port, sender]) : [];
      }),
    );
  }

  advance(atUs: number): void {
    if (atUs < this.#settleDueUs) return;
    this.#settleDueUs = atUs + SETTLE_EVERY_US;
    for (const observer of this.#unsettled) {
      if (observer.settle(atUs)) continue;
      observer.isWatched = false;
      this.#unsettled.delete(observer);
    }
  }

  isCut(frame: number): boolean {
    return this.#cut.has(frame) || (this.#cut.size >= MAX_CUT && frame > this.firstCutFrame);
  }

  acceptanceOf(synFrame: number): number | undefined {
    for (const client of this.#observers.values()) {
      const answer = client.acceptanceOf(synFrame);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  frame(
    frame: Frame,
    packet = decodeFrame(frame.bytes, frame.linkType ?? this.#linkType, frame.originalLength),
  ): number {
    this.#lastFrame = frame.number;
    this.#isCut = frame.bytes.length < frame.originalLength;
    if (this.#isCut) this.incompleteFrames += 1;
    const kept = this.#take(frame, packet);
    if (this.#firstLeftOut === 0 && this.#registry.leftOut > 0) this.#firstLeftOut = frame.number;
    if (kept > frame.bytes.length && this.#concerns) {
      if (this.cutFrames === 0) this.firstCutFrame = frame.number;
      this.cutFrames += 1;
      if (this.#cut.size < MAX_CUT) this.#cut.add(frame.number);
    }
    return Math.min(kept, frame.bytes.length);
  }

  /** Takes a frame; returns how many of its bytes the evidence needs, more than there are where the capture cut them. */
  #take(frame: Frame, packet: Packet): number {
    this.#concerns = false;
    const all = frame.originalLength;
    this.#frameVlans = packet.ethernet?.vlans ?? [];
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

  get leftOut(): LeftOut {
    const { leftOut: frames, leftOutOfBoots: ofBoots } = this.#registry;
    return { frames, ofBoots, firstFrame: this.#firstLeftOut };
  }

  get undecoded(): readonly UndecodedFrames[] {
    return this.#undecoded.all;
  }

  endOfClient(mac: string, atUs: number): void {
    const at = { number: this.#lastFrame, atUs };
    this.#observers.get(mac)?.finish(at);
    for (const { observer } of this.#shared) observer.finish?.(at, CAPTURE_ENDED, mac);
    // Frames that still come for it belong to no conversation of its own.
    this.#observers.delete(mac);
    this.#owners.forget();
  }

  seen(client: string): ClientSeen {
    return { ...this.#registry.addressesOf(client), vlan: this.#vlans.get(client)?.at(-1) };
  }

  endOfCapture(atUs: number): void {
    const at = { number: this.#lastFrame, atUs };
    this.#registry.finish();
    for (const observer of this.#observers.values()) observer.finish(at);
    for (const { observer } of this.#shared) observer.finish?.(at, CAPTURE_ENDED);
  }

  /**
   * Frame bytes to keep for so many payload bytes. A frame whose IP length is 0 must stay whole: only its own length
   * shows how long its payload is.
   */
  #kept(packet: Packet, frame: Frame, payloadBytes: number): number {
    if ((packet.ipv4?.totalLength ?? packet.ipv6?.payloadLength) === 0) return frame.originalLength;
    // Of a frame that is kept as a whole, the padding of Ethernet, too.
    const isWhole = payloadBytes >= packet.payloadLength && frame.bytes.length === frame.originalLength;
    return isWhole ? frame.originalLength : packet.payloadAt + Math.min(payloadBytes, packet.payloadLength);
  }

  /** Payload bytes that the evidence needs of a packet that a broadcast protocol has taken; -1 when none has. */
  #claimed(packet: Packet, frame: Frame): number {
    for (const { claims, evidence, observer } of this.#shared) {
      if (!claims(packet)) continue;
      observer.packet(packet, frame);
      return evidence?.(packet) ?? packet.payloadLength;
    }
    return -1;
  }

  #udp(packet: Packet, frame: Frame): number {
    if (this.#sharedPorts.has(packet.udp?.destinationPort ?? 0)) {
      const kept = this.#claimed(packet, frame);
      this.#concerns = kept >= 0;
      if (kept >= 0) return kept;
    }
    let sender = this.#owners.senderOf(packet);
    if (sender.examined !== 'client') {
      const sign = this.#senders.get(packet.udp?.destinationPort ?? 0);
      if (sign && sign !== sender.examined) sender = this.#learnSender(packet, sign);
    }
    let kept = sender.client?.udp(packet, frame, true) ?? -1;
    if (kept < 0) kept = this.#owners.receiverOf(packet).client?.udp(packet, frame, false) ?? -1;
    this.#concerns = kept >= 0;
    return kept >= 0 ? kept : packet.payloadLength;
  }

  #tcp(packet: Packet, frame: Frame): number {
    let end = this.#owners.senderOf(packet);
    if (end.examined === undefined && this.#servicePorts.has(packet.tcp?.destinationPort ?? 0)) {
      // A connection that began before the capture is recognised by a segment to a service.
      const connects = ((packet.tcp?.flags ?? 0) & SYN_AND_ACK) === SYN_WITHOUT_ACK || packet.payloadLength > 0;
      if (connects) end = this.#learnSender(packet, 'candidate');
    }
    const { client: sender } = end;
    const { client: receiver } = this.#owners.receiverOf(packet);
    if (!sender && !receiver) return this.#ofStrangers(packet, frame);
    const isOfReceiver = receiver !== undefined && (!sender || this.#opened(sender, receiver, packet) === 'receiver');
    const owner = isOfReceiver ? receiver : sender;
    const kept = owner?.tcp(packet, frame, !isOfReceiver) ?? -1;
    if (owner) this.#watch(owner);
    this.#concerns = kept >= 0;
    return kept >= 0 ? kept : packet.payloadLength;
  }

  /** Something came on a connection of this client: it is settled once nothing more does. */
  #watch(client: ClientObserver): void {
    if (client.isWatched || !this.#settings.isDoubtful) return;
    client.isWatched = true;
    this.#unsettled.add(client);
  }

  /** A connection between two clients belongs to the client that opened it. */
  #opened(sender: ClientObserver, receiver: ClientObserver, packet: Packet): 'sender' | 'receiver' {
    if (receiver.owns(packet, false)) return 'receiver';
    return sender.owns(packet, true) ? 'sender' : (openerOf(packet, this.#servicePorts) ?? 'sender');
  }

  /** A segment between hosts of which none is a client: one is, when the bytes are those of a boot service. */
  #ofStrangers(packet: Packet, frame: Frame): number {
    const recognised = this.#strangers.take(packet, frame);
    if (!recognised) return packet.payloadLength;
    const fromClient = recognised.speaker === 'client';
    this.#learn(packet, fromClient, 'candidate');
    const { client } = fromClient ? this.#owners.senderOf(packet) : this.#owners.receiverOf(packet);
    if (!client) return packet.payloadLength;
    for (const held of recognised.held) {
      const earlier = decodeFrame(held.bytes, held.linkType ?? this.#linkType, held.originalLength);
      client.tcp(earlier, held, sourceKey(earlier) === sourceKey(packet) ? fromClient : !fromClient);
    }
    this.#concerns = true;
    this.#watch(client);
    const kept = client.tcp(packet, frame, fromClient);
    // Even where the connection is not this client's (its SYN came from the other side), these bytes made it a client.
    return kept >= 0 ? kept : packet.payloadLength;
  }

  /** What the sender of a packet sent is a sign of a client; returns what is known of it then. */
  #learnSender(packet: Packet, sign: Sender): End {
    this.#learn(packet, true, sign);
    const end = this.#owners.senderOf(packet);
    if (end.examined !== 'client') end.examined = sign;
    return end;
  }

  #learn(packet: Packet, sender: boolean, sign: Sender): void {
    const { ethernet, ipv4, ipv6 } = packet;
    this.#registry.learnSender(
      sender
        ? {
            mac: ethernet?.source ?? '',
            ip: sourceIp(packet),
            forwarded: isForwarded(ipv4?.ttl ?? ipv6?.hopLimit ?? 0),
          }
        : { mac: ethernet?.destination ?? '', ip: destinationIp(packet), forwarded: undefined },
      sign,
    );
  }

  #isOfClient(packet: Packet): boolean {
    return (this.#owners.senderOf(packet).client ?? this.#owners.receiverOf(packet).client) !== undefined;
  }

  #malformed(packet: Packet, frame: Frame): void {
    const client = this.#owners.senderOf(packet).client ?? this.#owners.receiverOf(packet).client;
    if (!client || !packet.malformed) return;
    this.#concerns = true;
    this.#emit({
      type: 'malformed',
      malformed: { ...packet.malformed, bytes: packet.malformed.bytes.slice() },
      frame: frame.number,
      atUs: frame.atUs,
      client: client.mac,
    });
  }

  // Apart from the lookup, which every frame makes twice: a compiler inlines small functions.
  #begin(client: string): ClientObserver {
    const observer = new ClientObserver(client, this.#settings, this.#applications, this.#servicePorts, this.#emit);
    this.#observers.set(client, observer);
    return observer;
  }
}
