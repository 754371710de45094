import { describe, expect, it } from 'vitest';
import { chordOf, chordsOfText } from './keys.ts';

describe('keys', () => {
  it.each([
    ['a', ['a']],
    ['ret', ['ret']],
    ['enter', ['ret']],
    ['f12', ['f12']],
    ['shift-a', ['shift', 'a']],
    ['ctrl-alt-del', ['ctrl', 'alt', 'delete']],
    ['page-up', ['pgup']],
  ])('%s is held as %j', (name, codes) => {
    expect(chordOf(name)).toEqual(codes);
  });

  it('types a text on a US keyboard', () => {
    expect(chordsOfText('Ab 1!_\\\n')).toEqual([
      'shift-a',
      'b',
      'spc',
      '1',
      'shift-1',
      'shift-minus',
      'backslash',
      'ret',
    ]);
  });

  it('has a key for every printable ASCII character, no two the same', () => {
    const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    expect(new Set(chordsOfText(printable)).size).toBe(95);
  });

  it('refuses what a US keyboard has not', () => {
    expect(() => chordsOfText('é')).toThrow('cannot type "é" (U+00e9)');
    expect(() => chordOf('shift--')).toThrow('the minus key is called "minus"');
  });
});
