import { expect, it } from 'vitest';
import { Tape } from '../../../observe/testing/scene.ts';
import { judge } from '../../../verdict/testing/judge-story.ts';
import { DhcpScene } from '../../dhcp/testing/scene.ts';
import { VisitScene } from '../../smb/testing/visit.ts';
import { wimBytes } from '../testing/bytes.ts';

const INSTALL = 'Images\\Linux\\sample.wim';

/** An image is read by a client whose firmware says `client` in option 93; the images in it by Windows' numbers. */
function read(path: string, architectures: readonly (number | undefined)[], client: number | undefined) {
  const tape = new Tape();
  if (client !== undefined) new DhcpScene(tape).discover({ arch: client });
  const image = wimBytes(
    20_000,
    architectures.map((_, index) => `image ${index + 1}`),
    architectures,
  );
  const { named } = judge(new VisitScene(tape).connect().logon().mount().opens(path, image).reads());
  return named('image.tail');
}

it.each<[string, string, (number | undefined)[], number | undefined]>([
  ['a 64-bit image for a BIOS', INSTALL, [9], 0],
  ['a 32-bit image for a BIOS', INSTALL, [0], 0],
  ['a 64-bit image for 64-bit UEFI', INSTALL, [9], 7],
  ['one image of several', INSTALL, [12, 9], 7],
  ['an image that says nothing', INSTALL, [undefined], 7],
  ['an image beside one that says nothing', INSTALL, [12, undefined], 7],
  ['a client that is not known', INSTALL, [12], undefined],
  ['a firmware that has no Windows', INSTALL, [9], 27],
  ['a boot image in its folder', 'Boot\\x86\\Images\\boot.wim', [0], 0],
])('has nothing against %s', (_, path, architectures, client) => {
  expect(read(path, architectures, client)).toMatchObject([{ verdict: 'passed' }]);
});

it.each([
  [
    'an ARM64 image for a PC',
    ...([INSTALL, 12, 0] as const),
    'an image for x86 or x64, which this client runs (option 93 says 0)',
    '“image 1” is for arm64',
  ],
  [
    'a 32-bit image for 64-bit UEFI',
    ...([INSTALL, 0, 7] as const),
    'an image for x64, which this client runs (option 93 says 7)',
    '“image 1” is for x86',
  ],
  [
    'an x86 boot image in the folder for x64',
    ...(['boot/X64/Images/boot.wim', 0, 0] as const),
    'an image for x64, as its folder says',
    '“image 1” is for x86',
  ],
  [
    'a code that nobody knows',
    ...([INSTALL, 77, 0] as const),
    'an image for x86 or x64, which this client runs (option 93 says 0)',
    '“image 1” is for unknown architecture 77',
  ],
])('refuses %s', (_, path, architecture, client, expected, actual) => {
  expect(read(path, [architecture], client)).toMatchObject([
    { verdict: 'failed', expected, actual, cause: 'image-wrong-architecture' },
  ]);
});
