import { expect, it } from 'vitest';
import { installedVersion } from './host-packages.ts';
import { parseLdd } from './libraries.ts';
import { parseDependencies } from './recipes/kernel.ts';
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

it('fixes the times of a WIM without changing the length of its XML', () => {
  const xml = '<CREATIONTIME><HIGHPART>0x01DB1234</HIGHPART><LOWPART>0xABCDEF01</LOWPART></CREATIONTIME><NAME>x</NAME>';
  expect(fixedTimes(xml)).toBe(
    '<CREATIONTIME><HIGHPART>0x01CD3F9A</HIGHPART><LOWPART>0x00000000</LOWPART></CREATIONTIME><NAME>x</NAME>',
  );
});
