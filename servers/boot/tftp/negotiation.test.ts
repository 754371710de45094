import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { negotiate } from './negotiation.ts';
import { tftpConfigSchema } from './config.ts';

const terms = (asked: Record<string, string>, over: Partial<z.input<typeof tftpConfigSchema>> = {}) =>
  negotiate(
    Object.entries(asked).map(([name, value]) => ({ name, value })),
    31_124,
    tftpConfigSchema.parse({ address: '127.0.0.1', root: '/', ...over }),
  );
const oack = (asked: Record<string, string>, over?: Partial<z.input<typeof tftpConfigSchema>>) =>
  terms(asked, over)
    .oack.map(({ name, value }) => `${name}=${value}`)
    .join(' ');

describe('options (RFC 2347)', () => {
  it('falls back to 512 bytes and one block without any', () => {
    expect(terms({})).toMatchObject({ blksize: 512, windowsize: 1, oack: [], timeoutMs: undefined });
  });

  it('answers the size probe of the reference trace', () => expect(oack({ tsize: '0' })).toBe('tsize=31124'));

  it('only lowers blksize and windowsize (RFC 2348, RFC 7440 section 3)', () => {
    expect(oack({ blksize: '1456', windowsize: '4' })).toBe('blksize=1456 windowsize=4');
    expect(oack({ blksize: '65464', windowsize: '65535' }, { maxBlksize: 1468, maxWindowsize: 16 })).toBe(
      'blksize=1468 windowsize=16',
    );
  });

  it.each([
    { blksize: '7' },
    { blksize: '65465' },
    { blksize: '-1' },
    { blksize: '1e3' },
    { timeout: '0' },
    { timeout: '256' },
    { windowsize: '0' },
    { multicast: '' },
    { msftwindow: '1' },
  ])('declines %j by leaving it out', (asked) => {
    expect(oack(asked)).toBe('');
  });

  it('echoes the timeout (RFC 2349 section 2) and keeps to it', () => {
    expect(terms({ timeout: '3' })).toMatchObject({ timeoutMs: 3000, oack: [{ name: 'timeout', value: '3' }] });
  });

  it('agrees to the variable window of Windows (harness/docs/protocols.md 2.3)', () => {
    expect(oack({ tsize: '0', blksize: '1456', windowsize: '4', msftwindow: '31416' })).toBe(
      'tsize=31124 blksize=1456 windowsize=4 msftwindow=27182',
    );
  });

  it('misbehaves when told to', () => {
    const misbehave = { 'oack-enlarges-blksize': 12, 'wrong-tsize': -1, 'oack-omit': ['timeout'] as ['timeout'] };
    const asked = { blksize: '1456', tsize: '0', timeout: '1' };
    expect(oack(asked, { misbehave })).toBe('blksize=1468 tsize=31123');
    expect(terms(asked, { misbehave }).misbehaved?.toSorted()).toEqual(Object.keys(misbehave).toSorted());
    // What the client does not ask for cannot be answered wrongly.
    expect(terms({ windowsize: '4' }, { misbehave }).misbehaved).toEqual([]);
    expect(terms(asked).misbehaved).toEqual([]);
  });
});
