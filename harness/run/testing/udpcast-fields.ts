import { isMalformed } from '../../packet/malformed.ts';
import { decodeUdpcast } from '../../protocols/multicast/wire/codec.ts';
import type { UdpcastMessage } from '../../protocols/multicast/wire/message.ts';
import { type Field, field } from './frame-field.ts';

/** What a packet of udpcast is; undefined for one that is none. */
export function udpcastOp(payload: Uint8Array): UdpcastMessage['op'] | undefined {
  const message = decodeUdpcast(payload);
  return isMalformed(message) ? undefined : message.op;
}

/** The operation in the low byte; another bit of it makes a packet of the other direction, or of none. */
const op = field('op', 0, 2, 0x10);
const SLICE = field('slice', 4, 4);

const FIELDS: Readonly<Record<UdpcastMessage['op'], readonly Field[]>> = {
  'connect-request': [op],
  'connect-reply': [
    op,
    field('client number', 4, 4),
    field('block size', 8, 4),
    field('capabilities', 12, 4, 0x10),
    field('group', 16, 4),
  ],
  hello: [op],
  go: [op],
  disconnect: [op],
  ok: [op, SLICE],
  retransmit: [op, field('blocks', 12, 1)],
  'request-ack': [op, SLICE],
  // The size of a slice is in each of its packets; the first one counts.
  data: [op, SLICE, field('block', 8, 2)],
  fec: [op, SLICE],
};

/** The fields of udpcast that its observer and its state machine read; `payload` begins with the operation. */
export function udpcastFields(payload: Uint8Array): readonly Field[] {
  const kind = udpcastOp(payload);
  return kind === undefined ? [] : FIELDS[kind];
}
