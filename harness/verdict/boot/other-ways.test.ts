import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import { Dhcpv6Scene } from '../../protocols/dhcpv6/testing/scene.ts';
import { TcpScene } from '../../protocols/tcp/testing/scene.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { expecting, judge, planOf } from '../testing/judge-story.ts';

/** DHCPv6 in the capture of a story. */
const over6 = ({ tape }: BootStory): Dhcpv6Scene => new Dhcpv6Scene(tape);
const FILE_6 = 'tftp://[fd77::1]/snponly.efi';
const HTTP_CLASS = 'HTTPClient:Arch:00016:UNDI:003001';
const URL = 'http://172.22.52.207/snponly.efi';
const OVER_MS = 70_000;

/** EDK2 tries PXE over IPv4 and gets no answer: four DISCOVERs within half a minute, then it gives up. */
const silentPxe = (): BootStory =>
  [4000, 8000, 16_000, 32_000].reduce(
    (story, waitMs) => story.also(({ dhcp }) => dhcp.discover({ arch: 7 })).wait(waitMs),
    boot(),
  );

describe('a firmware whose PXE entry is silent', () => {
  it('and that boots by HTTP has not failed', () => {
    const story = silentPxe().also(({ dhcp, http }) => {
      dhcp.xid = 7;
      const asked = { vendorClass: HTTP_CLASS, arch: 16 };
      dhcp.discover(asked).offer({ vendorClass: 'HTTPClient', bootfile: URL });
      dhcp.choose(asked).grant({ vendorClass: 'HTTPClient', bootfile: URL });
      http.connect().ask('HEAD', '/snponly.efi').respond('200 OK', ['Content-Length: 1000']);
      http.get('/snponly.efi').respond('200 OK', ['Content-Length: 1000'], 'x'.repeat(1000)).disconnect();
    });
    const { client, failed, named } = judge(story);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(named('dhcp.offer')[0]).toMatchObject({
      verdict: 'recorded',
      cause: 'dhcp-silent',
      why: expect.stringContaining('the client went on and loaded “/snponly.efi”') as string,
    });
  });

  it('and that gets an address over IPv6 has not failed by that silence', () => {
    const story = silentPxe().also((told) => over6(told).round({ bootfile: FILE_6 }));
    const { client, failed, named } = judge(story, undefined, { idleMs: OVER_MS });
    expect(named('dhcp.offer')[0]).toMatchObject({
      verdict: 'recorded',
      why: expect.stringContaining('the client also boots over IPv6') as string,
    });
    expect(named('dhcpv6.reply')[0]).toMatchObject({ verdict: 'passed', detail: { bootfile: FILE_6 } });
    expect(failed).toMatchObject([]);
    expect(client.verdict).toBe('inconclusive');
  });

  it('and that nobody answers over IPv6 either has failed', () => {
    const story = silentPxe().also((told) => over6(told).solicit().wait(1_000_000).solicit());
    expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([
      { cause: 'dhcp-silent' },
      { cause: 'dhcpv6-silent' },
    ]);
  });

  it('and whose system speaks DHCPv6 for other reasons has failed', () => {
    const story = silentPxe().also((told) => over6(told).solicit({}).advertise());
    expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([{ cause: 'dhcp-silent' }]);
  });
});

it('DHCP that answers the firmware and not the iPXE that it loads is told by the class', () => {
  const story = boot()
    .dhcpRound({ siaddr: SERVER.ip, bootfile: 'snponly.efi' })
    .also(({ tftp }) => tftp.transfer('snponly.efi', 5000))
    .also(({ dhcp }) => {
      dhcp.xid = 9;
      for (let time = 0; time < 4; time++) dhcp.wait(2 ** time * 1_000_000).discover({ userClass: 'iPXE' });
    });
  expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([
    { step: 'dhcp.offer', cause: 'dhcp-class-unanswered' },
  ]);
});

it('a client that IPv4 answers is judged by that, whatever it asks over IPv6', () => {
  const story = boot()
    .also((told) => over6(told).solicit().advertise({ bootfile: FILE_6 }))
    .also(({ dhcp }) => dhcp.discover({ arch: 7 }).offer({ bootfile: 'a.efi' }).choose());
  expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([
    { step: 'dhcp.ack', cause: 'dhcp-ack-missing' },
  ]);
});

