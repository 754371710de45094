import { TFTP_PORT } from '../wire/ports.ts';
import { BOOT_PROGRAM_HEADER_BYTES } from '../../base/wire/boot-program.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import { decodeTftp } from '../wire/codec.ts';
import type { TftpPacket } from '../wire/message.ts';
import type { TftpEvent } from './events.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import {
  destinationKey,
  destinationOf,
  endText,
  sourceKey,
  sourceOf,
  type EndKey,
} from '../../base/observe/flow-ends.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import { TftpTransfer, type TftpRequest } from './transfer.ts';

/** Client ports remembered for one client: it uses one at a time, PXELINUX a new one for every file. */
const MAX_TRANSFERS = 256;
/** DATA bytes that stay in the evidence: opcode, block number and enough to recognise a file by; of a file's first block its headers. */
const KEPT_DATA_BYTES = 64;
const KEPT_FIRST_DATA_BYTES = 4 + BOOT_PROGRAM_HEADER_BYTES;

type Request = TftpPacket & { readonly op: 'read-request' | 'write-request' };

/** The transfer of one client port, and the servers' ends that do not belong to it. */
interface PortState {
  readonly transfer: TftpTransfer;
  readonly clientEnd: EndKey;
  /** Text of the request, to know a resend from a new one. */
  readonly requestText: string;
  /** The server's end that answered first; undefined until one did. */
  lockedTo: EndKey | undefined;
  /** The end of the transfer that this port was used for before: it may still repeat itself. */
  readonly formerly: EndKey | undefined;
  /** The same request came more than once. */
  askedAgain: boolean;
}

/** All TFTP of one client: which packet belongs to which transfer (RFC 1350 section 4). */
export class TftpObserver {
  readonly #client: string;
  readonly #emit: (event: TftpEvent | MalformedEvent) => void;
  readonly #ports = new Map<EndKey, PortState>();
  /** The state of the latest packet's port: the next packet is mostly of it, and comparing costs less than a lookup. */
  #latest: PortState | undefined;
  /** Client ports of transfers whose request was not seen. */
  readonly #unasked = new Set<EndKey>();

  constructor(client: string, emit: (event: TftpEvent | MalformedEvent) => void) {
    this.#client = client;
    this.#emit = emit;
  }

  /**
   * Takes a UDP packet between the client and anybody. Returns how many payload bytes the evidence needs, or -1 when it
   * is not TFTP.
   */
  packet(packet: Packet, frame: Frame, fromClient: boolean): number {
    if (fromClient && packet.udp?.destinationPort === TFTP_PORT && isRequest(packet.payload)) {
      this.#request(packet, frame);
      return packet.payloadLength;
    }
    const state = this.#stateOf(fromClient ? sourceKey(packet) : destinationKey(packet));
    if (!state) {
      this.#withoutRequest(packet, frame, fromClient);
      return -1;
    }
    const decoded = decodeTftp(packet.payload, packet.payloadLength);
    if (isMalformed(decoded)) this.#malformed(decoded, frame);
    else if (fromClient) this.#fromClient(state, packet, decoded, frame);
    else this.#fromServer(state, packet, decoded, frame);
    if (isMalformed(decoded) || decoded.op !== 'data') return packet.payloadLength;
    // A capture that holds less of it says less of the file, and nothing else is missing.
    const headers = decoded.block === 1 ? Math.min(KEPT_FIRST_DATA_BYTES, packet.payload.length) : 0;
    return Math.max(KEPT_DATA_BYTES, headers);
  }

