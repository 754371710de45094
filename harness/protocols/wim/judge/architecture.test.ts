import { expect, it } from 'vitest';
import { architectureBreach } from './architecture.ts';

const image = (path: string, ...architectures: (number | undefined)[]) => ({
  path,
  images: architectures.map((architecture, index) => ({
    index: index + 1,
    name: `image ${index + 1}`,
    totalBytes: 1,
    ...(architecture === undefined ? {} : { architecture }),
  })),
});
const INSTALL = 'Images\\Linux\\sample.wim';

it.each([
  ['a 64-bit image for a BIOS', image(INSTALL, 9), 0],
  ['a 32-bit image for a BIOS', image(INSTALL, 0), 0],
  ['a 64-bit image behind 64-bit UEFI', image(INSTALL, 9), 7],
  ['one image of several', image(INSTALL, 12, 9), 7],
  ['an image that says nothing', image(INSTALL, undefined), 7],
  ['an image beside one that says nothing', image(INSTALL, 12, undefined), 7],
  ['a client that is not known', image(INSTALL, 12), undefined],
  ['a firmware that has no Windows', image(INSTALL, 9), 27],
  ['a boot image in its folder', image('Boot\\x86\\Images\\boot.wim', 0), 0],
])('has nothing against %s', (_, tail, client) => {
  expect(architectureBreach(tail, client)).toBeUndefined();
});

it.each([
  [
    'an ARM64 image for a PC',
    image(INSTALL, 12),
    0,
    'an image for x86 or x64, which this client runs (option 93 says 0)',
    '“image 1” is for arm64',
  ],
  [
    'a 32-bit image behind 64-bit UEFI',
    image(INSTALL, 0),
    7,
    'an image for x64, which this client runs (option 93 says 7)',
    '“image 1” is for x86',
  ],
  [
    'an x86 boot image in the folder for x64',
    image('boot/X64/Images/boot.wim', 0),
    0,
    'an image for x64, as its folder says',
    '“image 1” is for x86',
  ],
  [
    'a code that nobody knows',
    image(INSTALL, 77),
    0,
    'an image for x86 or x64, which this client runs (option 93 says 0)',
    '“image 1” is for unknown architecture 77',
  ],
])('refuses %s', (_, tail, client, expected, actual) => {
  expect(architectureBreach(tail, client)).toEqual({ expected, actual, cause: 'image-wrong-architecture' });
});
