import { expect, it } from 'vitest';
import type { BackupManifest } from '../backup-store/manifest.ts';
import { chainOf, namedBackup, namedPartition, nameOf, type Backup } from './catalogue.ts';

const [FIRST, SECOND, THIRD] = ['20261126T100000Z', '20261127T100000Z', '20261128T100000Z'];

function backup(client: string, id: string, about: Partial<Backup> & { readonly parent?: string } = {}): Backup {
  const { parent = null, ...rest } = about;
  const partition = { startSector: 2048, sectors: 8, type: '83', snapshot: '0'.repeat(64), bytes: 1, storedBytes: 1 };
  const manifest: BackupManifest = {
    format: 1,
    id,
    client,
    mac: '52:54:00:12:34:56',
    firmware: 'bios',
    kind: 'cold',
    parent,
    beganAt: '2026-11-26T10:00:00Z',
    endedAt: '2026-11-26T10:01:00Z',
    disk: { name: 'vda', bytes: 2 ** 24, sectorBytes: 512, label: 'dos' },
    partitions: [
      { ...partition, number: 1, fileSystem: 'ntfs', format: 'ntfs' },
      { ...partition, number: 5, fileSystem: 'ext4', format: 'extfs' },
    ],
  };
  return {
    client,
    id,
    state: 'complete',
    problems: [],
    beganAt: manifest.beganAt,
    partitionSnapshots: [],
    manifest,
    ...rest,
  };
}

const ALL = [
  backup('other', FIRST, { state: 'unfinished', problems: ['it has no manifest'], manifest: undefined }),
  backup('pc', FIRST),
  backup('pc', SECOND, { parent: FIRST }),
  backup('pc', THIRD, { parent: SECOND, state: 'incomplete' }),
];

it.each([
  ['pc', `pc/${SECOND}`],
  ['pc/latest', `pc/${SECOND}`],
  [SECOND, `pc/${SECOND}`],
  [`pc/${THIRD}`, `pc/${THIRD}`],
  [`other/${FIRST}`, `other/${FIRST}`],
])('takes %s for %s', (text, name) => {
  expect(nameOf(namedBackup(ALL, text))).toBe(name);
});

it('takes a backup from the future for the newest only where there is no other', () => {
  const future = backup('pc', '99990101T000000Z', { beganAt: '9999-01-01T00:00:00Z' });
  expect(nameOf(namedBackup([...ALL, future], 'pc'))).toBe(`pc/${SECOND}`);
  expect(namedBackup([future], 'pc')).toBe(future);
});

it.each([
  ['PC', `got "PC"; nearest: pc, `],
  ['pc/20261127T100001Z', `nearest: pc/${SECOND}, `],
  ['other', 'expected a complete backup of other, got none'],
  [FIRST, `which several clients have: other/${FIRST}, pc/${FIRST}`],
])('does not know %s', (text, message) => {
  expect(() => namedBackup(ALL, text)).toThrow(message);
});

it('names partitions by their numbers, of what has a manifest', () => {
  const first = namedBackup(ALL, `pc/${FIRST}`);
  expect(namedPartition(first, '5')).toBe(5);
  expect(() => namedPartition(first, '2')).toThrow(
    `expected the number of a partition of pc/${FIRST}, got "2"; it has 1 (ntfs), 5 (ext4)`,
  );
  expect(() => namedPartition(namedBackup(ALL, `other/${FIRST}`), '1')).toThrow(
    `expected a backup with a manifest, got other/${FIRST}, which is unfinished: it has no manifest`,
  );
});

it('follows a chain to its beginning, or to the parent that was removed', () => {
  const third = namedBackup(ALL, `pc/${THIRD}`);
  expect(chainOf(ALL, third)).toEqual([
    { id: SECOND, isPresent: true },
    { id: FIRST, isPresent: true },
  ]);
  expect(chainOf(ALL.slice(2), third)).toEqual([
    { id: SECOND, isPresent: true },
    { id: FIRST, isPresent: false },
  ]);
});
