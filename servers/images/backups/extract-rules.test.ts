import { expect, it } from 'vitest';
import { unusable } from './extract-rules.ts';
import type { VolumeEntry } from './volume-listing.ts';

const entry = (about: Partial<VolumeEntry>): VolumeEntry => ({
  path: '/x',
  type: 'file',
  bytes: 0,
  listedAs: 'x',
  ...about,
});
const ext4Link = (path: string, target: string) => entry({ path, type: 'link', target, mode: 'lrwxrwxrwx' });
const ntfsLink = (path: string, target: string) => entry({ path, type: 'link', target });

it.each([
  ['a link to a neighbour', ext4Link('/a/b', 'c')],
  ['a link to a folder above, inside', ext4Link('/a/b', '../c/d')],
  ['a link of ext4 to a name with a colon', ext4Link('/a', 'x:y')],
  ['a link of ext4 to a name with a backslash', ext4Link('/a', String.raw`..\..\c`)],
  ['a relative link of NTFS', ntfsLink('/a/b', String.raw`..\c\d`)],
])('takes %s', (_, link) => expect(unusable(link)).toBeUndefined());

it.each([
  ['an absolute path', ext4Link('/a', '/etc/shadow')],
  ['more folders up than there are', ext4Link('/a/b', '../../c')],
  ['a way up behind a name', ext4Link('/a/b', 'c/../../..')],
  ['nothing', ext4Link('/a', '')],
  ['a drive', ntfsLink('/a', String.raw`C:\target`)],
  ['a volume', ntfsLink('/a', String.raw`\\?\Volume{12345678-1234-1234-1234-123456789abc}` + '\\')],
  ['the root of its drive', ntfsLink('/a', String.raw`\target`)],
  ['folders up in the way of NTFS', ntfsLink('/a', String.raw`..\c`)],
])('leaves out a link to %s', (_, link) =>
  expect(unusable(link)).toBe(`it is a link to ${link.target ?? ''}, which is outside`),
);

it('says what Windows keeps elsewhere', () =>
  expect(unusable(entry({ type: 'other', reparsePoint: 'DEDUP:4 61626364' }))).toBe(
    'Windows keeps its content in a form of its own (DEDUP:4 61626364)',
  ));
