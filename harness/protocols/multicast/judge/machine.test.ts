import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { ClientResult, Step } from '../../../../reports/result.ts';
import { CLIENT } from '../../../observe/testing/scene.ts';
import { replayCapture, replayWithFrames } from '../../../run/replay/replay.ts';
import type { FrameAccount } from '../../../verdict/accounting/accounting.ts';
import { createJudge } from '../../../verdict/judge.ts';
import { MulticastScene } from '../testing/scene.ts';

const OTHER = { mac: '00:11:11:80:d2:93', ip: '172.22.52.223' };
const BYTES = 4 * 1456;

/** What becomes of the client of a scene; `idleMs` pass after the last frame. */
function judged(scene: MulticastScene, idleMs = 0): ClientResult | undefined {
  const judge = createJudge({
    linkType: 1,
    clients: [{ name: 'pc', mac: CLIENT.mac, firmware: 'bios', nic: 'e1000' }],
    startUs: 1_000_000,
  });
  judge.frames(scene.frames);
  if (idleMs > 0) judge.advance((scene.frames.at(-1)?.atUs ?? 0) + idleMs * 1000);
  return judge.finish()[0];
}

const stepsOf = (scene: MulticastScene, idleMs = 0): readonly Step[] =>
  (judged(scene, idleMs)?.steps ?? []).filter(({ step }) => step.startsWith('multicast.'));
const failed = (scene: MulticastScene, idleMs = 0): (string | undefined)[][] =>
  stepsOf(scene, idleMs).flatMap(({ step, verdict, cause }) => (verdict === 'failed' ? [[step, cause]] : []));
const scene = (): MulticastScene => new MulticastScene();

describe('a receiver that takes the whole image', () => {
  const whole = (): MulticastScene =>
    scene().asks(CLIENT).hello().joins(CLIENT).go(CLIENT).slices(0, 2, CLIENT).ends(3, CLIENT);

  it('joins, starts, takes it, and leaves', () => {
    expect(stepsOf(whole())).toMatchObject([
      { step: 'multicast.join-request', verdict: 'recorded' },
      {
        step: 'multicast.join',
        verdict: 'passed',
        detail: { clientNumber: 0, blockSize: 1456, group: '234.9.0.1', capabilities: '9' },
      },
      { step: 'multicast.start', verdict: 'passed', detail: { by: 'receiver', receivers: 1 } },
      {
        step: 'multicast.transfer',
        verdict: 'passed',
        detail: { bytes: 3 * BYTES, blocks: 12, slices: 3, retransmissions: 0, askedAgain: 0, confirmed: true },
      },
      { step: 'multicast.leave', verdict: 'passed' },
    ]);
  });

  it('has it in its transfers', () => {
    expect(judged(whole())?.transfers).toMatchObject([
      {
        protocol: 'multicast',
        path: 'udp://234.9.0.1:9000',
        operation: 'get',
        bytes: 3 * BYTES,
        blksize: 1456,
        blocks: 12,
      },
    ]);
  });
});

describe('each fact fails one step, the first one', () => {
  test.each<[string, string, MulticastScene, number?]>([
    ['multicast.join', 'multicast-sender-silent', scene().asks(CLIENT), 61_000],
    [
      'multicast.join',
      'multicast-late-join',
      scene().joins(OTHER).slices(0, 0, OTHER).asks(CLIENT).slices(1, 1, OTHER).ends(2, OTHER),
      301_000,
    ],
    ['multicast.join', 'multicast-refused', scene().joins(CLIENT, -1)],
    ['multicast.start', 'multicast-not-started', scene().joins(CLIENT), 301_000],
    ['multicast.start', 'multicast-not-started', scene().joins(CLIENT).leaves(CLIENT)],
    ['multicast.transfer', 'transfer-stalled', scene().joins(CLIENT).slices(0, 0, CLIENT), 301_000],
    ['multicast.transfer', 'transfer-aborted', scene().joins(CLIENT).slices(0, 0, CLIENT).leaves(CLIENT)],
    // As udp-receiver does after its --receive-timeout.
    [
      'multicast.transfer',
      'transfer-stalled',
      scene().joins(CLIENT).slices(0, 0, CLIENT).wait(30_000_000).leaves(CLIENT),
    ],
    [
      'multicast.transfer',
      'multicast-dropped',
      scene().joins(CLIENT).joins(OTHER, 1).slices(0, 3, OTHER).ends(4, OTHER).leaves(CLIENT),
    ],
  ])('%s: %s', (step, cause, told, idleMs) => {
    expect(failed(told, idleMs)).toEqual([[step, cause]]);
  });
});

