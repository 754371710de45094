import { expect, it } from 'vitest';
import { CLIENT, type Tape } from '../observe/testing/scene.ts';
import { createJudge } from './judge.ts';
import { boot, BootStory } from './testing/boot-story.ts';

/** One more than are followed; their DISCOVERs come one after the other. */
const CROWD = 4097;
const macOf = (host: number): string =>
  `02:00:00:00:${[host >> 8, host & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

function discovers(tape: Tape, vendorClass: string): void {
  for (let host = 1; host <= CROWD; host++) {
    const story = new BootStory(tape, { mac: macOf(host), ip: '0.0.0.0' });
    story.dhcp.xid = host;
    story.dhcp.ask('discover', { vendorClass });
  }
}

function judged(story: BootStory, wanted?: string) {
  const judge = createJudge({ linkType: 1, clients: [], openEnd: true, door: {}, wanted });
  judge.frames(story.frames);
  return { clients: judge.finish(), quality: judge.quality };
}

it('hosts that do not boot are followed up to a limit, and the result says how many more there were', () => {
  const story = boot();
  discovers(story.tape, 'udhcp 1.37.0');
  const afterwards = story.frames.length;
  story.booted();
  const { clients, quality } = judged(story);
  expect(clients.filter(({ booting }) => booting === false)).toHaveLength(CROWD - 1);
  expect(clients.at(-1)).toMatchObject({ mac: CLIENT.mac, verdict: 'passed' });
  expect(quality).toEqual([
    {
      kind: 'crowded',
      frames: 1,
      firstFrame: afterwards,
      what: expect.stringMatching(/1 DHCP message of further hosts is not in this result.*--client MAC/) as string,
    },
  ]);
});

it('the client that is asked for is followed, however many hosts there are', () => {
  const story = boot();
  discovers(story.tape, 'udhcp 1.37.0');
  expect(judged(story, macOf(CROWD)).clients.at(-1)?.mac).toBe(macOf(CROWD));
});
