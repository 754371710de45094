import { describe, expect, it } from 'vitest';
import type { BackupPartition } from '../backup-store/manifest.ts';
import { streamLimit } from './stream-limit.ts';

const disk = { name: 'vda', bytes: 2 ** 20, sectorBytes: 512, label: 'gpt' } as const;
const limit = (format: BackupPartition['format'], bytes: number) =>
  streamLimit(
    { disk },
    { number: 1, startSector: 8, sectors: 8, fileSystem: 'x', format, snapshot: '', bytes, storedBytes: 0 },
  );

/** The beginning of an image of a device of so many bytes, as partclone 0.3.36 writes it. */
function image(deviceBytes: number): Buffer {
  const head = Buffer.alloc(64);
  head.write('partclone-image\x000.3.36');
  head.write('0002', 30);
  head.writeUInt16LE(0xc0de, 34);
  head.write('EXTFS', 36);
  head.writeBigUInt64LE(BigInt(deviceBytes), 52);
  return head;
}

describe('streamLimit', () => {
  it('lets through what fits, however it is cut', () => {
    const raw = limit('raw', 4096);
    expect([raw(Buffer.alloc(4000)), raw(Buffer.alloc(96))].map(({ length }) => length)).toEqual([4000, 96]);
    const whole = Buffer.concat([image(4096), Buffer.from('blocks')]);
    const extfs = limit('extfs', whole.length);
    const pieces = [...whole].map((byte) => extfs(Buffer.of(byte)));
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    expect(limit('ntfs', 64)(image(100)).equals(image(100))).toBe(true);
  });

  it('stops what is longer than the manifest says', () => {
    const raw = limit('raw', 4096);
    raw(Buffer.alloc(4096));
    expect(() => raw(Buffer.alloc(1))).toThrow('expected a stream of 4096 bytes, as the manifest says, got more');
  });

  it('stops an image of a larger partition, and what is no image', () => {
    expect(() => limit('extfs', 9999)(image(4097))).toThrow(
      'expected an image for a partition of 4096 bytes, got one for 4097',
    );
    expect(() => limit('fat', 9999)(Buffer.alloc(64))).toThrow('expected an image of partclone, version 0002');
  });
});
