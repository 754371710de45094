import { describe, expect, it } from 'vitest';
import { doubtsOf, parseVolumeListing, type VolumeKind } from './volume-listing.ts';

/** An entry as 7-Zip 25.01 lists it, without what no test looks at. */
const listed = (fields: Readonly<Record<string, string>>): string =>
  Object.entries({ Folder: '-', ...fields })
    .toSorted(([a], [b]) => Number(b === 'Path') - Number(a === 'Path'))
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const listing = (...entries: readonly Readonly<Record<string, string>>[]): string => entries.map(listed).join('\n');

const parse = (fields: Readonly<Record<string, string>>) =>
  parseVolumeListing(listing({ Path: 'x', ...fields }), 'NTFS')[0];

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

describe('folders that 7-Zip makes up', () => {
  const file = (Path: string, iNode: number) => ({ Path, iNode: String(iNode) });
  const folder = (Path: string, iNode: number) => ({ Path, iNode: String(iNode), Folder: '+' });
  const shown = (kind: VolumeKind, ...all: readonly Readonly<Record<string, string>>[]) => {
    const entries = parseVolumeListing(listing(...all), kind);
    return {
      paths: entries.map(({ path }) => path),
      doubts: doubtsOf({ entries, kind }).map((one) => one.split(':')[0]),
    };
  };

  it('are no part of ext4', () =>
    expect(shown('Ext', file('a', 12), file('[SYS]/Journal', 8), file('[UNKNOWN]/12', 12))).toEqual({
      paths: ['/a'],
      doubts: [],
    }));

  it('are no part of NTFS', () =>
    expect(
      shown(
        'NTFS',
        file('[SYSTEM]/$MFT', 0),
        folder('[SYSTEM]/.', 5),
        { ...file('[SYSTEM]/$Secure:$SDS', 9), 'Alternate Stream': '+' },
        folder('[SYSTEM]/$Extend', 11),
        file('[SYSTEM]/$Extend/$Quota', 24),
        file('a', 64),
        file('[LOST]/b', 65),
        file('[UNKNOWN]/c', 66),
      ),
    ).toEqual({ paths: ['/a'], doubts: [] }));

  it('do not hide folders of the user', () => {
    expect(
      shown(
        'Ext',
        ...[folder('[SYS]', 13), folder('[SYS]/d', 14), file('[SYS]/d/e', 15), file('[SYS]/Journal', 8)],
        ...[folder('[LOST]', 16), file('[LOST]/f', 17), folder('[SYSTEM]', 18), file('[SYSTEM]/g', 19)],
        ...[file('[DELETED]', 20), folder('[UNKNOWN]', 21), file('[UNKNOWN]/h', 22)],
      ),
    ).toEqual({
      paths: [
        ...['/[SYS]', '/[SYS]/d', '/[SYS]/d/e', '/[LOST]', '/[LOST]/f', '/[SYSTEM]', '/[SYSTEM]/g'],
        ...['/[DELETED]', '/[UNKNOWN]', '/[UNKNOWN]/h'],
      ],
      doubts: ['/[UNKNOWN]'],
    });
    expect(
      shown(
        'NTFS',
        ...[folder('[SYSTEM]/$Extend', 11), file('[SYSTEM]/$Extend/$Quota', 24), folder('[SYSTEM]', 67)],
        ...[
          file('[SYSTEM]/y', 70),
          folder('[LOST]', 66),
          file('[LOST]/x', 69),
          folder('[SYS]', 71),
          file('[SYS]/z', 72),
        ],
      ),
    ).toEqual({
      paths: ['/[SYSTEM]', '/[SYSTEM]/y', '/[LOST]', '/[LOST]/x', '/[SYS]', '/[SYS]/z'],
      doubts: ['/[LOST]'],
    });
    expect(shown('FAT', { Path: '[LOST]/x' }, { Path: '[UNKNOWN]' }).paths).toEqual(['/[LOST]/x', '/[UNKNOWN]']);
  });

  it('are shown where a file of the user has the same name', () =>
    expect(shown('Ext', folder('[SYS]', 13), file('[SYS]/Journal', 14), file('[SYS]/Journal', 8)).paths).toEqual([
      '/[SYS]',
      '/[SYS]/Journal',
      '/[SYS]/Journal',
    ]));
});