  /** The capture is over: reports unfinished transfers. */
  finish(at: Stamp, reason: string): void {
    for (const { transfer } of this.#ports.values()) transfer.unfinished(at, reason);
  }

  #stateOf(clientEnd: EndKey): PortState | undefined {
    if (this.#latest?.clientEnd === clientEnd) return this.#latest;
    this.#latest = this.#ports.get(clientEnd);
    return this.#latest;
  }

  /** Tells once of each transfer whose request the capture does not hold. */
  #withoutRequest(packet: Packet, frame: Frame, fromClient: boolean): void {
    const op = transferOp(packet);
    const key = fromClient ? sourceKey(packet) : destinationKey(packet);
    if (op === undefined || this.#unasked.has(key) || this.#unasked.size >= MAX_TRANSFERS) return;
    this.#unasked.add(key);
    const [client, server] = fromClient
      ? [sourceOf(packet), destinationOf(packet)]
      : [destinationOf(packet), sourceOf(packet)];
    this.#emit({
      type: 'tftp.anomaly',
      anomaly: { kind: 'packet-without-request', op, by: fromClient ? 'client' : 'server' },
      frame: frame.number,
      atUs: frame.atUs,
      client: this.#client,
      transfer: `${endText(client)}>${endText(server)}#${frame.number}`,
      server,
      filename: '',
    });
  }

  #request(packet: Packet, frame: Frame): void {
    const decoded = decodeTftp(packet.payload, packet.payloadLength);
    if (isMalformed(decoded)) {
      this.#malformed(decoded, frame);
      return;
    }
    if (decoded.op !== 'read-request' && decoded.op !== 'write-request') return;
    const clientEnd = sourceKey(packet);
    const requestText = `${destinationKey(packet)} ${textOf(decoded)}`;
    const former = this.#ports.get(clientEnd);
    if (former && !former.transfer.ended && former.requestText === requestText) {
      former.transfer.requested(frame, true);
      former.askedAgain = true;
      return;
    }
    former?.transfer.unfinished(
      frame,
      `port ${packet.udp?.sourcePort ?? 0} was used for a request for '${decoded.filename}'`,
    );
    const server = destinationOf(packet);
    const { filename, mode, options } = decoded;
    const name = `${endText(sourceOf(packet))}>${endText(server)}#${frame.number}`;
    const transfer = new TftpTransfer(
      { client: this.#client, transfer: name, filename, mode, options, kind: decoded.op },
      server,
      frame,
      this.#emit,
    );
    this.#latest = undefined;
    this.#ports.delete(clientEnd);
    this.#ports.set(clientEnd, {
      transfer,
      clientEnd,
      requestText,
      lockedTo: undefined,
      formerly: former?.lockedTo,
      askedAgain: false,
    });
    this.#forgetOldest(frame);
  }

  #fromServer(state: PortState, packet: Packet, decoded: TftpPacket, frame: Frame): void {
    const end = sourceKey(packet);
    if (state.lockedTo === undefined && (end !== state.formerly || answers(state.transfer.request, decoded)))
      this.#lock(state, packet, frame);
    if (state.lockedTo === end) {
      apply(state.transfer, decoded, 'server', frame);
      return;
    }
    // A request that came twice may be answered twice, each time from a port of its own; the client keeps the first
    // (RFC 1350 section 4).
    if (state.askedAgain && sourceOf(packet).ip === state.transfer.server.ip) return;
    const { op } = decoded;
    const from = endText(sourceOf(packet));
    state.transfer.anomalyOnce(
      frame,
      end === state.formerly
        ? { kind: 'packet-of-former-transfer', op, from }
        : { kind: 'second-answer', op, from, answered: endText(state.transfer.server) },
    );
  }

  #fromClient(state: PortState, packet: Packet, decoded: TftpPacket, frame: Frame): void {
    const end = destinationKey(packet);
    if (end === state.lockedTo) {
      apply(state.transfer, decoded, 'client', frame);
      return;
    }
    // ERROR 5 to somebody else's port is what RFC 1350 section 4 asks for; any other ERROR ends a transfer that is
    // over.
    if (decoded.op === 'error') {
      if (state.lockedTo === undefined && end !== state.formerly) apply(state.transfer, decoded, 'client', frame);
      return;
    }
    if (end === state.formerly) return;
    state.transfer.anomalyOnce(frame, {
      kind: 'client-chose-other-end',
      op: decoded.op,
      to: endText(destinationOf(packet)),
      answered: state.lockedTo === undefined ? '' : endText(state.transfer.server),
    });
    state.lockedTo = end;
    state.transfer.server = destinationOf(packet);
    apply(state.transfer, decoded, 'client', frame);
  }

  #lock(state: PortState, packet: Packet, frame: Frame): void {
    const { transfer } = state;
    const asked = transfer.server;
    const answering = sourceOf(packet);
    state.lockedTo = sourceKey(packet);
    transfer.server = answering;
    const from = endText(answering);
    if (answering.ip !== asked.ip) transfer.anomaly(frame, { kind: 'answer-from-other-host', from, asked: asked.ip });
    if (answering.port === TFTP_PORT) transfer.anomaly(frame, { kind: 'answer-from-port-69', from });
  }

  #malformed(reason: Malformed, frame: Frame): void {
    this.#emit({ type: 'malformed', malformed: reason, frame: frame.number, atUs: frame.atUs, client: this.#client });
  }

  #forgetOldest(frame: Frame): void {
    if (this.#ports.size <= MAX_TRANSFERS) return;
    for (const [key, { transfer }] of this.#ports) {
      transfer.unfinished(frame, `more than ${MAX_TRANSFERS} newer transfers of this client began`);
      this.#latest = undefined;
      this.#ports.delete(key);
      return;
    }
  }
}

