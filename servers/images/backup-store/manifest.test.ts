import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupTimeOf, readBackupManifest, type BackupManifest } from './manifest.ts';

const SNAPSHOT = 'cfb1e96bb0797667a8d50e2e14261c0914ea48699426d6cb4214857faf13c899';

const MANIFEST = {
  format: 1,
  id: '20261128T111500Z',
  client: 'pc',
  mac: '52:54:00:12:34:56',
  firmware: 'uefi',
  kind: 'cold',
  parent: null,
  beganAt: '2026-11-28T11:15:00Z',
  endedAt: '2026-11-28T11:15:31Z',
  disk: { name: 'vda', bytes: 268_435_456, sectorBytes: 512, label: 'gpt' },
  partitions: [
    {
      number: 1,
      startSector: 2048,
      sectors: 131_072,
      type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      name: 'EFI system partition',
      uuid: '0E1F2A3B-0000-4000-8000-000000000001',
      fileSystem: 'vfat',
      format: 'fat',
      snapshot: SNAPSHOT,
      bytes: 1_236_544,
      storedBytes: 600_123,
    },
    {
      number: 2,
      startSector: 133_120,
      sectors: 389_120,
      type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
      fileSystem: 'ext4',
      format: 'extfs',
      snapshot: SNAPSHOT,
      bytes: 91_236_544,
      storedBytes: 0,
    },
  ],
} satisfies BackupManifest;

const [ESP, SYSTEM] = MANIFEST.partitions;
const read = (change: object) => readBackupManifest(JSON.stringify({ ...MANIFEST, ...change }));

describe('backupTimeOf', () => {
  it.each([
    ['20261128T111500Z', '2026-11-28T11:15:00Z'],
    ['20280229T000000Z', '2028-02-29T00:00:00Z'],
    ['20261121T250000Z', undefined],
    ['20261121T240000Z', undefined],
    ['20260229T111500Z', undefined],
    ['20261331T111500Z', undefined],
    ['20261128T1115Z', undefined],
  ])('takes %s for %s', (id, time) => {
    expect(backupTimeOf(id)).toBe(time);
  });
});

describe('readBackupManifest', () => {
  it('reads a disk with a table, and one without', () => {
    expect(read({})).toEqual({ manifest: MANIFEST });
    const whole = {
      disk: { ...MANIFEST.disk, label: 'none' },
      partitions: [{ ...SYSTEM, number: 0, startSector: 0, type: undefined }],
    };
    expect(read(whole).manifest?.partitions).toMatchObject([{ number: 0, fileSystem: 'ext4' }]);
    expect(read({ parent: '20261127T111500Z' }).manifest?.parent).toBe('20261127T111500Z');
  });

  it('says what is wrong with a list that is as deep as the stack, too', () =>
    expect(readBackupManifest(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toEqual({
      problem: 'bad-field',
      message: expect.stringMatching(/^backup\.json: configuration: .*, got \[{79}…$/) as string,
    }));

  it.each([
    [
      { format: 2 },
      'other-format',
      'format: expected format 1; a newer version of pxewright may have made this backup, got 2',
    ],
    [{ parent: '20261121T250000Z' }, 'bad-field', 'parent: expected an id, which is a time'],
    [
      { id: '2026-11-28' },
      'bad-field',
      'id: expected an id, which is a time such as 20261128T111500Z, got "2026-11-28"',
    ],
    [
      { client: '../pc' },
      'bad-field',
      'client: expected a name of letters, digits, dots, hyphens and underscores, got "../pc"',
    ],
    [{ parent: undefined }, 'bad-field', 'parent: '],
    [
      { partitions: [{ ...ESP, snapshot: 'cfb1e96b' }] },
      'bad-field',
      'partitions.0.snapshot: expected the id of a snapshot, 64 hex digits, got "cfb1e96b"',
    ],
    [
      { partitions: [{ ...ESP, format: 'xfs' }] },
      'bad-field',
      'partitions.0.format: expected one of extfs, ntfs, fat, swap, raw, got "xfs"',
    ],
    [{ partitions: [] }, 'bad-field', 'partitions: expected at least one partition'],
    [{ partitions: [{ ...ESP, type: undefined }] }, 'bad-field', 'partitions.0.type: expected a GUID or a hex byte'],
    [
      { partitions: [ESP, { ...SYSTEM, number: 1 }] },
      'bad-field',
      'partitions.1.number: expected each partition once, got 1',
    ],
    [
      { disk: { ...MANIFEST.disk, label: 'none' }, partitions: [ESP] },
      'bad-field',
      'partitions.0.number: expected 0, since the disk has no table, got 1',
    ],
    [
      { partitions: [{ ...SYSTEM, sectors: 520_000 }] },
      'bad-field',
      'partitions.0.sectors: expected a partition that ends on the disk of 268435456 bytes, got 520000',
    ],
    [{ disk: { ...MANIFEST.disk, sectorBytes: 1 } }, 'bad-field', 'disk.sectorBytes: expected 512 or 4096, got 1'],
    [
      { disk: { ...MANIFEST.disk, bytes: 268_435_457 } },
      'bad-field',
      'disk.bytes: expected a size in whole sectors, got 268435457',
    ],
    [
      { partitions: [ESP, { ...SYSTEM, startSector: 133_119 }] },
      'bad-field',
      'partitions.1.startSector: expected a place that partition 1 does not have, got 133119',
    ],
    [
      { partitions: [{ ...ESP, format: 'raw' }] },
      'bad-field',
      'partitions.0.bytes: expected 67108864, every byte of the partition, since its stream is raw, got 1236544',
    ],
    [
      { partitions: [{ ...ESP, format: 'swap' }] },
      'bad-field',
      "partitions.0.bytes: expected at most the 4096 bytes of a page, since its stream is a swap area's, got 1236544",
    ],
  ])('refuses %j', (change, problem, message) => {
    const result = read(change);
    expect(result).toMatchObject({ problem });
    expect(result.message).toContain(`backup.json: ${message}`);
  });

  it('refuses what was cut, and throws for nothing', () => {
    expect(readBackupManifest(JSON.stringify(MANIFEST).slice(0, -1))).toMatchObject({ problem: 'no-json' });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { manifest, problem } = readBackupManifest(text);
        expect(manifest === undefined).toBe(problem !== undefined);
      }),
    );
  });
});
