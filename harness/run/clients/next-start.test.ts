import { expect, it } from 'vitest';
import { nextStartFindings } from './next-start.ts';

it.each([
  [
    ['network', 'disk'],
    'network',
    'disk',
    /^reinstall loop: the next start \(boot order network, disk\) booted from the network/,
  ],
  [
    ['disk', 'network'],
    'disk',
    'network',
    /^wrong boot order: the next start \(boot order disk, network\) came from the disk/,
  ],
  [['disk'], 'none', 'disk', /^the next start \(boot order disk\) came from no device: expected the installed system/],
  [[], 'none', 'network', /^the next start came from no device: expected a boot program/],
] as const)('names what is wrong with a start by %j from %s where %s is wanted', (bootOrder, device, wanted, text) => {
  expect(nextStartFindings({ bootOrder: [...bootOrder], device }, wanted)).toEqual([expect.stringMatching(text)]);
});

it('has nothing against a start from the device that is wanted', () => {
  for (const device of ['disk', 'network'] as const)
    expect(nextStartFindings({ bootOrder: ['network', 'disk'], device }, device)).toEqual([]);
});
