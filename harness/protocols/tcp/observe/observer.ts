import type { Frame } from '../../../packet/frame.ts';
import type { Packet } from '../../../packet/packet.ts';
import { TCP_FLAGS } from '../../../packet/layers.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import { detectApplication, speakerOf, type TcpApplication } from './application.ts';
import { openerOf } from './opener.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { TcpEvent } from './events.ts';
import {
  destinationKey,
  destinationOf,
  endText,
  sourceKey,
  sourceOf,
  type EndKey,
} from '../../base/observe/flow-ends.ts';
import { TcpConnection } from './connection.ts';
import { ServedConnections } from './served-connections.ts';
import type { Stamp } from '../../base/observe/event-body.ts';

/** Connections remembered for one client. */
const MAX_CONNECTIONS = 512;
/** Payload bytes of a bulk segment that stay in the evidence. */
const KEPT_BULK_BYTES = 64;

/** A connection and its two ends. */
interface Known {
  readonly clientKey: EndKey;
  readonly serverKey: EndKey;
  readonly connection: TcpConnection;
}

/** The TCP connections that one client opened. `E`: events of the applications that are looked for. */
export class TcpObserver<E> {
  readonly #client: ObservedClient<E | TcpEvent>;
  readonly #applications: readonly TcpApplication<E>[];
  /** By the server's end, then by the client's. */
  readonly #connections = new Map<EndKey, Map<EndKey, TcpConnection>>();
  readonly #oldestFirst = new Set<TcpConnection>();
  /** The connection of the latest segment: the next one is mostly on it, and comparing costs less than two lookups. */
  #latest: Known | undefined;
  /** Those on which something came since they were settled. */
  readonly #unsettled = new Set<TcpConnection>();
  /** Ports that servers of any application listen on. */
  readonly #servicePorts: ReadonlySet<number>;
  readonly #served = new ServedConnections();

  constructor(
    client: ObservedClient<E | TcpEvent>,
    applications: readonly TcpApplication<E>[],
    servicePorts: ReadonlySet<number>,
  ) {
    this.#client = client;
    this.#applications = applications;
    this.#servicePorts = servicePorts;
  }

  /** Whether a segment from or to this client belongs to a connection known here. */
  owns(packet: Packet, fromClient: boolean): boolean {
    const [clientKey, serverKey] = endsOf(packet, fromClient);
    return this.#connections.get(serverKey)?.has(clientKey) ?? false;
  }

