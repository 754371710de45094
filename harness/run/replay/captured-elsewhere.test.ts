import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientResult } from '../../../reports/result.ts';
import { CLIENT, SERVER } from '../../observe/testing/scene.ts';
import type { Frame } from '../../packet/frame.ts';
import { createJudge } from '../../verdict/judge.ts';
import { boot, BootStory } from '../../verdict/testing/boot-story.ts';
import {
  behindRelay,
  behindRouter,
  type Behind,
  type Captured,
  cooked,
  rawIp,
  tagged,
  onlyIp,
  withoutDhcp,
} from '../testing/captured-elsewhere.ts';
import { replayCapture } from './replay.ts';
import { essenceOf } from '../testing/mutation-judge.ts';
import { ETHERNET } from '../testing/mutations.ts';

const ROUTER = '02:00:5e:10:00:01';
const OTHER_ROUTER = '02:00:5e:10:00:02';
const VRRP = '00:00:5e:00:01:37';
const GIADDR = '172.22.52.254';

const STORIES: Readonly<Record<string, () => BootStory>> = {
  'DHCP and TFTP': () => boot().dhcpBoot(),
  'a boot server on port 4011, PXELINUX and the guest': () => boot().booted(),
  'a whole installation over RPC and SMB': () => boot().wdsInstall(),
};

function clientsOf({ linkType, frames }: Captured): ClientResult[] {
  const judge = createJudge({ linkType, clients: [] });
  judge.frames(frames);
  return judge.finish();
}
const plain = (frames: readonly Frame[]): Captured => ({ linkType: ETHERNET, frames });
const essences = (captured: Captured): string[] => clientsOf(captured).map(essenceOf);

const routerOf = (parts: Partial<Behind> = {}): Behind => ({
  hosts: [CLIENT.mac],
  sends: ROUTER,
  receives: ROUTER,
  hops: 1,
  initialTtl: 64,
  ...parts,
});
const relayOf = (parts: Partial<Behind> = {}): Parameters<typeof behindRelay>[1] => ({
  ...routerOf(parts),
  giaddr: GIADDR,
  serverIp: SERVER.ip,
});

/** Everything of a capture but its DHCP stays when it is taken so. */
const WITH_DHCP: Readonly<Record<string, (frames: readonly Frame[]) => Captured>> = {
  'with a relay before the server': (frames) => behindRelay(frames, relayOf()),
  'with a relay and VRRP before the server': (frames) => behindRelay(frames, relayOf({ receives: VRRP })),
  'as SLL': (frames) => cooked(frames, 1, true),
  'as SLL2': (frames) => cooked(frames, 2, true),
  'as SLL2 on an interface without addresses': (frames) => cooked(frames, 2, false),
  'as raw IP': rawIp,
  'on a trunk port': (frames) => tagged(frames, 12),
};
const WITHOUT_DHCP: Readonly<Record<string, (frames: readonly Frame[]) => Captured>> = {
  'behind a router': (frames) => behindRouter(frames, routerOf()),
  'behind a router, from a ROM with a time to live of its own': (frames) =>
    behindRouter(frames, routerOf({ initialTtl: 20 })),
  'behind a virtual router': (frames) => behindRouter(frames, routerOf({ receives: VRRP, hops: 3, initialTtl: 128 })),
  'behind two routers, one for each direction': (frames) => behindRouter(frames, routerOf({ receives: OTHER_ROUTER })),
  'with the server behind two routers': (frames) =>
    behindRouter(frames, routerOf({ hosts: [SERVER.mac], receives: OTHER_ROUTER })),
  'as SLL without DHCP': (frames) => cooked(withoutDhcp(frames), 1, true),
  'as SLL without DHCP and addresses': (frames) => cooked(withoutDhcp(frames), 1, false),
  'as raw IP without DHCP': (frames) => rawIp(withoutDhcp(frames)),
};

describe.each(Object.entries(STORIES))('%s', (_name, story) => {
  it.each(Object.entries(WITH_DHCP))('tells the same %s', (_where, taken) => {
    const { frames } = story();
    expect(essences(taken(frames))).toEqual(essences(plain(onlyIp(frames))));
  });

  it.each(Object.entries(WITHOUT_DHCP))('tells the same %s', (_where, taken) => {
    const { frames } = story();
    expect(essences(taken(frames))).toEqual(essences(plain(withoutDhcp(frames))));
  });

  it('passes', () => {
    expect(clientsOf(plain(story().frames)).map(({ verdict }) => verdict)).toEqual(['passed']);
  });
});

