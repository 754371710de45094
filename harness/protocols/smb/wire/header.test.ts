import { expect, it } from 'vitest';
import { beginsSmb, SMB_BEGINNING_LENGTH } from './header.ts';

const beginning = (type: number, first: number): Uint8Array => Uint8Array.of(type, 0, 0, 68, first, 0x53, 0x4d, 0x42);

it('knows the beginning of every kind of message, and nothing else', () => {
  const firstBytes = Array.from({ length: 256 }, (_, first) => first);
  expect(firstBytes.filter((first) => beginsSmb(beginning(0, first)))).toEqual([0xfc, 0xfd, 0xfe, 0xff]);
  expect(beginsSmb(beginning(0x85, 0xfe))).toBe(false);
  expect(beginsSmb(beginning(0, 0xfe).subarray(0, SMB_BEGINNING_LENGTH - 1))).toBe(false);
});