describe('a receiver whose sender died, and another sends in its place', () => {
  const cutOff = (): MulticastScene => scene().asks(CLIENT).hello().joins(CLIENT).go(CLIENT).slices(0, 1, CLIENT);
  const served = (told: MulticastScene, host = OTHER): MulticastScene =>
    told.wait(2_000_000).hello().joins(host).slices(0, 2, host).ends(3, host);

  it('and waits for the rest of its image fails, as where nobody comes after', () => {
    const stalled = [['multicast.transfer', 'transfer-stalled']];
    expect(failed(cutOff(), 400_000)).toEqual(stalled);
    expect(failed(cutOff().wait(2_000_000).hello(), 400_000)).toEqual(stalled);
    expect(failed(served(cutOff()), 400_000)).toEqual(stalled);
    expect(failed(served(cutOff()).wait(30_000_000).leaves(CLIENT))).toEqual(stalled);
    expect(stepsOf(served(cutOff()), 400_000).find(({ verdict }) => verdict === 'failed')?.actual).toContain(
      'the sender began another transfer',
    );
  });

  it('confirms nothing to that one', () => {
    expect(failed(served(cutOff()).ok(2, CLIENT).ok(3, CLIENT), 400_000)).toEqual([
      ['multicast.transfer', 'transfer-stalled'],
    ]);
  });

  it('is judged by its next transfer when it joins that', () => {
    const told = served(cutOff(), CLIENT);
    expect(failed(told, 400_000)).toEqual([]);
    expect(stepsOf(told).filter(({ step }) => /transfer|unfinished/.test(step))).toMatchObject([
      { step: 'multicast.unfinished', why: 'the receiver joined anew' },
      { step: 'multicast.transfer', verdict: 'passed', detail: { bytes: 3 * BYTES } },
    ]);
  });
});

describe('a receiver that says nothing of the group', () => {
  // In a lab, whose capture holds all that was on the link.
  const inLab = (told: MulticastScene): (string | undefined)[] => {
    const judge = createJudge({
      linkType: 1,
      clients: [{ name: 'pc', mac: CLIENT.mac, firmware: 'bios', nic: 'e1000' }],
      startUs: 1_000_000,
      plan: {
        expectations: [],
        strict: false,
        budgets: {},
        timeoutMs: 600_000,
        services: [],
      },
    });
    judge.frames(told.frames);
    return (judge.finish()[0]?.steps ?? []).flatMap(({ verdict, step, cause }) =>
      verdict === 'failed' && step === 'multicast.transfer' ? [cause] : [],
    );
  };
  const dropped = (told: MulticastScene): MulticastScene =>
    told.joins(OTHER, 1).inGroup(OTHER).slices(0, 3, OTHER).ends(4, OTHER).leaves(CLIENT);

  it('and has nothing of the image is not in it', () => {
    expect(inLab(dropped(scene().joins(CLIENT)))).toEqual(['multicast-not-in-group']);
    expect(inLab(scene().joins(CLIENT).blocks(0, 0).leaves(CLIENT))).toEqual(['multicast-not-in-group']);
  });

  it('or that says it and is dropped, or had a slice, was dropped for another reason', () => {
    expect(inLab(dropped(scene().joins(CLIENT).inGroup(CLIENT)))).toEqual(['multicast-dropped']);
    const begun = scene().joins(CLIENT).slices(0, 0, CLIENT).joins(OTHER, 1);
    expect(inLab(scene().joins(CLIENT).joins(OTHER, 1).slices(0, 0, CLIENT, OTHER).slices(1, 4, OTHER))).toEqual([
      'multicast-dropped',
    ]);
    expect(inLab(begun)).toEqual([]);
  });
});

