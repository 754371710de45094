import { describe, expect, it } from 'vitest';
import type { Step } from '../../../reports/result.ts';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import { behindRelay, type Captured, rawIp } from '../../run/testing/captured-elsewhere.ts';
import { createJudge } from '../judge.ts';
import { boot, BootStory } from '../testing/boot-story.ts';

const FILE = 'pxelinux.0';
const TOLD = { siaddr: SERVER.ip, bootfile: FILE };
const ROUTER = '02:00:5e:10:00:01';

/** The capture begins in the middle of a boot; then the client boots anew. */
const twice = (): BootStory => boot().loads([FILE, 42_000]).dhcpRound(TOLD).loads([FILE, 42_000], ['vmlinuz', 100_000]);
const relayed = ({ frames }: BootStory): Captured =>
  behindRelay(frames, {
    hosts: [CLIENT.mac],
    sends: ROUTER,
    receives: ROUTER,
    hops: 1,
    initialTtl: 64,
    giaddr: '172.22.52.254',
    serverIp: SERVER.ip,
  });

function judged({ linkType, frames }: Captured) {
  const told: [string, Step][] = [];
  const judge = createJudge({ linkType, clients: [], openEnd: true, door: {}, onStep: (...step) => told.push(step) });
  judge.frames(frames);
  return { clients: judge.finish(), told };
}
const names = (steps: readonly Step[], step: string): (number | undefined)[] =>
  steps.flatMap((one) => (one.step === step ? [one.frames[0]] : []));

describe.each<[string, (story: BootStory) => Captured]>([
  ['as raw IP', ({ frames }) => rawIp(frames)],
  ['behind a relay', relayed],
])('a client that is seen before its DHCP, %s', (_how, taken) => {
  it('is one client, and its story is whole', () => {
    const { clients, told } = judged(taken(twice()));
    expect(clients.map(({ name, ips, verdict }) => [name, ips, verdict])).toEqual([
      ['client-1', [CLIENT.ip], 'passed'],
    ]);
    const [client] = clients;
    expect(client?.mac).toBe(CLIENT.mac);
    const reads = names(client?.steps ?? [], 'tftp.read-request');
    expect(reads).toHaveLength(3);
    const [asked = 0] = names(client?.steps ?? [], 'dhcp.discover');
    expect(reads.map((frame = 0) => frame > asked)).toEqual([false, true, true]);
    expect(client?.startedAt).toBe(new Date((twice().frames[0]?.atUs ?? 0) / 1000).toISOString());
    // Each step is told once while the capture is made.
    expect(
      names(
        told.map(([, step]) => step),
        'tftp.read-request',
      ),
    ).toEqual(reads);
  });

  it('is one from the address that it says itself that it has', () => {
    const story = boot()
      .loads([FILE, 42_000])
      .also(({ dhcp }) => dhcp.ask('inform', { ciaddr: CLIENT.ip }));
    expect(judged(taken(story)).clients.map(({ name, steps }) => [name, steps.length > 3])).toEqual([
      ['client-1', true],
    ]);
  });

  it('and later ones have names of their own', () => {
    const other = { mac: '52:54:00:00:00:02', ip: '172.22.52.99' };
    const story = boot().loads([FILE, 42_000]).offered(TOLD);
    new BootStory(story.tape, other).loads([FILE, 42_000]);
    story.given(TOLD);
    new BootStory(story.tape, { mac: '52:54:00:00:00:03', ip: '172.22.52.98' }).loads([FILE, 42_000]);
    const { clients } = judged(taken(story));
    expect(new Set(clients.map(({ name }) => name)).size).toBe(3);
    expect(clients).toHaveLength(3);
  });
});
