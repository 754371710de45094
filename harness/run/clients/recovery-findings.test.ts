import { expect, it } from 'vitest';
import { recoveryFindings } from './recovery-findings.ts';

const HOSTNAME = { path: '/etc/hostname', type: 'file', bytes: 3, sha256: 'aa' };
const ENTRIES = [{ path: '/etc', type: 'folder', bytes: 0 }, HOSTNAME];

it('finds nothing where the disk has what the backup has', () => {
  expect(recoveryFindings(ENTRIES, new Map([['/etc/hostname', 'aa']]))).toEqual([]);
  expect(recoveryFindings(ENTRIES)).toEqual([]);
});

it('finds a file that differs, and one that is not there', () => {
  expect(recoveryFindings(ENTRIES, new Map([['/etc/hostname', 'bb']]))).toEqual([
    '/etc/hostname on the disk is not what the backup has: expected SHA-256 aa, found SHA-256 bb',
  ]);
  expect(recoveryFindings(ENTRIES, new Map())).toEqual([
    '/etc/hostname on the disk is not what the backup has: expected SHA-256 aa, found no such file',
  ]);
});

it('finds what did not come to the share', () => {
  const link = { path: '/etc/mtab', type: 'link', bytes: 0 };
  expect(recoveryFindings([link, { ...link, path: '/dev/x', type: 'other', leftOut: 'it is a device' }])).toEqual([
    '/etc/mtab of the backup was not recovered: it is a link, and the share gives files alone',
    '/dev/x of the backup was not recovered: it is a device',
  ]);
});
