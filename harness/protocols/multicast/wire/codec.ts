import { ipv4At } from '../../../packet/addresses.ts';
import { Cursor } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { UdpcastMessage } from './message.ts';

// Nobody has published the protocol. What stands here is read in udpcast's source (udpc-protoc.h, senddata.c) and seen in
// captures of udp-sender and udp-receiver 20120424 (testdata/record-multicast.sh); all numbers are big-endian.

/** Length of what comes before the image's bytes in DATA and FEC. */
export const DATA_HEADER_BYTES = 16;

const OPS: Readonly<Record<number, UdpcastMessage['op']>> = {
  0x0000: 'ok',
  0x0001: 'retransmit',
  0x0002: 'go',
  0x0003: 'connect-request',
  0x0004: 'disconnect',
  0x0006: 'request-ack',
  0x0007: 'connect-reply',
  0x0008: 'data',
  0x0009: 'fec',
  // Little-endian by an accident of early versions, and kept: 5 is not used. Receivers take all three.
  0x0500: 'hello',
  0x000a: 'hello',
  0x000b: 'hello',
};
/** What receivers send; senders send the rest. */
const OF_RECEIVERS: readonly UdpcastMessage['op'][] = ['ok', 'retransmit', 'go', 'connect-request', 'disconnect'];
const STREAMING = 0x000b;

/** Whether a packet begins as one of udpcast does, in that direction. */
export function beginsUdpcast(bytes: Uint8Array, toSender: boolean): boolean {
  const op = bytes.length < 2 ? undefined : OPS[((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)];
  return op !== undefined && OF_RECEIVERS.includes(op) === toSender;
}

/** Decodes a packet. `wireLength`: its length, of which the capture may hold less; DATA needs its header only. */
export function decodeUdpcast(bytes: Uint8Array, wireLength: number = bytes.length): UdpcastMessage | Malformed {
  const cursor = new Cursor(bytes, 'udpcast');
  const opcode = cursor.u16be('opcode');
  // Reserved, but in FEC.
  const stripes = cursor.u16be('reserved');
  const message = body(OPS[opcode], opcode, stripes, cursor, wireLength);
  return cursor.failure ?? message ?? cursor.fail(`opcode ${opcode} is not known`, 0);
}

function body(
  op: UdpcastMessage['op'] | undefined,
  opcode: number,
  stripes: number,
  cursor: Cursor,
  wireLength: number,
): UdpcastMessage | undefined {
  switch (op) {
    case 'ok':
      return { op, slice: cursor.u32be('slice') };
    case 'retransmit':
      return { op, slice: cursor.u32be('slice'), round: cursor.u32be('round'), has: cursor.rest() };
    case 'connect-request':
      // Old receivers send less (udps-negotiate.c reads the rest as zeros).
      return {
        op,
        capabilities: cursor.remaining >= 4 ? cursor.u32be('capabilities') : 0,
        receiveBuffer: cursor.remaining >= 4 ? cursor.u32be('receive buffer') : 0,
      };
    case 'go':
    case 'disconnect':
      return { op };
    case 'hello':
      return {
        op,
        streaming: opcode === STREAMING,
        capabilities: cursor.u32be('capabilities'),
        group: groupOf(cursor),
        blockSize: cursor.u16be('block size'),
      };
    case 'connect-reply':
      return {
        op,
        clientNumber: cursor.u32be('client number') | 0,
        blockSize: cursor.u32be('block size'),
        capabilities: cursor.u32be('capabilities'),
        group: groupOf(cursor),
      };
    case 'request-ack':
      return {
        op,
        slice: cursor.u32be('slice'),
        sliceBytes: cursor.u32be('bytes'),
        round: cursor.u32be('round'),
        ready: cursor.rest(),
      };
    case 'data':
    case 'fec': {
      const slice = cursor.u32be('slice');
      const block = cursor.u16be('block');
      cursor.skip(2, 'reserved');
      const sliceBytes = cursor.u32be('bytes');
      const image = { slice, block, sliceBytes, dataLength: Math.max(0, wireLength - DATA_HEADER_BYTES) };
      return op === 'data' ? { op, ...image } : { op, stripes, ...image };
    }
    case undefined:
      return undefined;
  }
}

/** An IPv4 address in a field that has room for IPv6. */
function groupOf(cursor: Cursor): string | undefined {
  const bytes = cursor.take(16, 'group');
  const number = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return number === 0 ? undefined : ipv4At(bytes);
}

/** How many of the first `count` bits are set: bit n & 7 of byte n >> 3. */
export function bitsSet(map: Uint8Array, count: number): number {
  let set = 0;
  for (let bit = 0; bit < count; bit++) if (((map[bit >> 3] ?? 0) >> (bit & 7)) & 1) set += 1;
  return set;
}
