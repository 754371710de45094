import { dissectMalformed, layer, type Dissection, type Layout } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';
import { bitsSet, decodeUdpcast } from './codec.ts';
import type { UdpcastMessage } from './message.ts';

/** A packet of udpcast for people: `UDPCAST data slice 0 block 3, 1456 bytes`. `wireLength` as for `decodeUdpcast`. */
export function dissectUdpcast(bytes: Uint8Array, wireLength: number): Dissection {
  const message = decodeUdpcast(bytes, wireLength);
  if (isMalformed(message)) return dissectMalformed(message);
  const { op, ...fields } = message;
  const shown = Object.entries(fields).map(([name, value]: [string, string | number | boolean | Uint8Array]) => [
    name,
    value instanceof Uint8Array ? hex(value) : value,
  ]);
  const all = { op, ...(Object.fromEntries(shown) as Record<string, string | number | boolean | undefined>) };
  return {
    summary: `UDPCAST ${summary(message)}`,
    layers: [layer('udpcast', bytes, all, { op: [0, 2], ...LAYOUT[op] })],
  };
}

const IMAGE = { slice: [4, 4], block: [8, 2], sliceBytes: [12, 4] } as const;
const LAYOUT: Readonly<Record<UdpcastMessage['op'], Layout>> = {
  'connect-request': { capabilities: [4, 4], receiveBuffer: [8, 4] },
  'connect-reply': { clientNumber: [4, 4], blockSize: [8, 4], capabilities: [12, 4], group: [16, 16] },
  hello: { capabilities: [4, 4], group: [8, 16], blockSize: [24, 2] },
  go: {},
  disconnect: {},
  ok: { slice: [4, 4] },
  retransmit: { slice: [4, 4], round: [8, 4], has: [12, 128] },
  'request-ack': { slice: [4, 4], sliceBytes: [8, 4], round: [12, 4], ready: [16, 128] },
  data: IMAGE,
  fec: { ...IMAGE, stripes: [2, 2] },
};

function summary(message: UdpcastMessage): string {
  const words = message.op.replace('-', ' ');
  switch (message.op) {
    case 'connect-reply':
      return `${words} client ${message.clientNumber}, blocks of ${message.blockSize}, ${message.group ?? 'no group'}`;
    case 'hello':
      return `${words}${message.streaming ? ' streaming' : ''} blocks of ${message.blockSize}, ${message.group ?? 'no group'}`;
    case 'data':
    case 'fec':
      return `${words} slice ${message.slice} block ${message.block}, ${message.dataLength} bytes`;
    case 'request-ack':
      return `${words} slice ${message.slice} of ${message.sliceBytes} bytes, round ${message.round}`;
    case 'ok':
      return `${words} slice ${message.slice}`;
    case 'retransmit':
      return `${words} slice ${message.slice} round ${message.round}, has ${bitsSet(message.has, message.has.length * 8)} blocks`;
    default:
      return words;
  }
}
