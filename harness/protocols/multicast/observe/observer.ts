import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import { destinationKey, destinationOf, type EndKey, sourceKey, sourceOf } from '../../base/observe/flow-ends.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import { beginsUdpcast, DATA_HEADER_BYTES, decodeUdpcast } from '../wire/codec.ts';
import { CAPABILITIES, REFUSED, type ReceiverMessage, type SenderMessage } from '../wire/message.ts';
import { RECEIVER_PORT } from '../wire/ports.ts';
import type { MulticastEvent } from './events.ts';
import { Sender } from './sender.ts';
import { Session } from './session.ts';

/** Senders and receivers that are remembered: udpcast itself serves 1024 receivers at once. */
const MAX_SENDERS = 256;
const MAX_SESSIONS = 4096;

type Message<Op> = Extract<SenderMessage, { readonly op: Op }>;

/** Whether a packet is udpcast's: both ports are, and it begins as one in its direction does. `ports`: those of other port bases. */
export function isUdpcast({ udp, payload }: Packet, ports: readonly number[] = []): boolean {
  if (!udp) return false;
  const { sourcePort, destinationPort } = udp;
  const toSender = isToSender(udp);
  if (!toSender && sourcePort !== destinationPort + 1) return false;
  const base = toSender ? sourcePort : destinationPort;
  return (base === RECEIVER_PORT || ports.includes(base)) && base % 2 === 0 && beginsUdpcast(payload, toSender);
}

/** A sender listens on the port above its receivers' one. */
const isToSender = ({ sourcePort, destinationPort }: NonNullable<Packet['udp']>): boolean =>
  destinationPort === sourcePort + 1;

/** Bytes of a packet that the evidence needs: of the image none. */
export function udpcastEvidence({ payload, payloadLength }: Packet): number {
  const isImage = payload[0] === 0 && (payload[1] === 8 || payload[1] === 9);
  return isImage ? Math.min(DATA_HEADER_BYTES, payloadLength) : payloadLength;
}

/**
 * Udpcast of all receivers. What a sender sends to its group belongs to every receiver that it has let in (or that
 * heard its announcement, where there is no way back) and that has neither left nor been dropped.
 */
export class MulticastObserver {
  readonly #clients: Clients;
  readonly #emit: (event: MulticastEvent | MalformedEvent) => void;
  readonly #senders = new Map<EndKey, Sender>();
  readonly #sessions = new Map<EndKey, Session>();

