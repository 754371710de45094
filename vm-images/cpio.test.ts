import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { cpioNewc } from './cpio.ts';

const archive = () =>
  cpioNewc([
    { type: 'folder', path: 'empty', mode: 0o700 },
    { type: 'file', path: 'bin/tool', mode: 0o755, data: Buffer.from('odd') },
    { type: 'link', path: 'bin/sh', mode: 0o777, target: 'tool' },
    { type: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  ]);

it('is read by cpio(1): names, types, modes, sizes, device numbers, parent folders', () => {
  const listing = execFileSync('cpio', ['-itv', '--quiet', '--numeric-uid-gid'], {
    input: archive(),
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  expect(
    listing
      .trim()
      .split('\n')
      .map((line) => line.replace(/\s+/g, ' ').replace(/Jan 1 1970 /, '')),
  ).toEqual([
    'drwx------ 1 0 0 0 empty',
    'drwxr-xr-x 1 0 0 0 bin',
    '-rwxr-xr-x 1 0 0 3 bin/tool',
    'lrwxrwxrwx 1 0 0 4 bin/sh -> tool',
    'drwxr-xr-x 1 0 0 0 dev',
    'crw------- 1 0 0 5, 1 dev/console',
  ]);
});

it('gives the same bytes for the same entries', () => {
  expect(archive()).toEqual(archive());
});

it('refuses two entries of one name', () => {
  const file = { type: 'file', path: 'a', mode: 0o644, data: Buffer.alloc(0) } as const;
  expect(() => cpioNewc([file, file])).toThrow('a occurs twice');
});
