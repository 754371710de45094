import { describe, expect, it } from 'vitest';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { RPC_SYNTAXES } from '../wire/codec.ts';
import { ControlScene, WDS_OPERATIONS } from '../testing/control.ts';
import { RpcScene } from '../testing/scene.ts';

// Refusals of the control channel are told in harness/verdict/control-channel.test.ts.

const { LOG_INIT, IMG_ENUMERATE } = WDS_OPERATIONS;
const opened = (): ControlScene => new ControlScene().open();
const SILENCE_MS = 31_000;
const ACCESS_DENIED = 5;

describe('each of these fails one step', () => {
  it.each<[string, string, string, RpcScene, number?]>([
    ['silence about a bind', 'rpc.bind', 'rpc-silent', new RpcScene().connect().bind(), SILENCE_MS],
    ['the end instead of its answer', 'rpc.bind', 'rpc-connection-lost', new RpcScene().connect().bind().disconnect()],
    [
      'a fault instead of it',
      'rpc.fault',
      'rpc-access-denied',
      new RpcScene().connect().bind().fault(1, ACCESS_DENIED),
    ],
    [
      'the same of an alter-context',
      'rpc.alter-context',
      'rpc-silent',
      opened().bind(RPC_SYNTAXES.wdsControl, 'alter-context'),
      SILENCE_MS,
    ],
    ['silence about a call', 'wds.reply', 'rpc-silent', opened().asks(LOG_INIT), SILENCE_MS],
    ['the end instead of its answer', 'wds.reply', 'rpc-connection-lost', opened().asks(LOG_INIT).disconnect()],
    [
      'an operation that the user may not do',
      'wds.error',
      'access-denied',
      opened().asks(LOG_INIT).replies(ACCESS_DENIED),
    ],
  ])('%s: %s, %s', (_, step, cause, scene, idleMs) => {
    expect(failures(scene, idleMs)).toEqual([[step, cause]]);
  });
});

describe('what is odd is recorded', () => {
  const recorded = (scene: RpcScene) => {
    const { client, failed } = judge(scene);
    expect(failed).toEqual([]);
    return client.steps
      .filter(({ verdict }) => verdict === 'recorded')
      .map(({ step, why, detail }) => ({ step, why, detail }));
  };

  it('a bind that is asked again, and an answer that nobody waits for', () => {
    const [again, unasked] = recorded(new RpcScene().connect().bind().bind().bindAck().bindAck()).filter(
      ({ step }) => step === 'rpc.bind',
    );
    expect(again).toMatchObject({ why: 'asked again before an answer came', detail: { interface: 'WDS control' } });
    expect(unasked).toMatchObject({ why: 'an answer whose request is missing from the capture' });
  });

  it('an answer to no call', () => {
    expect(recorded(opened().answer(9, new Uint8Array(12)))).toContainEqual(
      expect.objectContaining({ why: 'an answer whose request is missing from the capture' }),
    );
  });

  it('a shutdown', () => {
    expect(recorded(opened().shutdown())).toMatchObject([
      { step: 'rpc.other', detail: { name: 'shutdown', by: 'server' } },
    ]);
  });
});

it('calls may overlap: each answer is the one of its call', () => {
  const scene = opened().asks(LOG_INIT).asks(IMG_ENUMERATE);
  const { failed, named } = judge(scene.replies().answer(2, new Uint8Array(12)));
  expect(failed).toEqual([]);
  expect(named('wds.reply').map(({ detail }) => detail?.['operation'])).toEqual(['IMG_ENUMERATE', 'LOG_INIT']);
});
