import { describe, expect, it } from 'vitest';
import { internetChecksum } from './internet-checksum.ts';
import { routerAlert } from './ip-options.ts';
import { annotated } from './testing/annotated.ts';
import { expectTotal } from './testing/hostile.ts';

describe('the Router Alert option', () => {
  it.each([
    ['94 04 0000', 0],
    ['94 04 0001', 1],
    ['01 01 01 94 04 0000 00', 0],
    // Record route before it (RFC 791 section 3.1).
    ['07 07 04 00000000 94 04 0000 00', 0],
    ['00 94 04 0000', undefined],
    ['94 03 0000', undefined],
    ['94 04 00', undefined],
    ['07 00 94 04 0000', undefined],
    ['', undefined],
  ])('%s: %s', (options, value) => {
    expect(routerAlert(annotated(options))).toBe(value);
  });

  it('is looked for in any bytes', () => {
    expectTotal(routerAlert, [annotated('07 07 04 00000000 94 04 0000 00')]);
  });
});

it('the Internet checksum of the example of RFC 1071 section 3, and of an odd number of bytes', () => {
  const checksum = 0xffff - 0xddf2;
  expect(internetChecksum(annotated('0001 f203 f4f5 f6f7'), -2)).toBe(checksum);
  expect(internetChecksum(annotated('0001 f203 ffff f4f5 f6f7'), 4)).toBe(checksum);
  expect(internetChecksum(annotated('0001 f2'), -2)).toBe(0xffff - 0xf201);
});