describe('in a lab, where silence is judged before anybody knows the end', () => {
  const plan = planOf({ expectations: expecting(['dhcp.ack'], ['tftp.transfer']) });
  const solicits = (story: BootStory): BootStory => story.also((told) => over6(told).solicit());
  const asksAndIsOffered = (story: BootStory): BootStory =>
    story.wait(30_000).dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' }).arp().wait(40_000);

  it('a client that IPv4 answers after nobody did over IPv6 goes on', () => {
    const story = asksAndIsOffered(solicits(boot())).loads(['pxelinux.0', 42_000]);
    const { client, failed, named } = judge(story, plan);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(named('dhcpv6.advertise')).toMatchObject([
      {
        verdict: 'recorded',
        cause: 'dhcpv6-silent',
        why: expect.stringMatching(/^no answer to 1 SOLICIT; the client went on .* over IPv4 \(frame \d+\)$/) as string,
      },
    ]);
  });

  it('a client that asks over IPv6 once IPv4 has come to nothing, and gets no answer, has failed', () => {
    const story = solicits(boot().dhcpRound({ siaddr: SERVER.ip })).wait(70_000);
    expect(judge(story, plan, { idleMs: OVER_MS }).failed).toMatchObject([{ cause: 'dhcpv6-silent' }]);
  });
});

it('a client over IPv6 alone boots, too', () => {
  const { client } = judge(boot().also((told) => over6(told).round({ bootfile: FILE_6 })));
  expect(client).toMatchObject({ verdict: 'inconclusive', ip: 'fd77::100' });
  expect(client.booting).toBeUndefined();
});

describe('a web server that asks for credentials', () => {
  const challenged = (): BootStory =>
    boot()
      .dhcpRound({ bootfile: URL })
      .also(({ http }) =>
        http
          .connect()
          .get('/snponly.efi')
          .respond('401 Unauthorized', ['Content-Length: 0', 'WWW-Authenticate: Basic']),
      );

  it('and gets them has refused nothing', () => {
    const story = challenged().also(({ http }) =>
      http.get('/snponly.efi', 'Authorization: Basic eDp5').respond('200 OK', ['Content-Length: 5'], 'hello'),
    );
    const { client, named } = judge(story);
    expect(client.verdict).toBe('passed');
    expect(named('http.error')).toMatchObject([
      {
        verdict: 'recorded',
        cause: 'http-access-denied',
        why: expect.stringMatching(/^status 401; the client then gave credentials and had it \(frame \d+\)$/) as string,
      },
    ]);
  });

  it('and does not has', () => {
    expect(judge(challenged()).failed).toMatchObject([{ step: 'http.error', cause: 'http-access-denied' }]);
  });
});

describe('a connection to a port of no boot service', () => {
  const refusedAt = (story: BootStory, port: number): BootStory =>
    story.also(({ tape }) => new TcpScene(tape, port).refused());
  const booted = (): BootStory =>
    boot()
      .dhcpBoot()
      .wait(9000)
      .also(({ dhcp }) => {
        const guest = { xid: 0x77, vendorClass: 'udhcp 1.37.0' };
        dhcp.discover(guest).offer({ xid: 0x77 }).choose(guest).grant({ xid: 0x77 });
      });

  it('is the booted system’s own matter', () => {
    const { client, failed, named } = judge(refusedAt(booted(), 8883));
    expect([client.verdict, failed]).toEqual(['passed', []]);
    expect(named('tcp.connect')).toMatchObject([
      {
        verdict: 'recorded',
        why: 'it answers with RST; a connection of the system that was booted, to a port of no boot service',
      },
    ]);
  });

  it('fails the boot before a system runs, and a boot service does so always', () => {
    for (const story of [refusedAt(boot().dhcpBoot(), 8883), refusedAt(booted(), 445)])
      expect(judge(story).failed).toMatchObject([{ step: 'tcp.connect' }]);
  });
});
