import { fileURLToPath } from 'node:url';
import { openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../packet/frame.ts';
import { plannedVm } from '../../plan/testing/planned-vm.ts';
import { createMutationJudge, type GoodBoot } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

const TESTDATA = fileURLToPath(new URL('../../protocols/multicast/testdata/', import.meta.url));

/** udp-sender sends an image to these receivers. */
async function transferOf(capture: string, receivers: readonly string[]): Promise<GoodBoot> {
  const frames: Frame[] = [];
  const source = await openCaptureFile(`${TESTDATA}${capture}.pcap`, { keepFrames: true });
  for await (const batch of source.batches()) frames.push(...batch);
  const [startUs, endUs] = [frames[0]?.atUs ?? 0, frames.at(-1)?.atUs ?? 0];
  return {
    frames,
    plan: {
      clients: receivers.map((mac, index) => plannedVm({ name: `pc${index}`, mac })),
      expectations: [],
      strict: false,
      budgets: {},
      timeoutMs: 600_000,
      services: [],
    },
    judgedWith: { startUs, endUs, ended: [] },
  };
}

/** Changes after which everybody has the same, so that nobody has to notice them. */
const SAME = [
  // What a sender announces or asks again: what counts is who answers.
  /udpcast (hello|request-ack)/,
  // Who confirms a slice has confirmed those before it: a sender asks for them in order.
  /udpcast ok/,
  // Said twice; or before what another receiver said.
  /^(duplicate|reorder) udpcast (connect-request|disconnect|retransmit)/,
];
/** Of a block that went again one cannot know which it was. */
const AGAIN = /^(alter udpcast data (block|slice)|reorder udpcast data)/;

describe.each<[string, string[]]>([
  ['point-to-point', ['02:00:00:00:00:11']],
  ['straggler', ['02:00:00:00:00:11', '02:00:00:00:00:12', '02:00:00:00:00:13']],
])('a transfer by udpcast (%s), changed in one frame', async (capture, receivers) => {
  const boot = await transferOf(capture, receivers);
  const judge = createMutationJudge(boot);
  const mutations = mutationsOf(boot.frames, targetsOf(boot, judge));

  it('is judged from changed conversations as from all frames', () => {
    const differing = mutations.filter((one) => judge.judged(one) !== judge.replayed(one)).map(({ name }) => name);
    expect(differing).toEqual([]);
  });

  it('is noticed at least 99 times of 100 where the change means something', () => {
    const meant = mutations.filter(({ name }) => !SAME.some((one) => one.test(name)) && !AGAIN.test(name));
    const { share, missed } = tallyMutations(judge, meant);
    expect(meant.length).toBeGreaterThan(100);
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.99);
  });
});

it('a block that says that it is another one is noticed where none went again', async () => {
  const boot = await transferOf('point-to-point', ['02:00:00:00:00:11']);
  const judge = createMutationJudge(boot);
  const changed = mutationsOf(boot.frames, targetsOf(boot, judge)).filter(({ name }) => AGAIN.test(name));
  const { missed } = tallyMutations(judge, changed);
  expect(judge.good.transfers).toMatchObject([{ retransmissions: 0 }]);
  expect(changed.length).toBeGreaterThan(100);
  // The last block of a slice, behind which none comes.
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(3);
});
