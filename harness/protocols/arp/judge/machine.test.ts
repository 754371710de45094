import { describe, expect, it } from 'vitest';
import { at, CLIENT, type Host, Scene, SERVER } from '../../../observe/testing/scene.ts';
import { judge, planOf } from '../../../verdict/testing/judge-story.ts';

const OTHER = { mac: '00:1f:29:04:77:0e', ip: SERVER.ip };
const SILENCE_MS = 31_000;
const PROBING = { mac: CLIENT.mac, ip: '0.0.0.0' };

/** The ARP steps of the scenario's client. */
const steps = (scene: Scene, idleMs = 0) =>
  judge(scene, planOf({}), { idleMs })
    .client.steps.filter(({ machine }) => machine === 'arp')
    .map(({ step, verdict, detail, cause, why }) => ({ step, verdict, detail, cause, why }));

describe('a question', () => {
  it('is resolved by its answer; who asks is told when it is not the client', () => {
    const asked = new Scene()
      .arp(1, CLIENT, { ip: SERVER.ip })
      .arp(2, SERVER, CLIENT)
      .arp(1, SERVER, { ip: CLIENT.ip })
      .arp(2, CLIENT, SERVER);
    expect(steps(asked)).toMatchObject([
      { step: 'arp.resolve', verdict: 'passed', detail: { ip: SERVER.ip, mac: SERVER.mac } },
      { step: 'arp.resolve', verdict: 'passed', detail: { ip: CLIENT.ip, mac: CLIENT.mac, asker: SERVER.mac } },
    ]);
  });

  it('that nobody answers is recorded, with a cause when the client asked', () => {
    expect(
      steps(new Scene().arp(1, CLIENT, { ip: SERVER.ip }).arp(1, CLIENT, { ip: SERVER.ip }), SILENCE_MS),
    ).toMatchObject([
      { step: 'arp.request', verdict: 'recorded', why: 'asked again before an answer came' },
      { step: 'arp.resolve', verdict: 'recorded', cause: 'arp-silent' },
    ]);
    const [, unanswered] = steps(
      new Scene().arp(1, CLIENT, { ip: CLIENT.ip }).arp(1, SERVER, { ip: CLIENT.ip }),
      SILENCE_MS,
    );
    expect(unanswered).toMatchObject({
      step: 'arp.resolve',
      verdict: 'recorded',
      why: expect.stringContaining('no network stack') as string,
    });
    expect(unanswered?.cause).toBeUndefined();
  });

  it('with two answers of different hosts fails, with the same answer twice it does not', () => {
    const asked = () => new Scene().arp(1, CLIENT, { ip: SERVER.ip }).arp(2, SERVER, CLIENT);
    expect(steps(asked().again())[1]).toMatchObject({
      step: 'arp.reply',
      verdict: 'recorded',
      why: 'the same answer again',
    });
    expect(steps(asked().arp(2, OTHER, CLIENT))[1]).toMatchObject({
      step: 'arp.resolve',
      verdict: 'failed',
      cause: 'address-in-use',
    });
  });
});

describe('a probe', () => {
  it('that nobody answers finds the address free', () => {
    expect(steps(new Scene().arp(1, PROBING, { ip: CLIENT.ip }), SILENCE_MS)).toMatchObject([
      { step: 'arp.resolve', verdict: 'recorded', why: 'an unanswered probe: the address is free' },
    ]);
  });

  it('that is answered finds it in use', () => {
    const scene = new Scene().arp(1, PROBING, { ip: CLIENT.ip }).arp(2, { mac: OTHER.mac, ip: CLIENT.ip }, PROBING);
    expect(steps(scene)).toMatchObject([{ step: 'arp.resolve', verdict: 'failed', cause: 'address-in-use' }]);
  });
});

it('an announcement asks nobody', () => {
  expect(steps(new Scene().arp(1, CLIENT, { ip: CLIENT.ip }))).toMatchObject([
    { step: 'arp.announce', verdict: 'recorded' },
  ]);
});

describe('an address that moves to another hardware address', () => {
  const request = Uint8Array.from([0, 1, ...new TextEncoder().encode('f\0octet\0')]);
  const data = Uint8Array.from([0, 3, 0, 1, 1]);
  const transfer = (scene: Scene, answering: Host): Scene =>
    scene.udp(at(CLIENT, 2070), at(SERVER, 69), request).udp(at(answering, 4000), at(CLIENT, 2070), data);

  it('is told of a host on the link', () => {
    const resolved = new Scene().arp(1, CLIENT, { ip: SERVER.ip }).arp(2, SERVER, CLIENT);
    expect(steps(transfer(resolved, OTHER)).at(-1)).toMatchObject({
      step: 'arp.moved',
      detail: { ip: SERVER.ip, mac: OTHER.mac },
      cause: 'address-in-use',
    });
  });

  it('is none behind a router, which sends with another address than it receives with', () => {
    const router = new Scene().arp(1, CLIENT, { ip: '172.22.52.1' });
    expect(steps(transfer(router, OTHER)).map(({ step }) => step)).not.toContain('arp.moved');
  });
});
