import { describe, expect, it } from 'vitest';
import type { WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { nextStep, type Progress } from './decision.ts';
import type { Answer } from './messages.ts';
import type { WdsnbpSettings } from './settings.ts';

const SETTINGS: WdsnbpSettings = {
  architecture: 0,
  presses: 'f12',
  pollsForMs: 30_000,
  byteOrder: 'big-endian',
  pollIntervalUnitMs: 1000,
};
const BEGUN: Progress = { pendingAnswers: 0, waitedMs: 0, referrals: 0, promptDone: undefined };
const PROGRAM = 'boot\\x86\\pxeboot.com';
const WDS = '172.22.52.207';

const answer = (wds: WdsValues, bootfile = PROGRAM): Answer => ({
  type: 5,
  xid: 1,
  server: WDS,
  fromPort: 4011,
  yiaddr: '0.0.0.0',
  prefixLength: 24,
  ofBootServer: true,
  nextServer: WDS,
  bootfile,
  wds,
});
const next = (
  wds: WdsValues,
  {
    progress = {},
    settings = {},
    bootfile = PROGRAM,
  }: { progress?: Partial<Progress>; settings?: Partial<WdsnbpSettings>; bootfile?: string } = {},
) => nextStep(answer(wds, bootfile), { ...BEGUN, ...progress }, { ...SETTINGS, ...settings });
const ended = (why: RegExp) => ({ do: 'end', why: expect.stringMatching(why) as string });

describe('wdsnbp, told to wait for approval', () => {
  const pending = { nextAction: 1, pollInterval: 5, pollRetryCount: 2, requestId: 7, message: 'ask Anne' } as const;

  it('asks again after the interval, in the unit that is set', () => {
    expect(next(pending, { bootfile: '' })).toEqual({ do: 'poll', afterMs: 5000, requestId: 7, message: 'ask Anne' });
    expect(next(pending, { settings: { pollIntervalUnitMs: 100 } })).toMatchObject({ afterMs: 500 });
  });

  it('stops after as many tries as the server grants, or when its user has waited long enough', () => {
    expect(next(pending, { progress: { pendingAnswers: 2 } })).toMatchObject({ do: 'poll' });
    expect(next(pending, { progress: { pendingAnswers: 3 } })).toEqual(ended(/^no decision after 3 questions/));
    expect(next(pending, { progress: { waitedMs: 26_000 } })).toEqual(ended(/^no decision within 30000 ms/));
  });

  it('boots when the action is done, and loads what stops it when it is rejected', () => {
    expect(next({ ...pending, actionDone: 1 })).toEqual({ do: 'load', path: PROGRAM, server: WDS });
    expect(next({ nextAction: 5 }, { bootfile: 'boot\\x86\\abortpxe.com' })).toMatchObject({
      do: 'load',
      path: 'boot\\x86\\abortpxe.com',
    });
    expect(next({ nextAction: 5 }, { bootfile: '' })).toEqual(ended(/rejected/));
  });
});

describe('wdsnbp, told to prompt', () => {
  it.each([
    [1, 'f12', 'answer-prompt'],
    [1, 'nothing', 'end'],
    [1, 'esc', 'end'],
    [3, 'f12', 'answer-prompt'],
    [3, 'nothing', 'answer-prompt'],
    [3, 'esc', 'end'],
    [2, 'nothing', 'load'],
    [undefined, 'nothing', 'load'],
  ] as const)('prompt %s and the user presses %s: %s', (pxeClientPrompt, presses, step) => {
    expect(next(pxeClientPrompt === undefined ? {} : { pxeClientPrompt }, { settings: { presses } }).do).toBe(step);
  });

  it('prompts once', () => {
    expect(next({ pxeClientPrompt: 1 }, { progress: { promptDone: 1 } }).do).toBe('load');
  });
});

it('follows referrals, but not in circles', () => {
  expect(next({ nextAction: 3, referralServer: '172.22.52.208' })).toEqual({ do: 'ask', server: '172.22.52.208' });
  expect(next({ nextAction: 3 })).toEqual(ended(/does not say which/));
  expect(next({ nextAction: 3, referralServer: '172.22.52.208' }, { progress: { referrals: 3 } })).toEqual(
    ended(/referred to one another 3 times/),
  );
});

it('says so when the server names nothing', () => {
  expect(next({}, { bootfile: '' })).toEqual(ended(/named no boot program/));
});
