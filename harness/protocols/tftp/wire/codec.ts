import { joinBytes } from '../../../packet/bytes.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText, encodeText } from '../../../packet/text.ts';
import type { TftpOption, TftpPacket } from './message.ts';

/** Opcodes by name (RFC 1350 section 5; OACK of RFC 2347). */
export const TFTP_OPCODES = {
  'read-request': 1,
  'write-request': 2,
  data: 3,
  ack: 4,
  error: 5,
  'option-ack': 6,
} as const;

/** Meaning of an ERROR's code (RFC 1350 appendix, RFC 2347 for 8). */
export const TFTP_ERRORS: Readonly<Record<number, string>> = {
  0: 'not defined',
  1: 'file not found',
  2: 'access violation',
  3: 'disk full',
  4: 'illegal operation',
  5: 'unknown transfer id',
  6: 'file already exists',
  7: 'no such user',
  8: 'option negotiation refused',
};

/**
 * A TFTP packet from a UDP payload. `wireLength` is the length of that payload on the wire (`Packet.payloadLength`),
 * which is larger than `bytes.length` where the capture was trimmed: DATA may be, and what ends in options or in a message
 * has those that are whole; anything else is malformed then.
 */
export function decodeTftp(bytes: Uint8Array, wireLength: number = bytes.length): TftpPacket | Malformed {
  if (bytes.length < 4)
    return malformed('tftp', `a packet has at least 4 bytes but there are only ${bytes.length}`, bytes);
  const opcode = u16(bytes, 0);
  const second = u16(bytes, 2);
  if (opcode === 3)
    return {
      kind: 'tftp',
      op: 'data',
      block: second,
      data: bytes.subarray(4),
      dataLength: Math.max(wireLength, bytes.length) - 4,
    };
  const packet = decodeOther(bytes, opcode, second);
  return wireLength > bytes.length && packet.kind === 'tftp' && 'options' in packet ? { ...packet, cut: true } : packet;
}

function decodeOther(bytes: Uint8Array, opcode: number, second: number): TftpPacket | Malformed {
  switch (opcode) {
    case 1:
      return decodeRequest(bytes, 'read-request');
    case 2:
      return decodeRequest(bytes, 'write-request');
    case 4:
      return decodeAck(bytes, second);
    case 5:
      return decodeError(bytes, second);
    case 6: {
      const { options, end } = decodeOptions(bytes, 2);
      return { kind: 'tftp', op: 'option-ack', options, ...trailing(bytes, end) };
    }
    default:
      return malformed('tftp', `opcode must be 1 to 6, got ${opcode}`, bytes);
  }
}

function decodeRequest(bytes: Uint8Array, op: 'read-request' | 'write-request'): TftpPacket | Malformed {
  const filenameEnd = bytes.indexOf(0, 2);
  if (filenameEnd < 0) return malformed('tftp', `the file name of the ${op} has no terminating NUL`, bytes, 2);
  const modeEnd = bytes.indexOf(0, filenameEnd + 1);
  if (modeEnd < 0) return malformed('tftp', `the mode of the ${op} has no terminating NUL`, bytes, filenameEnd + 1);
  const { options, end } = decodeOptions(bytes, modeEnd + 1);
  const filename = decodeText(bytes.subarray(2, filenameEnd));
  const mode = decodeText(bytes.subarray(filenameEnd + 1, modeEnd));
  return { kind: 'tftp', op, filename, mode, options, ...trailing(bytes, end) };
}

// msftwindow: a fifth byte is the number of blocks that the client wants before its next ACK (harness/docs/protocols.md
// 2.3).
function decodeAck(bytes: Uint8Array, block: number): TftpPacket {
  if (bytes.length === 5) return { kind: 'tftp', op: 'ack', block, nextWindow: bytes[4] ?? 0 };
  return { kind: 'tftp', op: 'ack', block, ...trailing(bytes, 4) };
}

// The terminating NUL is missing in ERRORs of some clients; nothing can be misread without it.
function decodeError(bytes: Uint8Array, code: number): TftpPacket {
  const nul = bytes.indexOf(0, 4);
  const end = nul < 0 ? bytes.length : nul;
  return {
    kind: 'tftp',
    op: 'error',
    code,
    message: decodeText(bytes.subarray(4, end)),
    ...trailing(bytes, Math.min(end + 1, bytes.length)),
  };
}

/**
 * Name and value pairs (RFC 2347); ends at the first that is empty or lacks its NULs: what follows is padding or
 * garbage.
 */
function decodeOptions(bytes: Uint8Array, start: number): { options: TftpOption[]; end: number } {
  const options: TftpOption[] = [];
  let at = start;
  for (;;) {
    const nameEnd = bytes.indexOf(0, at);
    const valueEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1);
    if (valueEnd < 0 || nameEnd === at) return { options, end: at };
    options.push({
      name: decodeText(bytes.subarray(at, nameEnd)).toLowerCase(),
      value: decodeText(bytes.subarray(nameEnd + 1, valueEnd)),
    });
    at = valueEnd + 1;
  }
}

function trailing(bytes: Uint8Array, end: number): { trailing?: Uint8Array } {
  return end < bytes.length ? { trailing: bytes.subarray(end) } : {};
}

/** A TFTP packet as bytes; `trailing` is appended unchanged, so that garbage can be injected on purpose. */
export function encodeTftp(packet: TftpPacket): Uint8Array {
  switch (packet.op) {
    case 'read-request':
    case 'write-request':
      return join(
        TFTP_OPCODES[packet.op],
        [terminated(packet.filename, 'file name'), terminated(packet.mode, 'mode'), ...optionParts(packet.options)],
        packet.trailing,
      );
    case 'option-ack':
      return join(TFTP_OPCODES['option-ack'], optionParts(packet.options), packet.trailing);
    case 'error':
      return join(TFTP_OPCODES.error, [word(packet.code), terminated(packet.message, 'message')], packet.trailing);
    case 'ack':
      return join(
        TFTP_OPCODES.ack,
        [word(packet.block), Uint8Array.from(packet.nextWindow === undefined ? [] : [packet.nextWindow])],
        packet.trailing,
      );
    case 'data':
      return join(TFTP_OPCODES.data, [word(packet.block), packet.data]);
  }
}

const optionParts = (options: readonly TftpOption[]): Uint8Array[] =>
  options.flatMap(({ name, value }) => [terminated(name, 'option name'), terminated(value, `option ${name}`)]);

function join(opcode: number, parts: readonly Uint8Array[], trailer: Uint8Array = new Uint8Array(0)): Uint8Array {
  return joinBytes([word(opcode), ...parts, trailer]);
}

function terminated(text: string, field: string): Uint8Array {
  if (text.includes('\0')) throw new EncodeError('tftp', field, 'text without NUL', text);
  return encodeText(`${text}\0`);
}

const word = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 0xff, value & 0xff);

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
