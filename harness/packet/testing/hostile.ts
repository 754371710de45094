import fc from 'fast-check';
import { expect } from 'vitest';

/**
 * `bytes` in the middle of a larger buffer whose other bytes are 0xa5: a decoder that reads outside its view sees them.
 */
export function fenced(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 128).fill(0xa5);
  buffer.set(bytes, 64);
  return buffer.subarray(64, 64 + bytes.length);
}

/**
 * Tests what every decoder promises: it never throws, and its result does not depend on bytes outside its view. The
 * inputs are arbitrary bytes, every truncation of `valid` (from 600 bytes on, some 300 of them), and `valid` with
 * single bytes changed.
 */
export function expectTotal(decode: (bytes: Uint8Array) => unknown, valid: readonly Uint8Array[]): void {
  const sameFenced = (bytes: Uint8Array): void => {
    const copy = Uint8Array.from(bytes);
    expect(plain(decode(fenced(bytes)))).toEqual(plain(decode(copy)));
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), sameFenced), { numRuns: 100 });
  for (const bytes of valid) {
    const steps = Math.max(1, Math.floor(bytes.length / 300));
    for (let length = 0; length <= bytes.length; length += steps) sameFenced(bytes.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        sameFenced(changed);
      }),
      { numRuns: 150 },
    );
  }
}

/** Views compare by content, whatever buffer they are over. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(propertiesOf(value).map((key) => [key, plain((value as Record<string, unknown>)[key])]));
  return value;
}

/** An object's own fields and the getters of its class, so that lazy layers are compared, too. */
function propertiesOf(value: object): string[] {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const getters =
    prototype === Object.prototype || prototype === null
      ? []
      : Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, descriptor]) =>
          'get' in descriptor ? [key] : [],
        );
  return [...Object.keys(value), ...getters].sort();
}
