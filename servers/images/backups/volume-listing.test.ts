import { describe, expect, it } from 'vitest';
import { parseVolumeListing } from './volume-listing.ts';

/** An entry as 7-Zip 25.01 lists it, without what no test looks at. */
const listed = (fields: Readonly<Record<string, string>>): string =>
  Object.entries({ Folder: '-', ...fields })
    .toSorted(([a], [b]) => Number(b === 'Path') - Number(a === 'Path'))
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const listing = (...entries: readonly Readonly<Record<string, string>>[]): string => entries.map(listed).join('\n');

const parse = (fields: Readonly<Record<string, string>>) => parseVolumeListing(listing({ Path: 'x', ...fields }))[0];

describe('links', () => {
  it.each([
    [
      'of ext4 to a folder, which 7-Zip calls a folder',
      { Folder: '+', Mode: 'lrwxrwxrwx', 'Symbolic Link': 'sub' },
      'sub',
    ],
    ['of ext4 to a file', { Mode: 'lrwxrwxrwx', 'Symbolic Link': '../a : b' }, '../a : b'],
    ['of NTFS to a file', { Attributes: 'AL', Link: String.raw`..\d\sub\f` }, String.raw`..\d\sub\f`],
    ['of NTFS to a folder', { Folder: '+', Attributes: 'DAL', Link: String.raw`d\sub` }, String.raw`d\sub`],
    ['of NTFS, absolute', { Attributes: 'AL', Link: String.raw`\\?\C:\d\sub\f : C:\d\sub\f` }, String.raw`C:\d\sub\f`],
    [
      'junctions',
      { Folder: '+', Attributes: 'DAL', Link: String.raw`Junction: \\?\C:\target : C:\target` },
      String.raw`C:\target`,
    ],
    [
      'mounted volumes',
      { Folder: '+', Attributes: 'DAL', Link: `Junction: \\\\?\\Volume{12345678-1234-1234-1234-123456789abc}\\ : ` },
      '\\\\?\\Volume{12345678-1234-1234-1234-123456789abc}\\',
    ],
    ['of the Windows subsystem for Linux', { Attributes: 'AL', Link: 'WSL: sub/file' }, 'sub/file'],
  ])('%s', (_, fields, target) => expect(parse(fields)).toMatchObject({ type: 'link', target }));
});

describe('other reparse points of NTFS', () => {
  const CLOUD = 'REPARSE:9000601A:20 01000000020000000300000004000000...';
  it.each([
    ['a file that Windows compressed', 'other', { Attributes: 'AL', Link: 'WOF:16 01000000020000000100000000000000' }],
    ['a file whose content is elsewhere', 'other', { Attributes: 'AL', Link: 'DEDUP:4 61626364' }],
    ['a folder of a cloud', 'folder', { Folder: '+', Attributes: 'DAL', Link: CLOUD }],
    ['a file of a cloud that is here', 'file', { Attributes: 'AL', Link: CLOUD }],
    ['a file of a cloud that is not', 'other', { Attributes: 'AsLO', Link: CLOUD }],
  ])('%s', (_, type, fields) => {
    expect(parse(fields)).toMatchObject({ type, reparsePoint: fields.Link });
    expect(parse(fields)).not.toHaveProperty('target');
  });
});
