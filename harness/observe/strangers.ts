import type { Frame } from '../packet/frame.ts';
import { TCP_FLAGS } from '../packet/layers.ts';
import type { Packet } from '../packet/packet.ts';
import { destinationKey, sourceKey, type EndKey } from '../protocols/base/observe/flow-ends.ts';
import type { TcpApplication } from '../protocols/tcp/observe/application.ts';
import { speakerOf } from '../protocols/tcp/observe/application.ts';
import type { Side } from '../protocols/tcp/observe/connection.ts';

/** Connections remembered, and frames kept of each: SYN, its answer, and the acknowledgement, some of them again. */
const MAX_CONNECTIONS = 4096;
const MAX_HELD_FRAMES = 6;

/** A connection whose first bytes are those of a known application. */
export interface Recognised {
  /** Who sent them. */
  readonly speaker: Side;
  /** The handshake before them, as far as the capture has it. */
  readonly held: readonly Frame[];
}

/**
 * TCP connections between hosts that are no clients yet, at ports that no service is known by: RPC on a port that no
 * endpoint mapper named, HTTP on a port of its own. The first payload of a connection shows what it is; the handshake
 * is kept until then.
 */
export class Strangers {
  readonly #applications: readonly Pick<TcpApplication<never>, 'signature'>[];
  /** By both ends, the lesser first: frames of the handshake; undefined once the first payload was looked at. */
  readonly #connections = new Map<EndKey, Map<EndKey, Frame[] | undefined>>();
  #count = 0;

  constructor(applications: readonly Pick<TcpApplication<never>, 'signature'>[]) {
    this.#applications = applications;
  }

  /** Takes a segment; tells once when its connection is recognised. */
  take(packet: Packet, frame: Frame): Recognised | undefined {
    const [source, destination] = [sourceKey(packet), destinationKey(packet)];
    const [lesser, greater] = source < destination ? [source, destination] : [destination, source];
    let ofLesser = this.#connections.get(lesser);
    const held = ofLesser?.get(greater);
    const flags = packet.tcp?.flags ?? 0;
    const opens = (flags & (TCP_FLAGS.syn | TCP_FLAGS.ack)) === TCP_FLAGS.syn;
    if (!opens && held === undefined && (packet.payloadLength === 0 || ofLesser?.has(greater))) return undefined;
    if (ofLesser === undefined) {
      if (this.#count >= MAX_CONNECTIONS) this.#forget();
      ofLesser = new Map();
      this.#connections.set(lesser, ofLesser);
    }
    if (!ofLesser.has(greater)) this.#count += 1;
    if (packet.payloadLength === 0) {
      // A SYN again is the same connection's, or begins one in its place.
      const kept = opens ? [] : (held ?? []);
      if (kept.length < MAX_HELD_FRAMES) kept.push({ ...frame, bytes: frame.bytes.slice() });
      ofLesser.set(greater, kept);
      return undefined;
    }
    ofLesser.set(greater, undefined);
    const speaker = speakerOf(packet.payload, this.#applications);
    return speaker === undefined ? undefined : { speaker, held: held ?? [] };
  }

  #forget(): void {
    this.#connections.clear();
    this.#count = 0;
  }
}
