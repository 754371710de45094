import { dissectMalformed, layer, type Dissection } from './dissection.ts';
import { hex } from './text.ts';
import { decodeTftp, TFTP_ERRORS } from './tftp.ts';
import type { TftpOption } from './tftp-packet.ts';

/** A TFTP packet: `TFTP read request pxelinux.0 octet tsize=0`. `wireLength` as for decodeTftp. */
export function dissectTftp(bytes: Uint8Array, wireLength: number): Dissection {
  const packet = decodeTftp(bytes, wireLength);
  if (packet.kind === 'malformed') return dissectMalformed(packet);
  const trailing = packet.op === 'data' || !packet.trailing ? {} : { trailing: hex(packet.trailing) };
  switch (packet.op) {
    case 'read-request':
    case 'write-request':
      return {
        summary: ['TFTP', packet.op.replace('-', ' '), packet.filename, packet.mode, ...packet.options.map(optionText)].join(' '),
        layers: [withOptions(layer('tftp', { op: packet.op, filename: packet.filename, mode: packet.mode, ...trailing }), packet.options)],
      };
    case 'option-ack':
      return { summary: ['TFTP option ack', ...packet.options.map(optionText)].join(' '), layers: [withOptions(layer('tftp', { op: packet.op, ...trailing }), packet.options)] };
    case 'data':
      return { summary: `TFTP data block ${packet.block}, ${packet.dataLength} bytes`, layers: [layer('tftp', { op: packet.op, block: packet.block, dataLength: packet.dataLength })] };
    case 'ack':
      return { summary: `TFTP ack block ${packet.block}${packet.nextWindow === undefined ? '' : `, wants ${packet.nextWindow}`}`, layers: [layer('tftp', { op: packet.op, block: packet.block, nextWindow: packet.nextWindow, ...trailing })] };
    case 'error':
      return {
        summary: `TFTP error ${packet.code} (${TFTP_ERRORS[packet.code] ?? 'unassigned'}): ${packet.message}`,
        layers: [layer('tftp', { op: packet.op, code: packet.code, message: packet.message, ...trailing })],
      };
  }
}

const optionText = ({ name, value }: TftpOption): string => `${name}=${value}`;

const withOptions = (head: ReturnType<typeof layer>, options: readonly TftpOption[]): ReturnType<typeof layer> => ({ name: head.name, fields: [...head.fields, ...options.map(({ name, value }) => ({ name: `option ${name}`, value }))] });
