import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Rc4 } from './rc4.ts';
import { hex } from '../../../packet/text.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

// RFC 6229 section 2.
it.each([
  ['0102030405', 0, 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405', 4096, 'ff25b58995996707e51fbdf08b34d875'],
  ['0102030405060708090a0b0c0d0e0f10', 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
])('gives the keystream of RFC 6229 for key %s at %i', (key, offset, expected) => {
  expect(hex(new Rc4(bytes(key)).apply(new Uint8Array(offset + 16)).subarray(offset))).toBe(expected);
});

it('goes on from call to call, wherever the calls are cut', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(200),
      (key, text, cut) => {
        const pieces = new Rc4(key);
        const sealed = Buffer.concat([pieces.apply(text.subarray(0, cut)), pieces.apply(text.subarray(cut))]);
        expect(hex(new Rc4(key).apply(sealed))).toBe(hex(text));
      },
    ),
  );
});
