import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import type { Frame } from '../packet/frame.ts';
import { duplicated, misdated } from '../run/testing/capture-faults.ts';
import { essenceOf } from '../run/testing/mutation-judge.ts';
import { createJudge } from './judge.ts';
import { boot } from './testing/boot-story.ts';
import { recorded } from './testing/captures.ts';

// What a capture itself does wrong makes no other verdict, and no other steps.

interface Judged {
  readonly essence: string[];
  readonly quality: readonly { readonly kind: string; readonly frames: number }[];
}

function replayed(frames: readonly Frame[]): Judged {
  const judge = createJudge({ linkType: 1, clients: [], door: {} });
  for (let from = 0; from < frames.length; from += 50) judge.frames(frames.slice(from, from + 50));
  return {
    essence: judge.finish().map(essenceOf),
    quality: judge.quality.map(({ kind, frames: count }) => ({ kind, frames: count })),
  };
}

/** Good boots and failed ones: of stories, and of programs that are not ours. */
const CAPTURES: readonly (readonly [name: string, frames: readonly Frame[]])[] = [
  ['a WDS installation', boot().wdsInstall().frames],
  ['a boot by DHCP alone', boot().dhcpBoot().guestDhcp().frames],
  [
    'a boot file that is missing',
    boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'a.0' }).arp().missesFiles('a.0').frames,
  ],
  ['curl and dnsmasq', (await recorded('tftp-curl-dnsmasq')).frames],
  ['smbclient and Samba', (await recorded('smb-smbclient-samba')).frames],
  ['a logon that Samba refuses', (await recorded('smb-refused')).frames],
];

describe.each(CAPTURES)('%s', (_, frames) => {
  const clean = replayed(frames);

  it('is judged as it is when nothing is wrong with its capture', () => {
    expect(clean.essence.length).toBeGreaterThan(0);
    expect(clean.quality).toEqual([]);
  });

  it('is judged alike with every frame twice', () => {
    for (const sight of [{}, { vlan: 5 }, { routers: 2, laterUs: 50 }]) {
      const { essence, quality } = replayed(duplicated(frames, sight));
      expect(essence).toEqual(clean.essence);
      // A copy of what is no packet, spanning tree or the like, is nobody's business.
      expect(quality).toEqual([{ kind: 'duplicated', frames: expect.any(Number) as number }]);
      expect(quality[0]?.frames).toBeGreaterThan(frames.length * 0.9);
    }
  });

  it('is judged alike with any frames twice', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 9 }), (from, every) => {
        const which = (_: Frame, index: number): boolean => (index + from) % every === 0;
        expect(replayed(duplicated(frames, { which })).essence).toEqual(clean.essence);
      }),
      { numRuns: 10 },
    );
  });

  it('is judged alike with one frame by another clock', () => {
    const wrong = fc.constantFrom(3_600_000_000, -3_600_000_000, 86_400_000_000, -1e15);
    fc.assert(
      fc.property(fc.nat(frames.length - 1), wrong, (index, byUs) => {
        const { essence, quality } = replayed(misdated(frames, index, 1, byUs));
        expect(essence).toEqual(clean.essence);
        expect(quality).toEqual([{ kind: 'clock-step', frames: 1 }]);
      }),
      { numRuns: 40 },
    );
  });
});

it('a live run has no door: a packet that comes twice was sent twice', () => {
  const judge = createJudge({ linkType: 1, clients: [] });
  judge.frames(duplicated(boot().dhcpBoot().frames));
  const [client] = judge.finish();
  expect(client?.transfers[0]?.retransmissions).toBeGreaterThan(20);
  expect(judge.quality).toEqual([]);
});