it('a receiver that asked while others were served, and was let in to the next transfer, was late', () => {
  const told = scene().joins(OTHER).slices(0, 0, OTHER).asks(CLIENT).slices(1, 1, OTHER).ends(2, OTHER);
  told.hello().joins(CLIENT).slices(0, 0, CLIENT).ends(1, CLIENT);
  expect(stepsOf(told).filter(({ step }) => step === 'multicast.join')).toMatchObject([
    { verdict: 'passed', detail: { late: true } },
  ]);
  expect(failed(told)).toEqual([]);
});

it('a receiver that came late waits as long as a transfer may last, and then for an answer as any other', () => {
  const waits = scene().joins(OTHER).slices(0, 0, OTHER).asks(CLIENT).slices(1, 1, OTHER);
  expect(failed(waits, 299_000)).toEqual([]);
  const told = scene()
    .joins(OTHER)
    .slices(0, 0, OTHER)
    .asks(CLIENT)
    .slices(1, 1, OTHER)
    .ends(2, OTHER)
    .wait(200_000_000);
  expect(failed(told.hello().asks(CLIENT), 61_000)).toEqual([['multicast.join', 'multicast-sender-silent']]);
});

it('what it takes belongs to the phase of the image', () => {
  const phases = judged(scene().joins(CLIENT).slices(0, 2, CLIENT).ends(3, CLIENT))?.phaseSpans ?? [];
  expect(phases.map(({ phase }) => phase)).toContain('image');
});

test('a receiver that asks before there is a sender is let in when one comes', () => {
  const told = scene().asks(CLIENT).wait(50_000_000).hello().joins(CLIENT).slices(0, 0, CLIENT).ends(1, CLIENT);
  expect(failed(told)).toEqual([]);
});

describe('an OK that the capture does not hold', () => {
  const details = (told: MulticastScene): unknown =>
    stepsOf(told).find(({ step, verdict }) => step === 'multicast.transfer' && verdict === 'passed')?.detail;

  it.each([
    ['the last one', scene().joins(CLIENT).slices(0, 2, CLIENT).asksForOk(3, { last: true }).leaves(CLIENT)],
    ['the last question', scene().joins(CLIENT).slices(0, 2, CLIENT).ok(3, CLIENT).leaves(CLIENT)],
  ])('of the end changes nothing for a receiver that then leaves with all slices: %s', (_, told) => {
    expect(failed(told)).toEqual([]);
    expect(details(told)).toMatchObject({ bytes: 3 * BYTES, slices: 3 });
    expect(judged(told)?.transfers).toMatchObject([{ bytes: 3 * BYTES }]);
    expect(stepsOf(told).at(-1)).toMatchObject({ step: 'multicast.leave', verdict: 'passed' });
  });

  it('of the end, and of a receiver that lacked a slice or waited in vain, is none', () => {
    const lacks = scene().joins(CLIENT).slices(0, 1, CLIENT).blocks(2, 0, 1, 2).asksForOk(2);
    expect(failed(lacks.asksForOk(3, { last: true }).leaves(CLIENT))).toEqual([
      ['multicast.transfer', 'transfer-aborted'],
    ]);
    const waits = scene().joins(CLIENT).slices(0, 2, CLIENT).asksForOk(3, { last: true }).wait(30_000_000);
    expect(failed(waits.leaves(CLIENT))).toEqual([['multicast.transfer', 'transfer-stalled']]);
    // A slice that has blocks is not the end.
    const more = scene().joins(CLIENT).slices(0, 2, CLIENT).ok(3, CLIENT).blocks(3, 0, 1, 2, 3).leaves(CLIENT);
    expect(failed(more)).toEqual([['multicast.transfer', 'transfer-aborted']]);
  });

  it('in the middle is made up for by the next one: who confirms a slice has all before', () => {
    const told = scene().joins(CLIENT).blocks(0, 0, 1, 2, 3).asksForOk(0).blocks(1, 0, 1, 2, 3).asksForOk(1);
    told.blocks(2, 0, 1, 2, 3).ok(1, CLIENT).asksForOk(2).ok(2, CLIENT).slices(3, 5, CLIENT).ends(6, CLIENT);
    expect(failed(told)).toEqual([]);
    expect(details(told)).toMatchObject({ bytes: 6 * BYTES, slices: 6 });
  });

  it.each([
    ['the sender begins one more slice', scene().joins(CLIENT).joins(OTHER, 1).slices(0, 3, OTHER)],
    ['the others leave after the end', scene().joins(CLIENT).joins(OTHER, 1).slices(0, 1, OTHER).ends(2, OTHER)],
    ['it leaves', scene().joins(CLIENT).joins(OTHER, 1).slices(0, 2, OTHER).leaves(CLIENT)],
    [
      'the sender begins another transfer',
      scene().joins(CLIENT).joins(OTHER, 1).slices(0, 2, OTHER).hello().joins(OTHER).slices(0, 0, OTHER),
    ],
  ])('shows that the receiver was dropped when it says nothing until %s', (_, told) => {
    expect(failed(told)).toEqual([['multicast.transfer', 'multicast-dropped']]);
  });
});

