import { describe, expect, it } from 'vitest';
import type { ClientResult } from '../../../reports/result.ts';
import { at, CLIENT, SERVER, type Host, type Tape } from '../../observe/testing/scene.ts';
import { type DhcpWords, PXE_CLASS } from '../../protocols/dhcp/testing/scene.ts';
import { createJudge } from '../judge.ts';
import { boot, BootStory, START_US } from '../testing/boot-story.ts';
import { judge, planOf } from '../testing/judge-story.ts';

const UUID = '11223344-5566-7788-99aa-bbccddeeff00';

function clientsOf({ frames }: BootStory): ClientResult[] {
  const judging = createJudge({ linkType: 1, clients: [] });
  judging.frames(frames);
  return judging.finish();
}

describe('a result says who its client is', () => {
  it('by its addresses, its firmware and the beginning, with a scenario and without', () => {
    const known = {
      mac: CLIENT.mac,
      ip: CLIENT.ip,
      ips: [CLIENT.ip],
      vendorClass: PXE_CLASS,
      architecture: '0 (x86 BIOS)',
      startedAt: new Date(START_US / 1000 + 3000).toISOString(),
    };
    for (const { client } of [judge(boot().booted()), judge(boot().booted(), planOf({}))]) {
      expect(client).toMatchObject(known);
      expect(client).not.toHaveProperty('relay');
      expect(client).not.toHaveProperty('vlan');
    }
  });

  it('by the class of its firmware, whatever the system says before and after', () => {
    const guestFirst = boot().guestDhcp().dhcpBoot();
    expect(judge(guestFirst).client.vendorClass).toBe(PXE_CLASS);
    expect(judge(boot().guestDhcp()).client.vendorClass).toBe('udhcp 1.37.0');
  });

  it('by every address that it had, one after the other', () => {
    const story = boot()
      .dhcpRound()
      .also(({ dhcp }) => dhcp.ask('discover', { xid: 9 }).offer({ xid: 9 }).ask('request', { xid: 9 }))
      .also(({ dhcp }) => dhcp.grant({ xid: 9, yiaddr: '172.22.52.99' }));
    expect(judge(story).client).toMatchObject({ ips: [CLIENT.ip, '172.22.52.99'] });
  });

  it('by the relay that its messages pass', () => {
    expect(judge(boot().also(({ dhcp }) => dhcp.discover({ giaddr: '10.9.8.7' }))).client.relay).toBe('10.9.8.7');
  });

  it('and gives no class of a server as its own', () => {
    const story = boot().also(({ dhcp }) =>
      dhcp.discover({}).bootServerOffer({ vendorClass: 'PXEClient:of:a:server' }),
    );
    expect(judge(story).client.vendorClass).toBe(PXE_CLASS);
  });

  it('by its IP address alone where the capture has no other', () => {
    const { frames } = boot().also(({ tftp }) => tftp.transfer('f', 700));
    const judging = createJudge({ linkType: 101, clients: [] });
    judging.frames(frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(14) })));
    expect(judging.finish()).toMatchObject([{ name: 'client-1', mac: '', ip: CLIENT.ip, ips: [CLIENT.ip] }]);
  });
});

describe('clients that call themselves the same', () => {
  const SECOND: Host = { mac: '52:54:00:00:00:02', ip: '172.22.52.223' };
  const asks = (tape: Tape | undefined, host: Host, words: DhcpWords): BootStory =>
    new BootStory(tape, host).also(({ dhcp }) => dhcp.discover(words));
  const findings = (first: DhcpWords, second: DhcpWords): unknown[] =>
    clientsOf(asks(asks(undefined, CLIENT, first).tape, SECOND, second)).map((client) => client.findings);

  it('are told of each other, and stay two', () => {
    expect(findings({ uuid: UUID }, { uuid: UUID })).toEqual([
      [
        expect.stringMatching(
          `^UUID ${UUID} \\(option 97\\) is also that of client-2 \\(${SECOND.mac}\\): one computer`,
        ),
      ],
      [
        expect.stringMatching(
          `^UUID ${UUID} \\(option 97\\) is also that of client-1 \\(${CLIENT.mac}\\): one computer`,
        ),
      ],
    ]);
    expect(findings({ identifier: [255, 7, 7] }, { identifier: [255, 7, 7] })[1]).toEqual([
      expect.stringContaining('client identifier ff0707 (option 61) is also that of client-1'),
    ]);
  });

  it('are none when they differ, or when a board has no UUID of its own', () => {
    expect(findings({ uuid: UUID }, { uuid: UUID.replace('1', '2') })).toEqual([undefined, undefined]);
    const none = '00000000-0000-0000-0000-000000000000';
    expect(findings({ uuid: none }, { uuid: none })).toEqual([undefined, undefined]);
    const hardware = [1, 0, 0x11, 0x11, 0x80, 0xd2, 0x92];
    expect(findings({ identifier: hardware }, { identifier: hardware })).toEqual([undefined, undefined]);
  });
});

it('a host that only answers is no client', () => {
  const story = boot().also(({ link }) => link.udp(at(SERVER, 69), at(CLIENT, 2070), Uint8Array.of(0, 5, 0, 1, 0)));
  expect(clientsOf(story)).toEqual([]);
});