/** Two boots at the same time, frame by frame in turn. */
function together(...stories: readonly BootStory[]): Frame[] {
  return stories
    .flatMap(({ frames }) => frames)
    .sort((one, other) => one.atUs - other.atUs)
    .map((frame, index) => ({ ...frame, number: index + 1 }));
}
const NEIGHBOUR = { mac: '52:54:00:00:00:07', ip: '172.22.52.223' };
const both = (tell: (story: BootStory) => BootStory): Frame[] =>
  together(tell(new BootStory()), tell(new BootStory(undefined, NEIGHBOUR)));

describe('two clients behind one router', () => {
  const hosts = [CLIENT.mac, NEIGHBOUR.mac];

  it.each([
    ['with a relay', (frames: readonly Frame[]) => behindRelay(frames, relayOf({ hosts }))],
    ['as raw IP', rawIp],
  ])('are two, %s', (_name, taken) => {
    const frames = both((story) => story.dhcpBoot());
    const wanted = clientsOf(plain(onlyIp(frames)));
    const clients = clientsOf(taken(frames));
    expect(clients.map(essenceOf)).toEqual(wanted.map(essenceOf));
    expect(clients.map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
  });

  it.each([64, 20, 128])('are two without DHCP, from a time to live of %d', (initialTtl) => {
    const frames = both((story) => story.dhcpBoot());
    const clients = clientsOf(behindRouter(frames, routerOf({ hosts, initialTtl })));
    expect(clients.map(essenceOf)).toEqual(clientsOf(plain(withoutDhcp(frames))).map(essenceOf));
    expect(clients).toHaveLength(2);
  });
});

it('a boot tells the same wherever and however it was captured', () => {
  const mac = fc.constantFrom(ROUTER, OTHER_ROUTER, VRRP, '00:00:0c:07:ac:01', '3c:22:fb:00:00:01');
  const where = fc.record({
    story: fc.constantFrom(...Object.values(STORIES)),
    relay: fc.record({
      sends: fc.constantFrom(ROUTER, OTHER_ROUTER),
      receives: mac,
      hops: fc.integer({ min: 1, max: 3 }),
      initialTtl: fc.constantFrom(16, 20, 32, 60, 64, 128, 255),
    }),
    link: fc.constantFrom<(taken: Captured) => Captured>(
      (taken) => taken,
      ({ frames }) => cooked(frames, 1, true),
      ({ frames }) => cooked(frames, 2, false),
      ({ frames }) => rawIp(frames),
      ({ frames }) => tagged(frames, 7),
    ),
    dhcp: fc.boolean(),
  });
  fc.assert(
    fc.property(where, ({ story, relay, link, dhcp }) => {
      const { frames } = story();
      const moved = dhcp ? behindRelay(frames, relayOf(relay)) : behindRouter(frames, routerOf(relay));
      expect(essences(link(moved))).toEqual(essences(plain(dhcp ? onlyIp(frames) : withoutDhcp(frames))));
    }),
    { numRuns: 40 },
  );
});

describe('a real boot from dnsmasq', () => {
  const replayed = async (file: string) => {
    const { scenarios } = await replayCapture(join(import.meta.dirname, '../../observe/testdata', file));
    return (scenarios[0]?.clients ?? []).map(({ mac, verdict, steps }) => ({
      mac,
      verdict,
      loaded: steps
        .filter(({ step }) => step === 'tftp.transfer')
        .map(({ verdict: one, detail }) => [one, detail?.['blocks']]),
      strange: steps.filter(({ step }) => /anomaly|unfinished/.test(step)),
    }));
  };
  const whole = ['passed', 77];
  const client = { mac: '52:54:00:77:00:01', verdict: 'passed', strange: [] };

  it('behind a relay is one client’s, whose DHCP and TFTP are one story', async () => {
    // It ends during the third round for an address.
    const strange = [expect.objectContaining({ step: 'dhcp.unfinished' })];
    expect(await replayed('relay-at-server.pcap')).toEqual([
      { ...client, verdict: 'inconclusive', loaded: [whole, whole], strange },
    ]);
  });

  it('without the receivers’ hardware addresses has the server’s answers', async () => {
    expect(await replayed('sll-tftp-only.pcap')).toEqual([{ ...client, loaded: [whole, whole, whole] }]);
  });
});