test('a sender waits for a receiver as long as only one slice is behind', () => {
  const told = scene().joins(CLIENT).joins(OTHER, 1).slices(0, 0, OTHER).blocks(1, 0, 1, 2, 3).ok(0, CLIENT);
  expect(failed(told.asksForOk(1).ok(1, CLIENT, OTHER).ends(2, CLIENT, OTHER))).toEqual([]);
});

// udp-sender and udp-receiver 20120424 (../testdata/record.sh).
describe('captures of programs that are not ours', () => {
  const replayed = async (capture: string): Promise<Record<string, (string | undefined)[]>> => {
    const { scenarios } = await replayCapture(join(import.meta.dirname, '..', 'testdata', `${capture}.pcap`));
    return Object.fromEntries(
      (scenarios[0]?.clients ?? []).map(({ mac, steps }) => [
        mac,
        steps.flatMap(({ step, verdict, cause, detail }) =>
          step === 'multicast.transfer' || verdict === 'failed'
            ? [`${step} ${verdict} ${cause ?? String(detail?.['bytes'])}`]
            : [],
        ),
      ]),
    );
  };
  const WHOLE = ['multicast.transfer passed 100000'];
  const [first, second, third] = ['02:00:00:00:00:11', '02:00:00:00:00:12', '02:00:00:00:00:13'];

  it.each([
    ['point-to-point', { [first]: WHOLE }],
    ['asynchronous', { [first]: WHOLE, [second]: WHOLE }],
    ['straggler', { [first]: WHOLE, [second]: WHOLE, [third]: WHOLE }],
    ['dropped', { [first]: WHOLE, [second]: WHOLE, [third]: ['multicast.transfer failed multicast-dropped'] }],
    ['killed', { [first]: ['multicast.transfer failed transfer-stalled'], [second]: WHOLE }],
    ['late-joiner', { [first]: WHOLE, [second]: WHOLE, [third]: [] }],
  ])('%s', async (capture, wanted) => {
    expect(await replayed(capture)).toEqual(wanted);
  });

  it.each(['straggler', 'dropped', 'killed', 'point-to-point', 'asynchronous'])(
    '%s: no frame is left over',
    async (capture) => {
      const { frames } = await replayWithFrames(join(import.meta.dirname, '..', 'testdata', `${capture}.pcap`));
      const accounts: FrameAccount[] = [];
      for await (const batch of frames) accounts.push(...batch);
      // The last frame is the marker at the end of each recording, to the discard port.
      expect(accounts.slice(0, -1).filter(({ by }) => by === 'nothing')).toEqual([]);
      expect(accounts.some(({ by }) => by === 'meter')).toBe(true);
    },
  );
});
