import { ipv4At, ipv4Bytes } from '../../../packet/addresses.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import type { DhcpMessage, DhcpOption } from './message.ts';
import { malformed, type Field } from '../../../packet/malformed.ts';
import { decodeTextTrimmed, encodeText } from '../../../packet/text.ts';

/** Names of option 53 by value (RFC 2132 section 9.6). */
export const DHCP_MESSAGE_TYPES: Readonly<Record<number, string>> = {
  1: 'DISCOVER',
  2: 'OFFER',
  3: 'REQUEST',
  4: 'DECLINE',
  5: 'ACK',
  6: 'NAK',
  7: 'RELEASE',
  8: 'INFORM',
};

type HasOptions = Pick<DhcpMessage, 'options'>;

/** The first option of that code, as it stood on the wire. */
export function option(message: HasOptions, code: number): DhcpOption | undefined {
  return message.options.find((candidate) => candidate.code === code);
}

/** Every option of that code, in wire order. */
export function options(message: HasOptions, code: number): DhcpOption[] {
  return message.options.filter((candidate) => candidate.code === code);
}

/**
 * The payload of an option: a repeated one is one value in parts (RFC 3396 section 7). A view unless it had to be
 * joined.
 */
export function optionBytes(message: HasOptions, code: number): Uint8Array | undefined {
  const parts = options(message, code);
  return parts.length <= 1 ? parts[0]?.data : joinBytes(parts.map((part) => part.data));
}

/** Option 53: 1 DISCOVER … 8 INFORM (RFC 2132 section 9.6); undefined for a plain BOOTP message. */
export function messageType(message: HasOptions): Field<number> {
  return optionU8(message, 53);
}

/** An option's text; trailing NULs are dropped, as RFC 2132 section 2 asks of every receiver. */
export function optionText(message: HasOptions, code: number): Field<string> {
  const data = optionBytes(message, code);
  return data && decodeTextTrimmed(data);
}

/** An option that is one byte. */
export function optionU8(message: HasOptions, code: number): Field<number> {
  return sized(message, code, 1, (view) => view.getUint8(0));
}

/** An option that is one 16-bit number. */
export function optionU16(message: HasOptions, code: number): Field<number> {
  return sized(message, code, 2, (view) => view.getUint16(0));
}

/** An option that is one 32-bit number. */
export function optionU32(message: HasOptions, code: number): Field<number> {
  return sized(message, code, 4, (view) => view.getUint32(0));
}

/** An option that is one IPv4 address. */
export function optionIp(message: HasOptions, code: number): Field<string> {
  return sized(message, code, 4, (_, data) => ipv4At(data));
}

/**
 * An option that is one or more 16-bit numbers, e.g. 93: a client may name several architectures (RFC 4578 section
 * 2.1).
 */
export function optionU16s(message: HasOptions, code: number): Field<number[]> {
  return several(message, code, 2, (data, at) => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0));
}

/** The requested codes of option 55 in the client's order (RFC 2132 section 9.8). */
export function parameterRequestList(message: HasOptions): Field<number[]> {
  return several(message, 55, 1, (data, at) => data[at] ?? 0);
}

/** An option for a draft: text without a terminator. */
export function textOption(code: number, text: string): { code: number; data: Uint8Array } {
  return { code, data: encodeText(text) };
}

/** An option for a draft: IPv4 addresses. */
export function ipOption(code: number, ...ips: string[]): { code: number; data: Uint8Array } {
  return { code, data: Uint8Array.from(ips.flatMap((ip) => [...ipv4Bytes(ip)])) };
}

/** An option for a draft: one number of `size` bytes, big-endian. */
export function numberOption(code: number, size: 1 | 2 | 4, value: number): { code: number; data: Uint8Array } {
  return { code, data: Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256) };
}

function sized<T>(
  message: HasOptions,
  code: number,
  size: number,
  read: (view: DataView, data: Uint8Array) => T,
): Field<T> {
  const data = optionBytes(message, code);
  if (!data) return undefined;
  if (data.length !== size) return wrongLength(message, code, `${size} bytes`, data);
  return read(new DataView(data.buffer, data.byteOffset, data.byteLength), data);
}

function several<T>(
  message: HasOptions,
  code: number,
  size: number,
  read: (data: Uint8Array, at: number) => T,
): Field<T[]> {
  const data = optionBytes(message, code);
  if (!data) return undefined;
  if (data.length === 0 || data.length % size !== 0)
    return wrongLength(message, code, `a multiple of ${size} bytes, at least ${size}`, data);
  return Array.from({ length: data.length / size }, (_, i) => read(data, i * size));
}

function wrongLength(message: HasOptions, code: number, expected: string, data: Uint8Array): Field<never> {
  const parts = options(message, code);
  const spread = parts.length > 1 ? ` in ${parts.length} parts (RFC 3396 joins repeated options)` : '';
  return {
    ...malformed('dhcp', `option ${code} must have ${expected} but has ${data.length}${spread}`, data),
    offset: parts[0]?.offset ?? 0,
  };
}
