import { describe, expect, it } from 'vitest';
import { CLIENT as IPV4_CLIENT, SERVER as IPV4_SERVER } from '../../../observe/testing/scene.ts';
import { judge, planOf } from '../../../verdict/testing/judge-story.ts';
import { NdpScene } from '../testing/scene.ts';

const CLIENT = { mac: IPV4_CLIENT.mac, ip: 'fd77::100' };
const SERVER = { mac: IPV4_SERVER.mac, ip: 'fd77::1' };
const ROUTER = { mac: IPV4_SERVER.mac, ip: 'fe80::1' };
const OTHER = { mac: '00:1f:29:04:77:0e', ip: 'fd77::1' };
const PROBING = { mac: CLIENT.mac, ip: '::' };
const SILENCE_MS = 31_000;

/** The steps of neighbour discovery of the scenario's client. */
const steps = (scene: NdpScene, idleMs = 0) =>
  judge(scene, planOf({}), { idleMs })
    .client.steps.filter(({ step }) => step.startsWith('ndp.') && !step.endsWith('.unfinished'))
    .map(({ step, verdict, detail, cause, why, actual }) => ({ step, verdict, detail, cause, why, actual }));

describe('a question', () => {
  it('is resolved by its answer; who asks is told when it is not the client', () => {
    const asked = new NdpScene()
      .solicit(CLIENT, SERVER.ip)
      .advertise(SERVER, CLIENT)
      .solicit(SERVER, CLIENT.ip)
      .advertise(CLIENT, SERVER);
    expect(steps(asked)).toMatchObject([
      { step: 'ndp.resolve', verdict: 'passed', detail: { ip: SERVER.ip, mac: SERVER.mac } },
      { step: 'ndp.resolve', verdict: 'passed', detail: { ip: CLIENT.ip, mac: CLIENT.mac, asker: SERVER.mac } },
    ]);
  });

  it('that nobody answers is recorded, with a cause when the client asked', () => {
    expect(
      steps(new NdpScene().solicit(CLIENT, SERVER.ip).wait(1_000_000).solicit(CLIENT, SERVER.ip), SILENCE_MS),
    ).toMatchObject([
      { step: 'ndp.solicitation', verdict: 'recorded', why: 'asked again before an answer came' },
      { step: 'ndp.resolve', verdict: 'recorded', cause: 'neighbour-silent' },
    ]);
    const [, unanswered] = steps(
      new NdpScene().solicit(CLIENT, 'fd77::9').solicit(SERVER, CLIENT.ip).advertise(SERVER),
      SILENCE_MS,
    );
    expect(unanswered).toMatchObject({ step: 'ndp.resolve', verdict: 'recorded' });
  });

  it('with two answers of different hosts fails, with the same answer twice it does not', () => {
    const asked = () => new NdpScene().solicit(CLIENT, SERVER.ip).advertise(SERVER, CLIENT);
    expect(steps(asked().again())[1]).toMatchObject({
      step: 'ndp.advertisement',
      verdict: 'recorded',
      why: 'the same answer again',
    });
    expect(steps(asked().advertise(OTHER, CLIENT))[1]).toMatchObject({
      step: 'ndp.resolve',
      verdict: 'failed',
      cause: 'address-in-use',
    });
  });
});

describe('a search for a duplicate', () => {
  it('that nobody answers makes the address the client’s', () => {
    expect(steps(new NdpScene().solicit(PROBING, CLIENT.ip), SILENCE_MS)).toMatchObject([
      { step: 'ndp.duplicate-address', verdict: 'passed', detail: { ip: CLIENT.ip } },
    ]);
  });

  it.each([
    ['is answered', (scene: NdpScene) => scene.advertise({ ...OTHER, ip: CLIENT.ip }), 'answered for it'],
    ['meets another one', (scene: NdpScene) => scene.solicit({ mac: OTHER.mac, ip: '::' }, CLIENT.ip), 'is about to'],
    [
      'is answered late',
      (scene: NdpScene) => scene.wait(2_000_000).advertise({ ...OTHER, ip: CLIENT.ip }),
      'answered for it',
    ],
  ])('that %s finds it in use', (_, answer, actual) => {
    expect(steps(answer(new NdpScene().solicit(PROBING, CLIENT.ip))).at(-1)).toMatchObject({
      step: 'ndp.duplicate-address',
      verdict: 'failed',
      cause: 'address-in-use',
      actual: expect.stringContaining(actual) as string,
    });
  });

  it('does not stand in the way of later questions about the address', () => {
    const scene = new NdpScene()
      .solicit(PROBING, CLIENT.ip)
      .wait(2_000_000)
      .advertise(CLIENT)
      .solicit(SERVER, CLIENT.ip)
      .advertise(CLIENT, SERVER);
    expect(steps(scene)).toMatchObject([
      { step: 'ndp.duplicate-address', verdict: 'passed' },
      { step: 'ndp.announce', verdict: 'recorded' },
      { step: 'ndp.resolve', verdict: 'passed' },
    ]);
  });
});

describe('routers', () => {
  it('answer a client, and are heard again only when they say something else', () => {
    const scene = new NdpScene()
      .routerSolicit(CLIENT)
      .routerAdvertise(ROUTER)
      .routerAdvertise(ROUTER)
      .routerAdvertise(ROUTER, { managed: false });
    const said = { router: 'fe80::1', mac: ROUTER.mac, other: true, lifetimeSeconds: 1800, prefix: 'fd77::/64' };
    expect(steps(scene)).toMatchObject([
      { step: 'ndp.router-solicitation', verdict: 'recorded', detail: { mac: CLIENT.mac } },
      { step: 'ndp.router-advertisement', verdict: 'passed', detail: { ...said, managed: true, autonomous: false } },
      { step: 'ndp.router-advertisement', verdict: 'recorded', why: 'the same advertisement again' },
      { step: 'ndp.router-advertisement', verdict: 'passed', detail: { ...said, managed: false } },
    ]);
  });

  it('that are not there are told of', () => {
    const scene = new NdpScene().routerSolicit(CLIENT).wait(4_000_000).routerSolicit(CLIENT);
    expect(steps(scene, SILENCE_MS)).toMatchObject([
      { step: 'ndp.router-solicitation', verdict: 'recorded' },
      { step: 'ndp.router-solicitation', verdict: 'recorded' },
      { step: 'ndp.router-advertisement', verdict: 'recorded', cause: 'router-silent' },
    ]);
  });

  it('concern nobody who does not speak IPv6', () => {
    expect(steps(new NdpScene().routerAdvertise(ROUTER).arp(1, IPV4_CLIENT, IPV4_SERVER))).toEqual([]);
  });
});

it('a message that a router has forwarded, or of another code, is dropped by every receiver', () => {
  const message = { kind: 'ndp', type: 'neighbour-advertisement', target: SERVER.ip } as const;
  const flags = { router: false, solicited: true, override: true, options: [] };
  const scene = new NdpScene()
    .solicit(CLIENT, SERVER.ip)
    .ndp(SERVER, CLIENT, { ...message, ...flags, code: 0 }, 64)
    .ndp(SERVER, CLIENT, { ...message, ...flags, code: 1 });
  const { client } = judge(scene, planOf({}), { idleMs: SILENCE_MS });
  expect(client.steps.slice(0, 3)).toMatchObject([
    { step: 'ndp.malformed', detail: { reason: 'expected hop limit 255, got 64' } },
    { step: 'ndp.malformed', detail: { reason: 'expected code 0, got 1' } },
    { step: 'ndp.resolve', verdict: 'recorded', cause: 'neighbour-silent' },
  ]);
});
