import { expect, test } from 'vitest';
import type { Step } from '../../../../reports/result.ts';
import { judge } from '../../../verdict/testing/judge-story.ts';
import { RpcScene, wdsAnswer } from '../testing/scene.ts';

const bound = (): RpcScene => new RpcScene().connect().bind().bindAck();

const anomalies = (scene: RpcScene): Step[] => judge(scene).named('rpc.anomaly');

test('fragments that do not join fail: nobody can read the call', () => {
  expect(anomalies(bound().call(2, new Uint8Array(8), { first: false }))).toMatchObject([
    {
      verdict: 'failed',
      detail: { kind: 'fragment-without-first', callId: 2 },
      expected: 'the first fragment of call 2 (C706 section 12.6.3)',
      actual: 'a later one',
      cause: 'rpc-protocol-breach',
    },
  ]);
});

test('a call id that is used again before its answer fails: the answer may be to either call', () => {
  const scene = bound().call(2, new Uint8Array(8)).call(2, new Uint8Array(8)).answer(2, new Uint8Array(4));
  expect(anomalies(scene)).toMatchObject([
    { verdict: 'failed', detail: { kind: 'call-id-in-use', callId: 2 }, cause: 'rpc-protocol-breach' },
  ]);
});

test('an answer to no call is recorded: the client goes on', () => {
  expect(anomalies(bound().answer(9, wdsAnswer(0)))).toMatchObject([
    { verdict: 'recorded', detail: { kind: 'answer-to-no-call', callId: 9 } },
  ]);
});
