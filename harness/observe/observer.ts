import type { Frame } from '../packet/frame.ts';
import { decodeFrame, type Packet } from '../packet/packet.ts';
import { ClientObserver } from './client-observer.ts';
import { ClientRegistry } from './client-registry.ts';
import type { Credential } from '../protocols/ntlm/observe/credentials.ts';
import { DhcpObserver, isDhcp } from '../protocols/dhcp/observe/observer.ts';
import type { ProtocolEvent } from '../protocols/base/observe/seen.ts';
import { destinationIp, sourceIp } from '../protocols/base/observe/flow-ends.ts';
import { FragmentBuffer } from '../packet/fragment-buffer.ts';
import { KERBEROS_PORT } from '../protocols/kerberos/observe/observer.ts';

/** What an observer is to look at. */
export interface ObserverOptions {
  /** Link type of the capture: 1 Ethernet, 113 and 276 Linux cooked, 101 raw IP. */
  readonly linkType: number;
  /** Hardware addresses of the clients; without it the observer learns them from what hosts do. */
  readonly clients?: readonly string[];
  /** Users whose sealed RPC is to be read, and their passwords. */
  readonly credentials?: readonly Credential[];
  readonly onEvent: (event: ProtocolEvent) => void;
}

/**
 * Turns the frames of one capture, in capture order, into the events of its clients. Pure: knows no clock but the
 * frames'.
 */
export interface Observer {
  /**
   * Takes the next frame. Returns how many of its bytes the evidence file must keep so that a replay gives the same
   * events; never more than the frame has.
   */
  frame(frame: Frame): number;
  /** No more frames of this client will come: closes its open meters, as at the end of the capture. */
  endOfClient(mac: string, atUs: number): void;
  /** No more frames will come: closes open meters, and tells transfers that came to no end. */
  endOfCapture(atUs: number): void;
}

/** Creates an observer of one capture. */
export function createObserver(options: ObserverOptions): Observer {
  return new CaptureObserver(options);
}

const TFTP_PORT = 69;
/**
 * TCP services that a boot client connects to: HTTP, Kerberos, RPC endpoint mapper, NetBIOS session, HTTPS, SMB, WDS,
 * HTTP again.
 */
const BOOT_SERVICE_PORTS = new Set([80, 88, 135, 139, 443, 445, 5040, 8080]);
const SYN_WITHOUT_ACK = 0x02;
const SYN_AND_ACK = 0x12;

class CaptureObserver implements Observer {
  readonly #linkType: number;
  readonly #credentials: readonly Credential[];
  readonly #emit: (event: ProtocolEvent) => void;
  readonly #registry: ClientRegistry;
  readonly #dhcp: DhcpObserver;
  readonly #fragments = new FragmentBuffer();
  readonly #observers = new Map<string, ClientObserver>();
  #lastFrame = 0;

  constructor(options: ObserverOptions) {
    this.#linkType = options.linkType;
    this.#credentials = options.credentials ?? [];
    this.#emit = options.onEvent;
    this.#registry = new ClientRegistry(options.clients, this.#emit);
    this.#dhcp = new DhcpObserver(this.#registry, this.#emit);
  }

  frame(frame: Frame): number {
    this.#lastFrame = frame.number;
    const packet = decodeFrame(frame.bytes, this.#linkType, frame.originalLength);
    const all = frame.bytes.length;
    if (packet.malformed) this.#malformed(packet, frame);
    else if (packet.arp) this.#arp(packet, frame);
    else if (packet.ipv4?.fragment ?? packet.ipv6?.fragment) {
      const datagram = this.#fragments.add(packet);
      if (datagram?.udp) this.#udp(datagram, frame);
    } else if (packet.udp) return this.#kept(packet, frame, this.#udp(packet, frame));
    else if (packet.tcp) return this.#kept(packet, frame, this.#tcp(packet, frame));
    return all;
  }

  endOfClient(mac: string, atUs: number): void {
    this.#observers.get(mac)?.finish({ number: this.#lastFrame, atUs });
    // What the network still sends to it belongs to no conversation of its own.
    this.#observers.delete(mac);
  }

  endOfCapture(atUs: number): void {
    this.#registry.finish();
    for (const observer of this.#observers.values()) observer.finish({ number: this.#lastFrame, atUs });
  }

  /**
   * Frame bytes to keep for so many payload bytes. A frame whose IP length is 0 must stay whole: its length is all that
   * tells its payload.
   */
  #kept(packet: Packet, frame: Frame, payloadBytes: number): number {
    const { length } = frame.bytes;
    if (payloadBytes >= packet.payloadLength || (packet.ipv4?.totalLength ?? packet.ipv6?.payloadLength) === 0)
      return length;
    return Math.min(length, packet.payload.byteOffset - frame.bytes.byteOffset + payloadBytes);
  }

  #arp({ arp, ethernet }: Packet, frame: Frame): void {
    if (!arp || arp.operation < 1 || arp.operation > 2) return;
    const { senderMac, senderIp, targetIp } = arp;
    const type = arp.operation === 1 ? 'arp.request' : 'arp.reply';
    this.#registry.arp(
      { type, frame: frame.number, atUs: frame.atUs, senderMac, senderIp, targetIp, gratuitous: senderIp === targetIp },
      ethernet?.destination ?? '',
    );
  }

  #udp(packet: Packet, frame: Frame): number {
    if (isDhcp(packet)) {
      this.#dhcp.packet(packet, frame);
      return packet.payloadLength;
    }
    if (packet.udp?.destinationPort === TFTP_PORT) this.#registry.learn(packet.ethernet?.source ?? '');
    if (packet.udp?.destinationPort === KERBEROS_PORT) this.#registry.learnConnecting(packet.ethernet?.source ?? '');
    const sender = this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet));
    const kept = sender ? sender.udp(packet, frame, true) : -1;
    if (kept >= 0) return kept;
    const receiver = this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet));
    const keptByReceiver = receiver ? receiver.udp(packet, frame, false) : -1;
    return keptByReceiver >= 0 ? keptByReceiver : packet.payloadLength;
  }

  #tcp(packet: Packet, frame: Frame): number {
    // A connection that began before the capture is known by what it sends to a service.
    const connects = ((packet.tcp?.flags ?? 0) & SYN_AND_ACK) === SYN_WITHOUT_ACK || packet.payloadLength > 0;
    if (connects && BOOT_SERVICE_PORTS.has(packet.tcp?.destinationPort ?? 0))
      this.#registry.learnConnecting(packet.ethernet?.source ?? '');
    const sender = this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet));
    const receiver = this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet));
    // Between two clients the connection belongs to the one that opened it.
    if (receiver && (!sender || receiver.owns(packet))) return receiver.tcp(packet, frame, false);
    return sender ? sender.tcp(packet, frame, true) : packet.payloadLength;
  }

  #malformed(packet: Packet, frame: Frame): void {
    const client = (
      this.#observerOf(packet.ethernet?.source ?? '', sourceIp(packet)) ??
      this.#observerOf(packet.ethernet?.destination ?? '', destinationIp(packet))
    )?.client;
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
    const known = this.#observers.get(client);
    if (known) return known;
    const observer = new ClientObserver(client, this.#credentials, this.#emit);
    this.#observers.set(client, observer);
    return observer;
  }
}