  /**
   * Takes a segment; returns how many payload bytes the evidence needs, -1 for one of a connection that another host
   * opened to this client.
   */
  packet(packet: Packet, frame: Frame, fromClient: boolean): number {
    const { tcp, payloadAt, payloadLength } = packet;
    if (!tcp) return payloadLength;
    const clientKey = fromClient ? sourceKey(packet) : destinationKey(packet);
    const serverKey = fromClient ? destinationKey(packet) : sourceKey(packet);
    let connection = this.#known(clientKey, serverKey);
    const opens = (tcp.flags & (TCP_FLAGS.syn | TCP_FLAGS.ack)) === TCP_FLAGS.syn;
    if (connection && opens && fromClient && connection.isReplacedBy(tcp.sequence)) {
      connection.finish(frame, 'its port was used for another connection');
      this.#oldestFirst.delete(connection);
      connection = undefined;
    }
    // Segments after RST or the last FIN still belong to the ended connection; they open no new one.
    if (connection?.over) return payloadLength;
    if (!connection && (tcp.flags & TCP_FLAGS.rst) !== 0) return payloadLength;
    if (!connection && this.#serves(packet, fromClient, clientKey, serverKey)) return -1;
    connection ??= this.#open(packet, frame, fromClient, clientKey, serverKey);
    if (!connection.isWatched) {
      connection.isWatched = true;
      this.#unsettled.add(connection);
    }
    const bulk = connection.segment(tcp, frame, payloadAt, payloadLength, fromClient);
    return bulk ? Math.min(KEPT_BULK_BYTES, payloadLength) : payloadLength;
  }

  /**
   * It is so late: tells what the capture does not hold of connections on which nothing comes any more. False when there
   * is nothing more to tell before the next segment.
   */
  settle(atUs: number): boolean {
    for (const connection of this.#unsettled) {
      if (connection.settle(atUs)) continue;
      connection.isWatched = false;
      this.#unsettled.delete(connection);
    }
    return this.#unsettled.size > 0;
  }

  /** The capture is over. */
  finish(at: Stamp, reason: string): void {
    for (const connection of this.#oldestFirst) connection.finish(at, reason);
  }

  #known(clientKey: EndKey, serverKey: EndKey): TcpConnection | undefined {
    const latest = this.#latest;
    if (latest?.clientKey === clientKey && latest.serverKey === serverKey) return latest.connection;
    const connection = this.#connections.get(serverKey)?.get(clientKey);
    this.#latest = connection && { clientKey, serverKey, connection };
    return connection;
  }

  /** Whether this client is the server of a segment's connection, which is not known yet. */
  #serves(packet: Packet, fromClient: boolean, clientKey: EndKey, serverKey: EndKey): boolean {
    const opener = openerOf(packet, this.#servicePorts);
    if (opener === undefined && this.#served.has(clientKey, serverKey)) return true;
    const speaker = opener === undefined ? speakerOf(packet.payload, this.#applications) : undefined;
    // What shows neither is taken for the client's own.
    const isOfSender = opener === 'sender' || speaker === 'client';
    if (isOfSender === fromClient || (opener ?? speaker) === undefined) return false;
    this.#served.add(clientKey, serverKey);
    return true;
  }

  #open(packet: Packet, frame: Frame, fromClient: boolean, clientKey: EndKey, serverKey: EndKey): TcpConnection {
    const [client, server] = fromClient
      ? [sourceOf(packet), destinationOf(packet)]
      : [destinationOf(packet), sourceOf(packet)];
    const connection = new TcpConnection(
      { client: this.#client.mac, connection: `${endText(client)}>${endText(server)}`, server },
      this.#client.emit,
      this.#client.settings.isDoubtful,
      this.#client.shared(AcceptedConnections),
    );
    const fromStart = ((packet.tcp?.flags ?? 0) & TCP_FLAGS.syn) !== 0;
    detectApplication(connection, fromStart, this.#client, this.#applications);
    const ofServer = this.#connections.get(serverKey) ?? new Map<EndKey, TcpConnection>();
    this.#connections.set(serverKey, ofServer);
    ofServer.set(clientKey, connection);
    this.#latest = undefined;
    this.#oldestFirst.add(connection);
    if (this.#oldestFirst.size > MAX_CONNECTIONS) this.#forgetOldest(frame);
    return connection;
  }

  /** Drops a connection that is over, or else the oldest. */
  #forgetOldest(frame: Frame): void {
    let victim: TcpConnection | undefined;
    for (const candidate of this.#oldestFirst) {
      victim ??= candidate;
      if (!candidate.over) continue;
      victim = candidate;
      break;
    }
    if (!victim) return;
    victim.finish(frame, `more than ${MAX_CONNECTIONS} newer connections of this client began`);
    this.#oldestFirst.delete(victim);
    this.#latest = undefined;
    for (const [serverKey, ofServer] of this.#connections) {
      for (const [clientKey, connection] of ofServer) if (connection === victim) ofServer.delete(clientKey);
      if (ofServer.size === 0) this.#connections.delete(serverKey);
    }
  }
}

/** The client's end of a segment, and the other one. */
function endsOf(packet: Packet, fromClient: boolean): readonly [client: EndKey, server: EndKey] {
  return fromClient ? [sourceKey(packet), destinationKey(packet)] : [destinationKey(packet), sourceKey(packet)];
}