function apply(transfer: TftpTransfer, packet: TftpPacket, by: 'client' | 'server', frame: Frame): void {
  switch (packet.op) {
    case 'data':
      transfer.data(frame, by, packet.block, packet.dataLength, packet.data);
      return;
    case 'ack':
      transfer.ack(frame, by, packet.block, packet.nextWindow);
      return;
    case 'option-ack':
      if (by === 'server') transfer.optionAck(frame, packet.options, packet.cut);
      else transfer.anomalyOnce(frame, { kind: 'wrong-side', op: 'option-ack', by });
      return;
    case 'error':
      transfer.error(frame, by, packet.code, packet.message);
      return;
    default:
      transfer.anomalyOnce(frame, { kind: 'request-inside-transfer', op: packet.op, by });
  }
}

/** Whether a packet can be the first answer to a request: a server may use one port for all of its transfers. */
function answers(request: TftpRequest, packet: TftpPacket): boolean {
  switch (packet.op) {
    case 'option-ack':
      return packet.options.every(({ name }) => request.options.some((asked) => asked.name === name));
    case 'data':
      return request.kind === 'read-request' && packet.block === 1;
    case 'ack':
      return request.kind === 'write-request' && packet.block === 0;
    default:
      return packet.op === 'error';
  }
}

/** Ports below are given to services, and no side of a transfer chooses one. */
const FIRST_FREE_PORT = 1024;
/** What every option acknowledgement grants one of, and nobody else begins with (RFC 2348, 2349, 7440). */
const GRANTS = /^(blksize|tsize|timeout|windowsize)$/i;

/**
 * What a packet between two ports of the sides' own choice is, if it can only be of a transfer: an ACK is four bytes,
 * and an OACK names an option.
 */
function transferOp({ udp, payload, payloadLength }: Packet): 'ack' | 'option-ack' | undefined {
  if (payload[0] !== 0 || (payload[1] !== 4 && payload[1] !== 6)) return undefined;
  if (!udp || udp.sourcePort < FIRST_FREE_PORT || udp.destinationPort < FIRST_FREE_PORT) return undefined;
  if (payload[1] === 4) return payloadLength === 4 ? 'ack' : undefined;
  const decoded = decodeTftp(payload, payloadLength);
  if (isMalformed(decoded) || decoded.op !== 'option-ack') return undefined;
  return decoded.options.some(({ name }) => GRANTS.test(name)) ? 'option-ack' : undefined;
}

/** Opcode 1 or 2; everything else that goes to port 69 belongs to a server that never left that port. */
function isRequest(payload: Uint8Array): boolean {
  return payload[0] === 0 && (payload[1] === 1 || payload[1] === 2);
}

function textOf(request: Request): string {
  return JSON.stringify([request.op, request.filename, request.mode, request.options]);
}
