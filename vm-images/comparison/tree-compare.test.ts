import { describe, expect, it } from 'vitest';
import { compareTrees } from './tree-compare.ts';
import type { TreeEntry } from './wim-listing.ts';

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
