import { type Field, field } from './frame-field.ts';

/** Message type, transaction id (RFC 8415 section 8); 3 turns SOLICIT, REQUEST and REPLY into others. */
const HEADER = [field('message type', 0, 1, 3), field('transaction', 1, 3)];
const HEADER_LENGTH = 4;

/** Options whose payload state machines read, and how many of its first bytes the field has; all of it without a number. */
const OPTIONS: Readonly<Record<number, readonly [name: string, length?: number]>> = {
  1: ['client id'],
  2: ['server id'],
  3: ['iaid', 4],
  5: ['address', 16],
  13: ['status', 2],
  16: ['vendor class'],
  59: ['boot file url', 1],
  61: ['architecture', 2],
};
/** The association has its own options after 12 bytes. */
const ASSOCIATION = 3;
const INNER_AT = 12;

/** The fields of a DHCPv6 message that state machines read. */
export function dhcpv6Fields(message: Uint8Array): Field[] {
  return [...HEADER, ...optionFields(message, HEADER_LENGTH, message.length)];
}

function optionFields(message: Uint8Array, from: number, end: number): Field[] {
  const fields: Field[] = [];
  for (let at = from; at + 4 <= end; ) {
    const code = ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
    const length = ((message[at + 2] ?? 0) << 8) | (message[at + 3] ?? 0);
    const [name, bytes = length] = OPTIONS[code] ?? [];
    if (name !== undefined && length > 0) fields.push(field(name, at + 4, bytes));
    if (code === ASSOCIATION) fields.push(...optionFields(message, at + 4 + INNER_AT, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
