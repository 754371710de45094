import { describe, expect, it } from 'vitest';
import type { Host } from '../../observe/testing/scene.ts';
import { createJudge } from '../judge.ts';
import type { Judge, JudgedClient } from '../judge-types.ts';
import { boot, BootStory, START_US } from '../testing/boot-story.ts';
import { expecting, PC, planOf } from '../testing/judge-story.ts';

const SECOND_HOST: Host = { mac: '52:54:00:00:00:02', ip: '172.22.52.223' };
const FIRST: JudgedClient = { ...PC, name: 'first' };
const SECOND: JudgedClient = {
  ...FIRST,
  name: 'second',
  mac: SECOND_HOST.mac,
  startsAfter: 'first',
  story: { expectations: expecting(['dhcp.ack']) },
};
const PLAN = planOf({ expectations: expecting(['tftp.transfer']), timeoutMs: 60_000 });

/** Power-on of the second client, after the story of the first. */
const LATER_MS = 100_000;
const later = (first: BootStory): BootStory => {
  const second = new BootStory(first.tape, SECOND_HOST);
  second.tape.nowUs = START_US + LATER_MS * 1000;
  return second;
};

const judgeOf = (): Judge => createJudge({ linkType: 1, clients: [FIRST, SECOND], plan: PLAN, startUs: START_US });

/** A judge that has seen the frames of a story of the first client, and what shows it a story of the second. */
function judged(first: BootStory): { one: Judge; showLater: (tell: (second: BootStory) => BootStory) => void } {
  const one = judgeOf();
  one.frames(first.frames);
  return {
    one,
    showLater: (tell) => {
      const before = first.frames.length;
      one.frames(tell(later(first)).frames.slice(before));
    },
  };
}

describe('a client that starts after another', () => {
  it('has a story of its own, whose times and time-out count from its own power-on', () => {
    const { one, showLater } = judged(boot().dhcpBoot());
    expect([one.verdictOf(FIRST.mac), one.verdictOf(SECOND.mac)]).toEqual(['passed', undefined]);
    one.ended({ mac: FIRST.mac, atUs: START_US + 20_000_000, reason: 'guest-reset' });
    one.poweredOn(SECOND.mac, START_US + LATER_MS * 1000);
    showLater((second) => second.dhcpRound());
    const [first, second] = one.finish();
    expect(first).toMatchObject({ verdict: 'passed' });
    expect(first?.poweredOnMs).toBeUndefined();
    expect(second).toMatchObject({ name: 'second', verdict: 'passed', poweredOnMs: LATER_MS });
    expect(second?.steps[0]).toMatchObject({ step: 'dhcp.discover', atMs: 3000.1 });
    expect(second?.steps.at(-1)?.step).toBe('boot.complete');
    expect(second?.phases['firmware']).toBe(3000.1);
  });

  it('begins with its first event where nobody says when power came on', () => {
    const { one, showLater } = judged(boot().dhcpBoot());
    showLater((second) => second.dhcpRound());
    expect(one.finish()[1]).toMatchObject({
      verdict: 'passed',
      poweredOnMs: LATER_MS + 3000.1,
      steps: [{ step: 'dhcp.discover', atMs: 0 }, {}, {}, {}, {}, {}],
    });
  });

  it('is skipped when that one fails, and what that one left open is closed first', () => {
    const { one } = judged(
      boot()
        .dhcpRound()
        .also(({ tftp }) => tftp.request('pxelinux.0').lockstep(1, 3, 512)),
    );
    one.ended({ mac: FIRST.mac, atUs: START_US + 20_000_000, reason: 'guest-reset' });
    expect(one.verdictOf(FIRST.mac)).toBeUndefined();
    one.advance(START_US + 20_000_001);
    expect([one.verdictOf(FIRST.mac), one.isSettled(FIRST.mac)]).toEqual(['failed', true]);
    expect(one.finish()).toMatchObject([
      {
        verdict: 'failed',
        steps: expect.arrayContaining([
          expect.objectContaining({
            step: 'tftp.unfinished',
            detail: { path: 'pxelinux.0', bytes: 1536, blocks: 3, retransmissions: 0 },
          }),
          expect.objectContaining({ step: 'tftp.transfer', verdict: 'failed' }),
        ]) as unknown,
      },
      { verdict: 'skipped', why: 'not powered on: it starts after first, whose story did not pass', steps: [] },
    ]);
  });

  it('gets the same results whether the ends are told in time or before all frames', () => {
    const results = [true, false].map((before) => {
      const first = boot().dhcpBoot();
      const all = later(first).dhcpRound().frames;
      const ownFrames = boot().dhcpBoot().frames.length;
      const one = judgeOf();
      const tell = (): void => {
        one.ended({ mac: FIRST.mac, atUs: START_US + 15_000_000, reason: 'guest-reset' });
        one.poweredOn(SECOND.mac, START_US + LATER_MS * 1000);
      };
      if (before) tell();
      one.frames(all.slice(0, ownFrames));
      if (!before) tell();
      one.frames(all.slice(ownFrames));
      return one.finish();
    });
    expect(results[0]).toEqual(results[1]);
  });

  it('lets a story run out of its time, and only then is it decided', () => {
    const { one } = judged(boot().dhcpRound());
    one.advance(START_US + 59_000_000);
    expect(one.verdictOf(FIRST.mac)).toBeUndefined();
    one.advance(START_US + 60_000_001);
    expect(one.verdictOf(FIRST.mac)).toBe('failed');
  });
});
