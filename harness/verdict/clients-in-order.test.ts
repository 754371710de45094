import { describe, expect, it } from 'vitest';
import { DHCP_ONLY_BOOT, dhcpRound } from './testing/boot-scripts.ts';
import { CLIENT_MAC, conversation, type Line, START_US } from './testing/event-builders.ts';
import type { ProtocolEvent } from '../protocols/base/observe/seen.ts';
import { createEventJudge, type EventJudge } from './event-judge.ts';
import type { JudgedClient } from './judge-types.ts';
import { expecting, planOf } from './testing/judge-script.ts';

const SECOND_MAC = '52:54:00:00:00:02';
const FIRST: JudgedClient = { name: 'first', mac: CLIENT_MAC, firmware: 'bios', nic: 'e1000' };
const SECOND: JudgedClient = {
  ...FIRST,
  name: 'second',
  mac: SECOND_MAC,
  startsAfter: 'first',
  story: { expectations: expecting(['dhcp.ack']) },
};
const PLAN = planOf({ expectations: expecting(['tftp.transfer']), timeoutMs: 60_000 });

const LATER_MS = 100_000;
const later = (lines: readonly Line[]): Line[] => [[LATER_MS, lines[0]?.[1]] as Line, ...lines.slice(1)];

function judge(): {
  judge: EventJudge;
  left: (readonly [string, number])[];
  play: (lines: readonly Line[], mac: string) => void;
} {
  const left: (readonly [string, number])[] = [];
  const one = createEventJudge({
    clients: [FIRST, SECOND],
    plan: PLAN,
    startUs: START_US,
    onLeaving: (mac, atUs) => left.push([mac, (atUs - START_US) / 1000]),
  });
  return {
    judge: one,
    left,
    play: (lines, mac) => {
      for (const event of conversation(lines, mac)) {
        one.advance(event.atUs);
        // The scripts' DHCP messages carry one hardware address.
        one.event(
          'message' in event && typeof event.message === 'object'
            ? ({ ...event, message: { ...event.message, chaddr: mac } } as ProtocolEvent)
            : event,
        );
      }
    },
  };
}

describe('a client that starts after another', () => {
  it('has a story of its own, whose times and time-out count from its own power-on', () => {
    const { judge: one, play } = judge();
    play(DHCP_ONLY_BOOT, CLIENT_MAC);
    expect([one.verdictOf(CLIENT_MAC), one.verdictOf(SECOND_MAC)]).toEqual(['passed', undefined]);
    one.ended(CLIENT_MAC, START_US + 20_000_000, 'guest-reset');
    one.poweredOn(SECOND_MAC, START_US + (LATER_MS - 3000) * 1000);
    play(later(dhcpRound()), SECOND_MAC);
    const [first, second] = one.finish();
    expect(first).toMatchObject({ verdict: 'passed' });
    expect(first?.poweredOnMs).toBeUndefined();
    expect(second).toMatchObject({ name: 'second', verdict: 'passed', poweredOnMs: LATER_MS - 3000 });
    expect(second?.steps[0]).toMatchObject({ step: 'dhcp.discover', atMs: 3000 });
    expect(second?.steps.at(-1)?.step).toBe('boot.complete');
    expect(second?.phases['firmware']).toBe(3000);
  });

  it('begins with its first event where nobody says when power came on', () => {
    const { judge: one, play } = judge();
    play(DHCP_ONLY_BOOT, CLIENT_MAC);
    play(later(dhcpRound()), SECOND_MAC);
    expect(one.finish()[1]).toMatchObject({
      verdict: 'passed',
      poweredOnMs: LATER_MS,
      steps: [{ step: 'dhcp.discover', atMs: 0 }, {}, {}, {}, {}, {}],
    });
  });

  it('is skipped when that one fails', () => {
    const { judge: one, left, play } = judge();
    play(dhcpRound(), CLIENT_MAC);
    one.ended(CLIENT_MAC, START_US + 20_000_000, 'guest-reset');
    expect(one.verdictOf(CLIENT_MAC)).toBeUndefined();
    one.advance(START_US + 20_000_001);
    expect([one.verdictOf(CLIENT_MAC), one.isSettled(CLIENT_MAC), left]).toEqual([
      'failed',
      true,
      [[CLIENT_MAC, 20_000]],
    ]);
    expect(one.finish()).toMatchObject([
      {
        verdict: 'failed',
        steps: expect.arrayContaining([
          expect.objectContaining({ step: 'tftp.transfer', verdict: 'failed' }),
        ]) as unknown,
      },
      { verdict: 'skipped', why: 'not powered on: it starts after first, whose story did not pass', steps: [] },
    ]);
  });

  it('gets the same results whether the ends are told in time or before all frames', () => {
    const results = [true, false].map((before) => {
      const { judge: one, play } = judge();
      const tell = (): void => {
        one.ended(CLIENT_MAC, START_US + 15_000_000, 'guest-reset');
        one.poweredOn(SECOND_MAC, START_US + 90_000_000);
      };
      if (before) tell();
      play(DHCP_ONLY_BOOT, CLIENT_MAC);
      if (!before) tell();
      play(later(dhcpRound()), SECOND_MAC);
      return one.finish();
    });
    expect(results[0]).toEqual(results[1]);
  });

  it('lets a story run out of its time, and only then is it decided', () => {
    const { judge: one, play } = judge();
    play(dhcpRound(), CLIENT_MAC);
    one.advance(START_US + 59_000_000);
    expect(one.verdictOf(CLIENT_MAC)).toBeUndefined();
    one.advance(START_US + 60_000_001);
    expect(one.verdictOf(CLIENT_MAC)).toBe('failed');
  });
});

it('a client with a failure of its own passes when that comes, beside one that boots', () => {
  const fails: JudgedClient = {
    ...SECOND,
    story: { expectations: [], expectFailure: { step: 'dhcp.nak', cause: 'dhcp-nak' } },
  };
  const { startsAfter, ...atOnce } = fails;
  const both = createEventJudge({ clients: [FIRST, atOnce], plan: PLAN, startUs: START_US });
  for (const event of [...conversation(DHCP_ONLY_BOOT)]) both.event(event);
  expect([startsAfter, both.isSettled(CLIENT_MAC), both.settled]).toEqual(['first', true, false]);
  expect(both.finish().map(({ verdict }) => verdict)).toEqual(['passed', 'failed']);
});
