import { isMalformed } from '../../packet/malformed.ts';
import { decodeTftp } from '../../protocols/tftp/wire/codec.ts';
import { type Field, field } from './frame-field.ts';

/**
 * The fields of a TFTP packet (RFC 1350 section 5, RFC 2347): opcode, then block, code, or texts that end with zero.
 */
export function tftpFields(payload: Uint8Array): Field[] {
  const packet = decodeTftp(payload, payload.length);
  if (isMalformed(packet)) return [];
  // 3 turns over: 1 becomes 2, 3 becomes 0, 4 becomes 7, 5 and 6 become one another.
  const opcode = field('opcode', 0, 2, 3);
  switch (packet.op) {
    case 'data':
    case 'ack':
      return [opcode, field('block', 2, 2)];
    case 'error':
      return [opcode, field('error code', 2, 2)];
    default: {
      const names = packet.op === 'option-ack' ? [] : ['file name', 'mode'];
      const texts = textPositions(payload, 2);
      return [
        opcode,
        ...texts.map((at, index) => field(names[index] ?? optionPart(payload, texts, index, names.length), at, 1)),
      ];
    }
  }
}

/** Where each text begins. */
function textPositions(payload: Uint8Array, from: number): number[] {
  const positions: number[] = [];
  for (let at = from; at < payload.length; ) {
    const end = payload.indexOf(0, at);
    if (end < 0) break;
    positions.push(at);
    at = end + 1;
  }
  return positions;
}

/** `tsize name`, `tsize value`: options are pairs of texts. */
function optionPart(payload: Uint8Array, texts: readonly number[], index: number, before: number): string {
  const isValue = (index - before) % 2 === 1;
  const start = texts[isValue ? index - 1 : index] ?? 0;
  return `${new TextDecoder().decode(payload.subarray(start, payload.indexOf(0, start)))} ${isValue ? 'value' : 'name'}`;
}
