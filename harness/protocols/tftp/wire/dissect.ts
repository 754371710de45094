import {
  dissectMalformed,
  layer,
  type DissectedLayer,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { hex } from '../../../packet/text.ts';
import { decodeTftp, TFTP_ERRORS } from './codec.ts';
import type { TftpOption } from './message.ts';

// RFC 1350 section 5: opcode, then block number or error code, then data or text.
const FIXED: Layout = { op: [0, 2], block: [2, 2], code: [2, 2] };

/** A TFTP packet: `TFTP read request pxelinux.0 octet tsize=0`. `wireLength` as for decodeTftp. */
export function dissectTftp(bytes: Uint8Array, wireLength: number): Dissection {
  const packet = decodeTftp(bytes, wireLength);
  if (packet.kind === 'malformed') return dissectMalformed(packet);
  const trailing = packet.op === 'data' || !packet.trailing ? {} : { trailing: hex(packet.trailing) };
  switch (packet.op) {
    case 'read-request':
    case 'write-request': {
      const [filename = NOWHERE, mode = NOWHERE, ...places] = textPlaces(bytes);
      return {
        summary: [
          'TFTP',
          packet.op.replace('-', ' '),
          packet.filename,
          packet.mode,
          ...packet.options.map(optionText),
        ].join(' '),
        layers: [
          withOptions(
            layer(
              'tftp',
              bytes,
              { op: packet.op, filename: packet.filename, mode: packet.mode, ...trailing },
              { ...FIXED, filename, mode },
            ),
            packet.options,
            places,
          ),
        ],
      };
    }
    case 'option-ack':
      return {
        summary: ['TFTP option ack', ...packet.options.map(optionText)].join(' '),
        layers: [
          withOptions(layer('tftp', bytes, { op: packet.op, ...trailing }, FIXED), packet.options, textPlaces(bytes)),
        ],
      };
    case 'data':
      return {
        summary: `TFTP data block ${packet.block}, ${packet.dataLength} bytes`,
        layers: [
          layer(
            'tftp',
            bytes,
            { op: packet.op, block: packet.block, dataLength: packet.dataLength },
            { ...FIXED, dataLength: [4, packet.data.length] },
          ),
        ],
      };
    case 'ack':
      return {
        summary: `TFTP ack block ${packet.block}${packet.nextWindow === undefined ? '' : `, wants ${packet.nextWindow}`}`,
        layers: [
          layer(
            'tftp',
            bytes,
            { op: packet.op, block: packet.block, nextWindow: packet.nextWindow, ...trailing },
            { ...FIXED, nextWindow: [4, 1] },
          ),
        ],
      };
    case 'error':
      return {
        summary: `TFTP error ${packet.code} (${TFTP_ERRORS[packet.code] ?? 'unassigned'}): ${packet.message}`,
        layers: [
          layer(
            'tftp',
            bytes,
            { op: packet.op, code: packet.code, message: packet.message, ...trailing },
            { ...FIXED, message: textPlaces(bytes, 4)[0] ?? NOWHERE },
          ),
        ],
      };
  }
}

const optionText = ({ name, value }: TftpOption): string => `${name}=${value}`;

const NOWHERE = [0, 0] as const;

/** Where the texts lie that end in NUL (or in the packet's end), from `at` on. */
function textPlaces(bytes: Uint8Array, at = 2): (readonly [offset: number, length: number])[] {
  const places: (readonly [number, number])[] = [];
  while (at < bytes.length) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul;
    places.push([at, end - at]);
    at = end + 1;
  }
  return places;
}

/** Option after option, name and value: two texts each. */
function withOptions(
  head: DissectedLayer,
  options: readonly TftpOption[],
  places: ReturnType<typeof textPlaces>,
): DissectedLayer {
  const fields = options.map(({ name, value }, index) => {
    const [start] = places[2 * index] ?? NOWHERE;
    const [at, length] = places[2 * index + 1] ?? NOWHERE;
    return { name: `option ${name}`, value, bytes: head.bytes.subarray(start, at + length) };
  });
  return { ...head, fields: [...head.fields, ...fields] };
}
