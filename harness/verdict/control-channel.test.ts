import { describe, expect, it } from 'vitest';
import { LOGON, WDS_OPERATIONS } from '../protocols/rpc/testing/control.ts';
import { boot, type BootStory } from './testing/boot-story.ts';
import { expecting, judge, planOf, type StoryEnd } from './testing/judge-story.ts';
import { service } from './testing/planned-services.ts';

const expectations = expecting(['wds.reply', { operation: 'IMG_ENUMERATE' }]);
/** A scenario whose file server knows this account. */
const knowing = (name: string, password: string) =>
  planOf({ services: [service('smb', { accounts: [{ name, password }] })], expectations });
const plan = knowing(LOGON.user, LOGON.password);
const mapped = (): BootStory => boot().booted().mapped();
const loggedOn = (): BootStory => mapped().controlOpened().controlLogon();
const firstFailure = (story: BootStory, wanted = plan, end?: StoryEnd) => judge(story, wanted, end).failed[0];

it('passes, and its authentication ends with the first answered request of the logon', () => {
  const { client, failed } = judge(boot().booted().controlled(), plan);
  expect(failed).toEqual([]);
  expect(client.verdict).toBe('passed');
  // Alter-context, challenge, AUTH3, request, reply: a tenth of a millisecond from each to the next.
  expect(client.phases['authentication']).toBeCloseTo(0.4, 5);
});

it('says that it cannot be reached', () => {
  const silent = mapped().also(({ control }) => control.syn());
  expect(firstFailure(silent, plan, { idleMs: 16_000 })).toMatchObject({
    step: 'tcp.connect',
    cause: 'control-service-unreachable',
    detail: { port: 5040 },
  });
  const refused = boot()
    .booted()
    .also(({ mapper }) => mapper.refused());
  expect(firstFailure(refused)).toMatchObject({
    step: 'tcp.connect',
    cause: 'control-service-unreachable',
    detail: { port: 135 },
  });
});

it('says that nobody ever asked it', () => {
  expect(firstFailure(boot().booted().mounted())).toMatchObject({
    step: 'wds.reply',
    cause: 'control-service-never-asked',
  });
});

describe('a logon that is refused', () => {
  const ACCESS_DENIED = 5;
  const refused = () => loggedOn().also(({ control }) => control.faults(ACCESS_DENIED));

  it('with a password that is not the scenario’s: what was asked stays sealed', () => {
    expect(firstFailure(refused(), knowing(LOGON.user, 'another'))).toMatchObject({
      step: 'rpc.fault',
      cause: 'wrong-password',
      actual: 'fault ERROR_ACCESS_DENIED',
      expected: 'a response to operation 0 of SYSTEM\\administrateur',
    });
  });

  it('with the right one: the user may not, and what was asked can be read', () => {
    expect(firstFailure(refused())).toMatchObject({
      step: 'rpc.fault',
      cause: 'rpc-access-denied',
      expected: 'a response to IMG_ENUMERATE of SYSTEM\\administrateur',
    });
  });

  it('where the scenario names no users, and of one that it does not name', () => {
    expect(firstFailure(refused(), planOf({ expectations }))).toMatchObject({ cause: 'rpc-access-denied' });
    expect(firstFailure(refused(), knowing('root', 'p'))).toMatchObject({ cause: 'unknown-user' });
  });
});

it.each([
  [0x1c01_0003, 'rpc-interface-unknown', 'nca_s_unk_if'],
  [0x1c01_0002, 'rpc-operation-unknown', 'nca_s_op_rng_error'],
  [0x6f7, 'rpc-stub-malformed', 'RPC_X_BAD_STUB_DATA'],
  [0x1c01_000b, 'rpc-protocol-breach', 'nca_s_proto_error'],
  [0x1234, 'rpc-refused', '0x00001234'],
])('names fault 0x%s: %s', (status, cause, name) => {
  expect(firstFailure(loggedOn().also(({ control }) => control.faults(status)))).toMatchObject({
    step: 'rpc.fault',
    cause,
    detail: { status: name, operation: 'IMG_ENUMERATE' },
  });
});

describe('what the client reports with LOG_MSG', () => {
  const type = (value: number) => ({ name: 'MESSAGE_TYPE', type: 4, values: [value] });
  const text = { name: 'MESSAGE', type: 0x20, values: ['no disk'] };
  const reporting = (
    variables: Parameters<BootStory['control']['asks']>[1],
    operation: number = WDS_OPERATIONS.LOG_MSG,
  ) => mapped().also(({ control }) => control.open().asks(operation, variables).replies());

  it.each([
    ['an error', [type(1), text], 'it reports error: no disk'],
    ['a domain that it cannot join', [type(12)], 'it reports domain-join-error'],
    ['the same, told later', [type(17)], 'it reports domain-join-error-2'],
  ])('fails with %s', (_, variables, actual) => {
    expect(firstFailure(reporting(variables))).toMatchObject({
      step: 'wds.request',
      cause: 'client-reported-error',
      expected: 'the client reports progress',
      actual,
    });
  });

  it.each([
    ['progress', 18, WDS_OPERATIONS.LOG_MSG],
    ['a missing driver', 6, WDS_OPERATIONS.LOG_MSG],
    ['something else with such a variable', 1, WDS_OPERATIONS.LOG_INIT],
  ])('is not minded: %s', (_, messageType, operation) => {
    const story = reporting([type(messageType)], operation)
      .controlLogon()
      .also(({ control }) => control.replies());
    expect(judge(story, plan).failed).toEqual([]);
  });
});

describe('an interface that is not there', () => {
  it('says the endpoint mapper', () => {
    expect(firstFailure(boot().booted().unmapped())).toMatchObject({
      step: 'rpc.endpoint-map',
      cause: 'rpc-endpoint-unknown',
    });
  });

  it('says the port', () => {
    const story = mapped().also(({ control }) => control.connect().bind().bindAck(2));
    expect(firstFailure(story)).toMatchObject({
      step: 'rpc.bind',
      cause: 'rpc-interface-unknown',
      actual: 'result 2, reason 1',
    });
  });

  it.each([
    [4, 'rpc-bind-refused'],
    [9, 'rpc-access-denied'],
  ])('refuses the association altogether, for reason %i', (reason, cause) => {
    const story = mapped().also(({ control }) => control.connect().bind().bindNak(reason));
    expect(firstFailure(story)).toMatchObject({ step: 'rpc.bind', cause, actual: `BIND_NAK, reason ${reason}` });
  });
});

it('fails an operation that the service refuses, and an answer that never comes', () => {
  expect(firstFailure(loggedOn().also(({ control }) => control.replies(0xc103)))).toMatchObject({
    step: 'wds.error',
    cause: 'wds-refused',
    actual: 'error 49411',
    detail: { operation: 'IMG_ENUMERATE' },
  });
  expect(firstFailure(loggedOn(), plan, { idleMs: 31_000 })).toMatchObject({ step: 'wds.reply', cause: 'rpc-silent' });
  expect(firstFailure(loggedOn().also(({ control }) => control.reset()))).toMatchObject({
    step: 'wds.reply',
    cause: 'rpc-connection-lost',
  });
  expect(firstFailure(mapped().controlOpened())).toMatchObject({ step: 'wds.reply', cause: 'capture-ended' });
});
