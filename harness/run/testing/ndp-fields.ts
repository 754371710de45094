import { type Field, field } from './frame-field.ts';

const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOURS = [135, 136];
/** Where the options of a message begin (RFC 4861 section 4). */
const OPTIONS_AT: Readonly<Record<number, number>> = { 133: 8, 134: 16, 135: 24, 136: 24 };
/** Source and target link-layer address, prefix, MTU: where in the option their value ends, from its first byte. */
const VALUES: Readonly<Record<number, readonly [name: string, length: number]>> = {
  1: ['source mac', 8],
  2: ['target mac', 8],
  3: ['prefix', 32],
  5: ['mtu', 8],
};

/** The fields of neighbour discovery that state machines read; `message` begins with the ICMPv6 type. */
export function ndpFields(message: Uint8Array): Field[] {
  const type = message[0] ?? 0;
  const fields = [field('code', 1, 1)];
  if (NEIGHBOURS.includes(type)) fields.push(field('target', 8, 16));
  if (type === ROUTER_ADVERTISEMENT) fields.push(field('flag M', 5, 1, 0x80), field('lifetime', 6, 2));
  for (let at = OPTIONS_AT[type] ?? message.length; at + 1 < message.length; ) {
    const units = message[at + 1] ?? 0;
    const [name, length] = VALUES[message[at] ?? 0] ?? [];
    if (name !== undefined && length !== undefined) fields.push(field(name, at, length));
    if (units === 0) break;
    at += units * 8;
  }
  return fields;
}