  constructor(clients: Clients, emit: (event: MulticastEvent | MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const message = decodeUdpcast(packet.payload, packet.payloadLength);
    if (isMalformed(message)) {
      const session = this.#sessions.get(sourceKey(packet)) ?? this.#sessions.get(destinationKey(packet));
      const { number, atUs } = frame;
      if (session)
        this.#emit({
          type: 'malformed',
          malformed: { ...message, bytes: message.bytes.slice() },
          frame: number,
          atUs,
          client: session.client,
        });
    } else if (packet.udp && isToSender(packet.udp)) this.#fromReceiver(message as ReceiverMessage, packet, frame);
    else this.#fromSender(message as SenderMessage, packet, frame);
  }

  /** The capture is over, or one client is: nothing more of it will come. */
  finish(at: Stamp, reason: string, client?: string): void {
    for (const [end, session] of this.#sessions) {
      if (client !== undefined && session.client !== client) continue;
      this.#end(session, at, reason);
      this.#sessions.delete(end);
    }
  }

  #fromReceiver(message: ReceiverMessage, packet: Packet, frame: Frame): void {
    const session = this.#sessions.get(sourceKey(packet));
    if (message.op === 'connect-request') {
      this.#joinRequest(message.capabilities, message.receiveBuffer, session, packet, frame);
      return;
    }
    if (message.op === 'disconnect') {
      this.#disconnect(session, packet, frame);
      return;
    }
    if (!session?.sending || session.left) return;
    const { sending } = session;
    if (message.op === 'go') session.go(frame);
    else if (session.over) return;
    else if (message.op === 'retransmit') session.retransmit(frame, sending, message.slice, message.round, message.has);
    else if (session.ok(frame, sending, message.slice)) this.#leaves(session);
  }

  #joinRequest(
    capabilities: number,
    receiveBuffer: number,
    session: Session | undefined,
    packet: Packet,
    frame: Frame,
  ): void {
    // A receiver asks again until it is answered, and once more when the answer was lost.
    if (session && !session.over && !session.begun) {
      if (session.asks) session.server = destinationOf(packet);
      session.joinRequest(frame, capabilities, receiveBuffer, true, this.#isUnderWay(packet, frame));
      return;
    }
    const client = packet.ethernet?.source ?? '';
    if (!this.#clients.has(client) && !this.#clients.learn(client, false)) return;
    if (session) this.#end(session, frame, 'the receiver joined anew');
    const made = this.#begin(client, packet, true, frame);
    made.joinRequest(frame, capabilities, receiveBuffer, false, this.#isUnderWay(packet, frame));
  }

  /** A receiver goes, whether or not it is a client. */
  #disconnect(session: Session | undefined, packet: Packet, frame: Frame): void {
    if (session && !session.left) {
      session.leave(frame);
      this.#leaves(session);
    }
    const sender = this.#senders.get(destinationKey(packet));
    if (!sender?.left(sourceKey(packet)) || sender.current.sending.endSlice < 0) return;
    const { sessions } = sender.current;
    for (const other of sessions) {
      other.othersLeft(frame);
      if (other.ended) sessions.delete(other);
    }
  }

  /** Whether a transfer runs at the sender that a receiver asks, or at any that hears it where it asks all of them. */
  #isUnderWay(packet: Packet, { atUs }: Stamp): boolean {
    const asked = this.#senders.get(destinationKey(packet));
    return [...(asked ? [asked] : this.#senders.values())].some(
      (sender) => sender.port === packet.udp?.destinationPort && sender.isBusy(atUs),
    );
  }

  #begin(client: string, packet: Packet, fromReceiver: boolean, at: Stamp): Session {
    const [receiver, server] = fromReceiver
      ? [sourceOf(packet), destinationOf(packet)]
      : [destinationOf(packet), sourceOf(packet)];
    const session = new Session(client, receiver, server, at, this.#emit);
    const end = fromReceiver ? sourceKey(packet) : destinationKey(packet);
    this.#sessions.delete(end);
    this.#sessions.set(end, session);
    if (this.#sessions.size > MAX_SESSIONS)
      for (const [oldest, other] of this.#sessions) {
        this.#end(other, at, `more than ${MAX_SESSIONS} newer receivers came`);
        this.#sessions.delete(oldest);
        break;
      }
    return session;
  }

  #fromSender(message: SenderMessage, packet: Packet, frame: Frame): void {
    const sender = this.#senderOf(packet);
    switch (message.op) {
      case 'hello':
        this.#hello(message, sender, packet, frame);
        return;
      case 'connect-reply':
        this.#joinReply(message, sender, packet, frame);
        return;
      default:
        this.#image(message, sender, packet, frame);
    }
  }

  #hello(message: Message<'hello'>, sender: Sender, packet: Packet, frame: Frame): void {
    const { sending, sessions } = message.streaming ? sender.current : sender.lettingIn;
    sending.rendezvous = destinationOf(packet).ip;
    if ((message.capabilities & CAPABILITIES.asynchronous) === 0) return;
    const { blockSize, capabilities, group = '' } = message;
    for (const session of this.#sessions.values()) {
      if (!session.asks) continue;
      session.server = sourceOf(packet);
      sessions.add(session);
      session.announced(frame, sending, { blockSize, capabilities, group });
    }
  }

  #joinReply(message: Message<'connect-reply'>, sender: Sender, packet: Packet, frame: Frame): void {
    const known = this.#sessions.get(destinationKey(packet));
    // The same answer again lets nobody in to anything else.
    const { sending, sessions, receivers } =
      known && sender.current.sessions.has(known) ? sender.current : sender.lettingIn;
    if (message.clientNumber !== REFUSED && receivers.size < MAX_SESSIONS) receivers.add(destinationKey(packet));
    const client = packet.ethernet?.destination ?? '';
    const session =
      known && !known.over ? known : this.#clients.has(client) ? this.#begin(client, packet, false, frame) : undefined;
    if (!session) return;
    const { clientNumber, blockSize, capabilities, group = '' } = message;
    session.server = sourceOf(packet);
    session.joinReply(frame, sending, clientNumber, { blockSize, capabilities, group });
    if (!session.ended) sessions.add(session);
  }

  #image(message: Message<'data' | 'fec' | 'request-ack'>, sender: Sender, packet: Packet, frame: Frame): void {
    const { slice, sliceBytes } = message;
    if (message.op === 'data') for (const session of sender.sends(slice, message.block)) session.abandoned(frame);
    const { current } = sender;
    const { sending, sessions: all, receivers } = current;
    const only = this.#sessions.get(destinationKey(packet));
    const sessions = only ? (all.has(only) ? [only] : []) : all;
    const isNewSlice = slice > sending.latest;
    if (current.hasNewcomers || isNewSlice)
      for (const session of sessions) {
        if (!session.begun) session.firstData(frame, sending, slice, receivers.size);
        else if (isNewSlice && !session.ended) session.wentOnTo(frame, slice);
        if (session.ended) all.delete(session);
      }
    current.hasNewcomers = false;
    sending.begun = true;
    sending.lastFrame = frame.number;
    sending.lastAtUs = frame.atUs;
    if (message.op === 'data') {
      const how = sending.data(slice, sliceBytes, message.block, message.dataLength);
      if (how.kind !== 'next') for (const session of sessions) session.block(frame, slice, message.block, how);
      return;
    }
    if (message.op === 'fec') {
      sending.fec(slice, sliceBytes);
      return;
    }
    sending.asked(slice, sliceBytes, frame.atUs);
    for (const session of sessions) session.asked(slice);
  }

  #senderOf(packet: Packet): Sender {
    const end = sourceKey(packet);
    const known = this.#senders.get(end);
    if (known) return known;
    const made = new Sender(sourceOf(packet).port);
    this.#senders.set(end, made);
    if (this.#senders.size > MAX_SENDERS)
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest);
        break;
      }
    return made;
  }

  #end(session: Session, at: Stamp, reason: string): void {
    session.unfinished(at, reason);
    this.#leaves(session);
  }

  #leaves(session: Session): void {
    for (const sender of this.#senders.values()) sender.forget(session);
  }
}
