import { describe, expect, it } from 'vitest';
import { installedVersion } from './host-packages.ts';
import { parseLdd } from './libraries.ts';
import { parseDependencies } from './recipes/kernel.ts';
import { compareTrees } from './tree-compare.ts';
import type { TreeEntry } from './wim-listing.ts';
import { parseWimListing } from './wim-listing.ts';
import { fixedTimes } from './wim-reproducible.ts';

it('reads the version of an installed package, not of one that was removed', () => {
  const status =
    'Package: samba\nStatus: install ok installed\nVersion: 2:4.22\n\nPackage: samba-common\nStatus: deinstall ok config-files\nVersion: 1\n';
  expect(installedVersion(status, 'samba')).toBe('2:4.22');
  expect(installedVersion(status, 'samba-common')).toBeUndefined();
  expect(installedVersion(status, 'sam')).toBeUndefined();
});

it('reads libraries and the program interpreter from ldd', () => {
  expect(
    parseLdd(
      '\tlinux-vdso.so.1 (0x00007fff)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f01)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f02)\n',
    ),
  ).toEqual(['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2']);
});

it("reads dependencies of Debian's and Ubuntu's kernel packages", () => {
  expect(parseDependencies('linux-image-amd64\n  Depends: linux-image-6.12.1-amd64\n')).toEqual([
    'linux-image-6.12.1-amd64',
  ]);
  expect(
    parseDependencies(
      'linux-image-generic\n |Depends: linux-image-6.8.0-1-generic\n  Depends: linux-modules-extra-6.8.0-1-generic\n  Recommends: thermald\n',
    ),
  ).toEqual(['linux-image-6.8.0-1-generic', 'linux-modules-extra-6.8.0-1-generic']);
});

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

describe('compareTrees', () => {
  const file: TreeEntry = { type: 'file', mode: 0o644, size: 1, sha1: 'aa' };
  const compare = (expected: [string, TreeEntry][], actual: [string, TreeEntry][]) =>
    compareTrees(new Map(expected), new Map(actual), ['/lost+found', '/var/**']).differences;

  it('compares attributes that describe a file where both trees have them', () => {
    const windows: TreeEntry = { type: 'file', attributes: 0x80 };
    expect(
      compare(
        [
          ['/a', { ...windows, attributes: 0x2001 }],
          ['/b', { ...windows, attributes: 0x26 }],
          ['/c', windows],
        ],
        [
          ['/a', { ...windows, attributes: 0x1 }],
          ['/b', { ...windows, attributes: 0x20 }],
          ['/c', file],
        ],
      ),
    ).toEqual([{ path: '/b', expected: 'attributes hidden, system, archive', actual: 'attributes archive' }]);
  });

  it('finds nothing in equal trees, and leaves out what is to be ignored', () => {
    expect(
      compare(
        [['/f', file]],
        [
          ['/f', file],
          ['/lost+found', { type: 'folder', mode: 0o700 }],
        ],
      ),
    ).toEqual([]);
  });

  it('reports content, size, mode, type, link target, missing and extra entries', () => {
    const link: TreeEntry = { type: 'link', mode: 0o777, target: 'a' };
    expect(
      compare(
        [
          ['/f', file],
          ['/g', file],
          ['/h', file],
          ['/l', link],
          ['/m', file],
        ],
        [
          ['/f', { ...file, sha1: 'bb' }],
          ['/g', { ...file, size: 2, mode: 0o600 }],
          ['/h', { type: 'folder', mode: 0o755 }],
          ['/l', { ...link, target: 'b' }],
          ['/x', file],
        ],
      ),
    ).toEqual([
      { path: '/f', expected: 'SHA-1 aa', actual: 'SHA-1 bb' },
      { path: '/g', expected: 'mode 0644', actual: 'mode 0600' },
      { path: '/g', expected: '1 bytes', actual: '2 bytes' },
      { path: '/h', expected: 'file', actual: 'folder' },
      { path: '/l', expected: 'link to a', actual: 'link to b' },
      { path: '/m', expected: 'file', actual: 'missing' },
      { path: '/x', expected: 'nothing', actual: 'file' },
    ]);
  });
});

it('fixes the times of a WIM without changing the length of its XML', () => {
  const xml = '<CREATIONTIME><HIGHPART>0x01DB1234</HIGHPART><LOWPART>0xABCDEF01</LOWPART></CREATIONTIME><NAME>x</NAME>';
  expect(fixedTimes(xml)).toBe(
    '<CREATIONTIME><HIGHPART>0x01CD3F9A</HIGHPART><LOWPART>0x00000000</LOWPART></CREATIONTIME><NAME>x</NAME>',
  );
});
