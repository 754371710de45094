import { isPossibleCause } from '../protocols/possible-causes.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../packet/frame.ts';
import { LOGON } from '../protocols/rpc/testing/control.ts';
import { createMutationJudge, type GoodBoot } from '../run/testing/mutation-judge.ts';
import { tallyMutations } from '../run/testing/mutation-tally.ts';
import { targetsOf } from '../run/testing/mutation-targets.ts';
import { mutationsOf } from '../run/testing/mutations.ts';
import { plannedVm } from '../plan/testing/planned-vm.ts';
import { createJudge } from './judge.ts';
import { boot, IMAGE_PATH, START_US } from './testing/boot-story.ts';
import { expecting, PC, planOf } from './testing/judge-story.ts';
import { SAMPLES } from './testing/machine-samples.ts';
import { service } from './testing/planned-services.ts';

const { frames } = boot().wdsInstall();
const endUs = frames.at(-1)?.atUs ?? START_US;
const PLAN = planOf({
  services: [service('smb', { accounts: [{ name: LOGON.user, password: LOGON.password }] })],
  expectations: expecting(
    ['dhcp.offer'],
    ['proxydhcp.ack'],
    ['tftp.transfer', { path: 'boot/vmlinuz' }],
    ['tftp.transfer', { path: 'boot/initrd.img' }],
    ['dhcp.ack'],
    ['ntlm.authenticate'],
    ['smb.tree-connect', { share: 'REMINST' }],
    ['image.transfer', { path: IMAGE_PATH }],
    ['boot.complete'],
  ),
});
const GOOD: GoodBoot = {
  frames,
  plan: { ...PLAN, clients: [plannedVm(PC)] },
  judgedWith: { startUs: START_US, endUs, ended: [] },
};

/** What nobody notices, because the wire says the same without it; each with the events of its frame. */
const UNNOTICED = [
  // A DISCOVER is like the one before it.
  'reorder dhcp of dhcp.discover',
  // Of two protocols that do not wait for each other, either may be first.
  'reorder dhcp of dhcp.ack',
  'reorder smb of rpc.endpoint-map',
  'reorder smb of wds.reply',
  // The bare ACK of a handshake: the next segment acknowledges as well.
  'remove tcp of tcp.established',
  'duplicate tcp of tcp.established',
  'reorder tcp of tcp.established',
  'alter tcp sequence of tcp.established',
  // What a client says that it can receive is its own affair; the server's answer is judged.
  'alter smb max transmit of rpc.bind',
  'alter smb max transmit of rpc.alter-context, ntlm.negotiate',
  // WDS has one method. Its stub begins with a length that the array after it repeats.
  'alter smb opnum of wds.request',
  'alter smb stub of wds.request',
  'alter smb stub of wds.reply',
  // A refusal may name no tree.
  'alter smb tree id of smb.dfs-referral',
  // A READ may ask for more than the file has left.
  'alter smb length of ',
  // The last frame of the capture: nothing comes after it that could miss it.
  'remove tcp of tcp.closed',
  'duplicate tcp of tcp.closed',
  'alter tcp sequence of tcp.closed',
];

// Hundreds of boots are judged: seconds of CPU time, which a busy host gives over a minute.
describe('a good boot, changed in one frame', { timeout: 120_000 }, () => {
  const judging = createMutationJudge(GOOD);
  const targets = targetsOf(GOOD, judging).filter(({ bulk }) => !bulk);
  const mutations = mutationsOf(frames, targets);

  it('passes unchanged', () => {
    expect(judging.good).toMatchObject({ verdict: 'passed' });
  });

  it('is not the same without a frame, with it twice or later, or with a field in it altered', () => {
    const eventsAt = (frame: number): string =>
      judging.goodEvents
        .filter(({ event }) => event.frame === frame)
        .map(({ event }) => event.type)
        .join(', ');
    const unnoticed = tallyMutations(judging, mutations).missed.map((name) => {
      const [, what, frame] = /^(.*?)(?: with frame \d+)?, frame (\d+)$/.exec(name) ?? [];
      return `${what ?? name} of ${eventsAt(Number(frame))}`;
    });
    expect([...new Set(unnoticed)].sort()).toEqual([...UNNOTICED].sort());
    expect(mutations.length).toBeGreaterThan(700);
  });
});

describe('any frames at all', { timeout: 120_000 }, () => {
  const any = [GOOD, ...SAMPLES.flatMap(([, { captures }]) => captures)].map(({ frames: some }) => some);
  const anyPart = fc
    .record({ capture: fc.nat(any.length - 1), from: fc.nat(200), count: fc.nat(20), laterUs: fc.nat(400_000_000) })
    .map(({ capture, from, count, laterUs }) => {
      const part = any[capture] ?? [];
      const at = from % Math.max(1, part.length);
      return part.slice(at, at + count).map((frame): Frame => ({ ...frame, atUs: START_US + laterUs }));
    });

  it('never throw, with and without a scenario, and always leave a result that fits', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 8 }), fc.boolean(), (parts, planned) => {
        // Without a scenario clients are learnt, and some captures have none.
        const judging = createJudge({
          linkType: 1,
          startUs: START_US,
          ...(planned ? { clients: [PC], plan: PLAN } : { clients: [] }),
        });
        judging.frames(parts.flat().map((frame, index) => ({ ...frame, number: index + 1 })));
        for (const { verdict, steps } of judging.finish()) {
          // Only a capture of somebody else's boot may be inconclusive.
          expect(planned ? ['passed', 'failed'] : ['passed', 'failed', 'inconclusive']).toContain(verdict);
          for (const step of steps) {
            expect(step.durationMs).toBeGreaterThanOrEqual(0);
            // Whatever fails says why, in words that causes.ts holds for its cause.
            if (step.verdict !== 'failed') continue;
            expect(step.why, step.cause).toBeTruthy();
            // A scenario may expect it: what can never be is refused by this very function.
            expect(isPossibleCause(step.step, step.cause ?? ''), `${step.step}, ${step.cause ?? ''}`).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
