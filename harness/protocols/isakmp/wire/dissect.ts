import { dissectMalformed, layer, type Dissection } from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeIsakmpHeader } from './codec.ts';

/** An ISAKMP or AuthIP message for people: its header. */
export function dissectIsakmp(bytes: Uint8Array): Dissection {
  const header = decodeIsakmpHeader(bytes);
  if (isMalformed(header)) return dissectMalformed(header);
  const { initiator, responder, version, exchange, length } = header;
  const fields = { initiator, responder, version, exchange, length };
  const layout = {
    initiator: [0, 8],
    responder: [8, 8],
    version: [17, 1],
    exchange: [18, 1],
    length: [24, 4],
  } as const;
  return { summary: `ISAKMP ${exchange}`, layers: [layer('isakmp', bytes, fields, layout)] };
}
