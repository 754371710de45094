import { describe, expect, it } from 'vitest';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { TcpScene } from '../testing/scene.ts';

const to = (port: number): TcpScene => new TcpScene(undefined, port);
const SILENCE_MS = 16_000;

describe('a server that does not accept a connection', () => {
  it.each([
    [445, 'smb-unreachable'],
    [135, 'control-service-unreachable'],
    [5040, 'control-service-unreachable'],
    [80, 'server-unreachable'],
  ])('on port %i: %s', (port, cause) => {
    expect(failures(to(port).syn(), SILENCE_MS)).toEqual([['tcp.connect', cause]]);
    expect(failures(to(port).refused())).toEqual([['tcp.connect', cause]]);
  });

  it('is not minded on the NetBIOS session port, which is tried beside 445', () => {
    for (const told of [judge(to(139).refused()), judge(to(139).syn(), undefined, { idleMs: SILENCE_MS })]) {
      expect(told.failed).toEqual([]);
      expect(told.named('tcp.connect')).toMatchObject([{ verdict: 'recorded', cause: 'server-unreachable' }]);
    }
  });

  it('is not meant when the client itself gives up', () => {
    const scene = to(445).syn();
    scene.tcp(scene.client, scene.server, 'R', 1001, 0);
    const { failed, named } = judge(scene);
    expect(failed).toEqual([]);
    expect(named('tcp.connect')).toMatchObject([
      { verdict: 'recorded', why: 'the client itself aborted the connection' },
    ]);
  });
});

it('a SYN that came twice, bytes that the capture missed, and the end by RST are told', () => {
  const scene = to(80).syn().connect().missed(5).bytes(false, Uint8Array.of(1)).bytes(true, Uint8Array.of(2)).reset();
  const { client, failed } = judge(scene);
  expect(failed).toEqual([]);
  expect(client.steps.map(({ step, verdict, detail }) => [step, verdict, detail])).toEqual([
    ['tcp.syn', 'recorded', { server: '172.22.52.207', port: 80 }],
    ['tcp.connect', 'passed', { server: '172.22.52.207', port: 80 }],
    ['tcp.lost', 'recorded', { server: '172.22.52.207', port: 80, bytes: 5, by: 'server' }],
    ['tcp.reset', 'recorded', { server: '172.22.52.207', port: 80, by: 'server' }],
  ]);
});
