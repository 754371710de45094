import { expect, it } from 'vitest';
import { toNetascii } from './netascii.ts';

it('writes LF as CR LF and a lone CR as CR NUL (RFC 764)', () => {
  expect(toNetascii(Buffer.from('a\nb\rc')).toString('latin1')).toBe('a\r\nb\r\0c');
  expect(toNetascii(new Uint8Array(0))).toHaveLength(0);
});
