import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { conversationIn } from './good-boot.ts';
import { createMutationJudge } from './mutation-judge.ts';
import { targetsOf } from './mutation-targets.ts';
import { tallyMutations } from './mutation-tally.ts';
import { mutationsOf } from './mutations.ts';

/** udp-sender sends an image. */
const TESTDATA = fileURLToPath(new URL('../../protocols/multicast/testdata/', import.meta.url));

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
  const boot = await conversationIn(`${TESTDATA}${capture}.pcap`, receivers);
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
  const boot = await conversationIn(`${TESTDATA}point-to-point.pcap`, ['02:00:00:00:00:11']);
  const judge = createMutationJudge(boot);
  const changed = mutationsOf(boot.frames, targetsOf(boot, judge)).filter(({ name }) => AGAIN.test(name));
  const { missed } = tallyMutations(judge, changed);
  expect(judge.good.transfers).toMatchObject([{ retransmissions: 0 }]);
  expect(changed.length).toBeGreaterThan(100);
  // The last block of a slice, behind which none comes.
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(3);
});
