import { expect, it } from 'vitest';
import { createJudge } from '../judge.ts';
import { PC } from '../testing/judge-story.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { networkStarts } from './network-starts.ts';

/** Whether the frames of a story show a start from the network. */
async function seen({ frames }: BootStory): Promise<boolean> {
  const starts = networkStarts();
  const start = starts.of(PC.mac).then(() => true);
  createJudge({ linkType: 1, clients: [], onEvent: (event) => starts.event(event) }).frames(frames);
  return Promise.race([start, Promise.resolve().then(() => Promise.resolve(false))]);
}

it('sees a firmware that loads a boot program', async () => {
  expect(await seen(boot().proxyBoot())).toBe(true);
});

it.each([
  ['a firmware that is not answered', () => boot().offered()],
  ['a firmware whose boot file is missing', () => boot().dhcpRound().missesFiles('pxelinux.0')],
  ['a system that asks for an address and loads a file', () => boot().guestDhcp().loads(['update.bin', 4000])],
])('does not see one of %s', async (_, story) => {
  expect(await seen(story())).toBe(false);
});
