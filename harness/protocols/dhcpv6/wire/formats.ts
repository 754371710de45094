import { ipv6At, ipv6Bytes } from '../../../packet/addresses.ts';
import type { ByteWriter } from '../../../packet/byte-writer.ts';
import type { Cursor } from '../../../packet/cursor.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { decodeText, encodeText } from '../../../packet/text.ts';

/** How a value stands in an option's payload. `read` may leave bytes over: they do not belong to the value. */
export interface Format<T> {
  read(cursor: Cursor): T;
  write(writer: ByteWriter, value: T): void;
}

/** The value that a format carries. */
export type ValueOf<F> = F extends Format<infer T> ? T : never;

const fitting = (value: number, bits: number): number => {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
    throw new EncodeError('dhcpv6', 'number', `an integer of ${bits} bits`, value);
  return value;
};

export const u8: Format<number> = {
  read: (cursor) => cursor.u8('number'),
  write: (writer, value) => writer.u8(fitting(value, 8)),
};
export const u16: Format<number> = {
  read: (cursor) => cursor.u16be('number'),
  write: (writer, value) => writer.u16be(fitting(value, 16)),
};
export const u32: Format<number> = {
  read: (cursor) => cursor.u32be('number'),
  write: (writer, value) => writer.u32be(fitting(value, 32)),
};
/** All bytes that are left. */
export const opaque: Format<Uint8Array> = {
  read: (cursor) => cursor.rest(),
  write: (writer, value) => writer.bytes(value),
};
/** All bytes that are left, as text without a terminator. */
export const text: Format<string> = {
  read: (cursor) => decodeText(cursor.rest()),
  write: (writer, value) => writer.bytes(encodeText(value)),
};
export const address: Format<string> = {
  read: (cursor) => ipv6At(cursor.take(16, 'IPv6 address')),
  write: (writer, value) => writer.bytes(ipv6Bytes(value)),
};
/** Nothing: the option's presence is all that it says. */
export const present: Format<true> = { read: () => true, write: () => undefined };

/** Values one after the other up to the end. */
export function listOf<T>(format: Format<T>): Format<readonly T[]> {
  return {
    read(cursor) {
      const values: T[] = [];
      while (cursor.remaining > 0) values.push(format.read(cursor));
      return values;
    },
    write(writer, values) {
      for (const value of values) format.write(writer, value);
    },
  };
}

/** A value of so many bytes as the 16-bit number before it says. */
export function counted<T>(read: (bytes: Uint8Array) => T, write: (value: T) => Uint8Array): Format<T> {
  return {
    read: (cursor) => read(cursor.take(cursor.u16be('length'), 'counted bytes')),
    write(writer, value) {
      const bytes = write(value);
      writer.u16be(fitting(bytes.length, 16)).bytes(bytes);
    },
  };
}

/** Fields in the order in which they are named. */
export function struct<T extends object>(fields: { readonly [K in keyof T]: Format<T[K]> }): Format<T> {
  const names = Object.keys(fields) as (keyof T)[];
  return {
    read: (cursor) => Object.fromEntries(names.map((name) => [name, fields[name].read(cursor)])) as T,
    write(writer, value) {
      for (const name of names) fields[name].write(writer, value[name]);
    },
  };
}

const MAX_LABEL = 63;

/** A domain name in labels, never compressed (RFC 8415 section 10): `example.org`. */
export const domainName: Format<string> = {
  read(cursor) {
    const labels: string[] = [];
    for (;;) {
      const length = cursor.u8('label length');
      if (length > MAX_LABEL) cursor.fail(`a label has at most ${MAX_LABEL} bytes, got ${length}`, cursor.offset - 1);
      if (length === 0 || cursor.failure) return labels.join('.');
      labels.push(decodeText(cursor.take(length, 'label')));
    }
  },
  write(writer, name) {
    for (const label of name === '' ? [] : name.split('.')) {
      const bytes = encodeText(label);
      if (bytes.length === 0 || bytes.length > MAX_LABEL)
        throw new EncodeError('dhcpv6', 'domain name', `labels of 1 to ${MAX_LABEL} bytes`, name);
      writer.u8(bytes.length).bytes(bytes);
    }
    writer.u8(0);
  },
};
