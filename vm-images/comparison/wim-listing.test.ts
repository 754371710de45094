import { describe, expect, it } from 'vitest';
import { parseWimListing } from './wim-listing.ts';

describe('parseWimListing', () => {
  // As wimlib-imagex 1.14.4 prints them, without lines that are not read.
  const stream = (sha1: string, size: number): string[] => [
    `Hash              = 0x${sha1}`,
    `Uncompressed size = ${size} bytes`,
    `Compressed size   = ${size} bytes`,
    'Flags             = ',
  ];
  const entry = (name: string, ...lines: string[]): string[] => [
    '-'.repeat(76),
    `Full Path           = "${name}"`,
    ...lines,
    '',
  ];
  const changed = 'Last Write Time     = Fri Jun  1 00:00:00 2012 UTC';
  const zeros = '0'.repeat(40);

  it('reads type, mode, owner, time, size and hash of an image with UNIX data', () => {
    const listing = [
      ...entry(
        '/',
        'Attributes          = 0x00000010',
        changed,
        'UNIX Data           = uid:0 gid:0 mode:040755 rdev:0x0',
      ),
      ...entry(
        '/a "quoted" name',
        'UNIX Data           = uid:1000 gid:70000 mode:0104644 rdev:0x0',
        '\tUnnamed data stream:',
        ...stream('8fac939f234814efe92051a2d5101e1a5c760981', 25),
      ),
      ...entry(
        '/empty',
        'UNIX Data           = uid:0 gid:0 mode:0100600 rdev:0x0',
        '\tUnnamed data stream:',
        ...stream(zeros, 0),
      ),
      ...entry('/link', 'Reparse Tag         = 0xa000000c', 'UNIX Data           = uid:0 gid:0 mode:0120777 rdev:0x0'),
    ].join('\n');
    expect([...parseWimListing(listing)]).toEqual([
      ['/', { type: 'folder', mode: 0o755, owner: '0:0', modifiedS: Date.UTC(2012, 5, 1) / 1000 }],
      [
        '/a "quoted" name',
        {
          type: 'file',
          mode: 0o4644,
          owner: '1000:70000',
          size: 25,
          sha1: '8fac939f234814efe92051a2d5101e1a5c760981',
        },
      ],
      [
        '/empty',
        { type: 'file', mode: 0o600, owner: '0:0', size: 0, sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
      ],
      ['/link', { type: 'link', mode: 0o777, owner: '0:0' }],
    ]);
  });

  it('reads type, attributes and content of an image without UNIX data, as Windows images are', () => {
    const sha1 = '11f6ad8ec52a2984abaafd7c3b516503785c2072';
    const listing = [
      ...entry('/', 'Attributes          = 0x00000010', '    FILE_ATTRIBUTE_DIRECTORY is set'),
      ...entry('/junction', 'Attributes          = 0x00000410', 'Reparse Tag         = 0xa0000003'),
      ...entry('/link', 'Attributes          = 0x00000400', 'Reparse Tag         = 0xa000000c'),
      ...entry(
        '/two streams',
        'Attributes          = 0x00000023',
        changed,
        '\tUnnamed data stream:',
        ...stream(sha1, 1),
        '\tNamed data stream "Zone.Identifier":',
        ...stream(zeros, 26),
      ),
      // A file that Windows keeps compressed by a filter: its content is in a form that only this filter reads.
      ...entry('/compressed.exe', 'Attributes          = 0x00000420', 'Reparse Tag         = 0x80000017'),
    ].join('\n');
    expect([...parseWimListing(listing)]).toEqual([
      ['/', { type: 'folder', attributes: 0x10 }],
      ['/junction', { type: 'link', attributes: 0x410 }],
      ['/link', { type: 'link', attributes: 0x400 }],
      ['/two streams', { type: 'file', attributes: 0x23, modifiedS: Date.UTC(2012, 5, 1) / 1000, size: 1, sha1 }],
      ['/compressed.exe', { type: 'file', attributes: 0x420 }],
    ]);
  });
});
