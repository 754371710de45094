import type { Frame } from '../packet/frame.ts';
import type { Packet } from '../packet/packet.ts';
import type { Stamp } from '../protocols/base/observe/event-body.ts';
import { NO_FILE_WATCH, type FileWatch } from '../protocols/base/observe/file-watch.ts';
import type { ObservedClient, ObserverSettings } from '../protocols/base/observe/observed-client.ts';
import type { UdpObserver } from '../protocols/base/observe/udp-service.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { TcpApplication } from '../protocols/tcp/observe/application.ts';
import { AcceptedConnections } from '../protocols/tcp/observe/accepted-connections.ts';
import { TcpObserver } from '../protocols/tcp/observe/observer.ts';

/** Why conversations end that nothing else has ended. */
export const CAPTURE_ENDED = 'the capture ended';

/** The state of one client: its conversations over UDP and its TCP connections. */
export class ClientObserver implements ObservedClient<ProtocolEvent> {
  readonly mac: string;
  readonly emit: (event: ProtocolEvent) => void;
  readonly settings: ObserverSettings;
  readonly files: FileWatch;
  /** Whether `settle` is to be called. */
  isWatched = false;
  readonly #shared = new Map<new () => object, object>();
  readonly #udp: readonly UdpObserver[];
  /** Protocols whose conversations choose ports for themselves: a packet to any port may be theirs. */
  readonly #udpOfAnyPort: readonly UdpObserver[];
  readonly #udpByPort: ReadonlyMap<number, UdpObserver>;
  readonly #tcp: TcpObserver<ProtocolEvent>;

  constructor(
    mac: string,
    settings: ObserverSettings,
    applications: readonly TcpApplication<ProtocolEvent>[],
    servicePorts: ReadonlySet<number>,
    emit: (event: ProtocolEvent) => void,
  ) {
    this.mac = mac;
    this.settings = settings;
    this.emit = emit;
    // Only one protocol looks into files; a second one would need to receive the same bytes.
    this.files = PROTOCOLS.flatMap((protocol) => protocol.files?.(this) ?? [])[0] ?? NO_FILE_WATCH;
    const services = PROTOCOLS.flatMap(({ udp, chosenPorts }) =>
      udp ? [{ observer: udp.observe(this), ports: udp.ports, choosesPorts: chosenPorts !== undefined }] : [],
    );
    this.#udp = services.map(({ observer }) => observer);
    this.#udpOfAnyPort = services.flatMap(({ observer, choosesPorts }) => (choosesPorts ? [observer] : []));
    this.#udpByPort = new Map(
      services.flatMap(({ observer, ports, choosesPorts }) =>
        choosesPorts ? [] : ports.map((port): [number, UdpObserver] => [port, observer]),
      ),
    );
    this.#tcp = new TcpObserver<ProtocolEvent>(this, applications, servicePorts);
  }

  shared<T extends object>(kind: new () => T): T {
    const known = this.#shared.get(kind);
    if (known instanceof kind) return known;
    const made = new kind();
    this.#shared.set(kind, made);
    return made;
  }

  /**
   * Takes a UDP packet; returns how many payload bytes the evidence needs, -1 when no conversation of this client takes
   * it.
   */
  udp(packet: Packet, frame: Frame, fromClient: boolean): number {
    for (const observer of this.#udpOfAnyPort) {
      const kept = observer.packet(packet, frame, fromClient);
      if (kept >= 0) return kept;
    }
    const { destinationPort = 0, sourcePort = 0 } = packet.udp ?? {};
    const kept = this.#udpByPort.get(destinationPort)?.packet(packet, frame, fromClient) ?? -1;
    return kept >= 0 ? kept : (this.#udpByPort.get(sourcePort)?.packet(packet, frame, fromClient) ?? -1);
  }

  /**
   * Takes a TCP segment; returns how many payload bytes the evidence needs, -1 when this client is the server of its
   * connection.
   */
  tcp(packet: Packet, frame: Frame, fromClient: boolean): number {
    return this.#tcp.packet(packet, frame, fromClient);
  }

  /** Whether a segment from or to this client belongs to a connection that is known as its own. */
  owns(packet: Packet, fromClient: boolean): boolean {
    return this.#tcp.owns(packet, fromClient);
  }

  /** The frame in which a server accepted the connection that a SYN of this client asks for. */
  acceptanceOf(synFrame: number): number | undefined {
    return this.shared(AcceptedConnections).answerTo(synFrame);
  }

  /** It is so late: tells what the capture does not hold of conversations that stand still. False when it has told all. */
  settle(atUs: number): boolean {
    return this.#tcp.settle(atUs);
  }

  /** The capture is over. */
  finish(at: Stamp): void {
    for (const observer of this.#udp) observer.finish?.(at, CAPTURE_ENDED);
    this.#tcp.finish(at, CAPTURE_ENDED);
  }
}
