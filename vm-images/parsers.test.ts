import { expect, it } from 'vitest';
import { installedVersion } from './host-packages.ts';
import { parseLdd, parseNeeded } from './libraries.ts';
import { parseDependencies, parseVersions } from './apt.ts';
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

it('reads the libraries that a program for another processor needs from readelf', () => {
  expect(
    parseNeeded(
      ' 0x0000000000000001 (NEEDED)             Shared library: [libwim.so.15]\n 0x000000000000000e (SONAME)             Library soname: [libx.so.1]\n 0x0000000000000001 (NEEDED)             Shared library: [ld-linux-aarch64.so.1]\n',
    ),
  ).toEqual(['libwim.so.15', 'ld-linux-aarch64.so.1']);
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

it('reads names and versions of packages from apt, and not those of the packages that they name', () => {
  expect(
    parseVersions(
      'Package: libc6\nSource: glibc (2.41-11)\nVersion: 2.41-12+deb13u5\nDepends: libgcc-s1\n\nPackage: libuuid1\nSource: util-linux\nVersion: 2.41.5-0+deb13u1\n',
    ),
  ).toEqual([
    ['libc6', '2.41-12+deb13u5'],
    ['libuuid1', '2.41.5-0+deb13u1'],
  ]);
});

it('fixes the times of a WIM without changing the length of its XML', () => {
  const xml = '<CREATIONTIME><HIGHPART>0x01DB1234</HIGHPART><LOWPART>0xABCDEF01</LOWPART></CREATIONTIME><NAME>x</NAME>';
  expect(fixedTimes(xml)).toBe(
    '<CREATIONTIME><HIGHPART>0x01CD3F9A</HIGHPART><LOWPART>0x00000000</LOWPART></CREATIONTIME><NAME>x</NAME>',
  );
});
