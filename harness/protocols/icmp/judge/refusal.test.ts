import { describe, expect, it } from 'vitest';
import { at, CLIENT, type End, type Host, SERVER, Tape } from '../../../observe/testing/scene.ts';
import { boot } from '../../../verdict/testing/boot-story.ts';
import { failures, judge } from '../../../verdict/testing/judge-story.ts';
import { TftpScene } from '../../tftp/testing/scene.ts';
import { unreachable, unreachable6 } from '../testing/scene.ts';

const ROUTER: Host = { mac: '00:1f:29:04:77:fe', ip: '172.22.52.254' };
const OVER_MS = 31_000;
/** A client that has its address, so that errors are known to be about its packets. */
const bound = () => boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' });
const asking = (times = 1) => {
  const story = bound();
  for (let asked = 0; asked < times; asked++) unreachable(story.tftp.wait(1_000_000).request('pxelinux.0'));
  return story;
};

describe('a TFTP request that ICMP answers', () => {
  it('fails for that reason when the capture ends, and its proof is the first message', () => {
    const story = asking(3);
    const { failed, named } = judge(story);
    const first = story.frames.length - 4;
    expect(failed).toMatchObject([
      {
        step: 'tftp.read-request',
        cause: 'port-unreachable',
        actual: `ICMP port unreachable from ${SERVER.ip} for port 69, 3 times`,
        frames: [first - 1, first],
      },
    ]);
    expect(named('icmp.unreachable')).toHaveLength(3);
    expect(named('icmp.unreachable')[0]).toMatchObject({
      verdict: 'recorded',
      detail: { reason: 'port-unreachable', by: SERVER.ip, protocol: 'udp', server: SERVER.ip, port: 69 },
    });
  });

  it('fails for that reason when its time is over', () => {
    expect(failures(asking(), OVER_MS)).toEqual([['tftp.read-request', 'port-unreachable']]);
  });

  it('passes when the client asks again and is answered', () => {
    const story = asking(2);
    story.tftp.request('pxelinux.0').lockstep(1, 3, 512).lockstep(4, 4, 100);
    expect(judge(story)).toMatchObject({ failed: [], client: { verdict: 'passed' } });
  });

  it.each([
    [1, 'host-unreachable'],
    [0, 'net-unreachable'],
    [13, 'admin-prohibited'],
  ])('by a router with code %d: %s', (code, cause) => {
    const story = bound();
    unreachable(story.tftp.request('pxelinux.0'), { code, by: ROUTER });
    const { failed } = judge(story);
    expect(failed).toMatchObject([{ cause }]);
    expect(failed[0]?.actual).toContain(`from ${ROUTER.ip} for ${SERVER.ip} port 69`);
  });
});

it('blocks that are too large for the way to the client stall the transfer for that reason', () => {
  const story = bound();
  story.tftp.request('pxelinux.0', 'blksize=1456').optionAck('blksize=1456').ack(0);
  unreachable(story.tftp.data(1, 1456), { code: 4, by: ROUTER, to: SERVER, rest: 1400 });
  const { failed } = judge(story);
  expect(failed).toMatchObject([{ step: 'tftp.transfer', cause: 'fragmentation-needed' }]);
  expect(failed[0]?.actual).toContain('at most 1400 bytes');
});

it('a server whose packet finds the client’s port closed says nothing of the server', () => {
  const story = bound();
  story.tftp.request('pxelinux.0').lockstep(1, 2, 512);
  unreachable(story.tftp.data(3, 512), { by: CLIENT, to: SERVER });
  const { failed, named } = judge(story);
  expect(failed).toEqual([]);
  expect(named('icmp.unreachable')).toMatchObject([{ why: expect.stringContaining('sent to the client') as string }]);
});

it('an error about another exchange, or about nobody’s, changes nothing', () => {
  const story = bound();
  const before = story.frames.length;
  unreachable(story.tftp.request('pxelinux.0'), { about: story.frames[before - 1] });
  story.tftp.lockstep(1, 1, 100);
  expect(judge(story).failed).toEqual([]);
});

it('a boot server whose host has nothing on port 4011, from the first question to the first error', () => {
  const story = boot().also(({ dhcp }) => {
    unreachable(dhcp.discover().bootServerOffer().offer().choose().grant().askBootServer());
    unreachable(dhcp.wait(1_000_000).askBootServer());
  });
  expect(judge(story).failed).toMatchObject([{ step: 'proxydhcp.ack', cause: 'port-unreachable', frames: [6, 7] }]);
});

it('a connection that a firewall refuses', () => {
  const story = bound();
  unreachable(story.link.tcp(at(CLIENT, 49_164), at(SERVER, 445), 'S', 1, 0), { code: 10 });
  expect(failures(story, OVER_MS)).toEqual([['tcp.connect', 'admin-prohibited']]);
});

it('over IPv6 as over IPv4', () => {
  const [client, server]: [End, End] = [
    { ...at(CLIENT, 2070), ip: 'fd77::64' },
    { ...at(SERVER, 69), ip: 'fd77::1' },
  ];
  const [v4] = new TftpScene(new Tape()).request('pxelinux.0').frames;
  const scene = new TftpScene().udp6(client, server, v4?.bytes.subarray(42) ?? new Uint8Array(0));
  const { failed } = judge(unreachable6(scene, server, client));
  expect(failed).toMatchObject([{ step: 'tftp.read-request', cause: 'port-unreachable' }]);
  expect(failed[0]?.actual).toBe('ICMPv6 port unreachable from fd77::1 for port 69');
});
