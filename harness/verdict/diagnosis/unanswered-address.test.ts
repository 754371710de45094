import { describe, expect, it } from 'vitest';
import { CLIENT, type Host, SERVER } from '../../observe/testing/scene.ts';
import { Dhcpv6Scene } from '../../protocols/dhcpv6/testing/scene.ts';
import { NdpScene } from '../../protocols/ndp/testing/scene.ts';
import { boot, type BootStory } from '../testing/boot-story.ts';
import { judge } from '../testing/judge-story.ts';

const DEAD = '172.22.52.99';
const GATEWAY = '172.22.52.254';
const FAR = '10.9.9.9';
/** The client is told a server, and asks for an address as iPXE does: five times in two seconds. */
const asked = (server: string, address: string) =>
  boot()
    .dhcpRound({ siaddr: server, bootfile: 'undionly.kpxe' })
    .also(({ link }) => {
      for (let time = 0; time < 5; time++) link.wait(400_000).arp(1, CLIENT, { ip: address });
    });
const OVER_MS = 70_000;

describe('a client that never asks its boot server, because nobody has the address', () => {
  it('names the address, and what was to be loaded from there', () => {
    const { failed } = judge(asked(DEAD, DEAD), undefined, { idleMs: OVER_MS });
    expect(failed).toMatchObject([
      {
        step: 'tftp.read-request',
        cause: 'arp-silent',
        detail: { server: DEAD },
        expected: expect.stringContaining('“undionly.kpxe”') as string,
        actual: `nobody has ${DEAD}: ARP got no answer, so the client could not ask`,
      },
    ]);
    // The frames of the question are its proof.
    expect(failed[0]?.frames).toContain(asked(DEAD, DEAD).frames.length - 4);
  });

  it('names the router that was to lead there', () => {
    const { failed } = judge(asked(FAR, GATEWAY), undefined, { idleMs: OVER_MS });
    expect(failed[0]?.actual).toContain(`nobody has ${GATEWAY}, which the client takes for the way to ${FAR}`);
  });

  it('does not name an address that answered after all', () => {
    const host: Host = { mac: SERVER.mac, ip: DEAD };
    const late = asked(DEAD, DEAD)
      .wait(15_000)
      .also(({ link }) => link.arp(1, CLIENT, host).arp(2, host, CLIENT));
    expect(judge(late, undefined, { idleMs: OVER_MS }).failed).toMatchObject([{ cause: 'boot-file-never-asked-for' }]);
  });
});

describe('a UEFI firmware that gives up a boot file and tries its next boot entry', () => {
  const PROGRAM = 'boot\\x64\\wdsmgfw.efi';
  /** It is told a server, looks for it in vain as EDK2 does, and asks for an address over IPv6. */
  const givesUp = (): BootStory => {
    const told = { siaddr: DEAD, bootfile: PROGRAM };
    return boot()
      .also(({ dhcp }) => dhcp.discover({ arch: 7 }).offer(told).choose({ arch: 7 }).grant(told))
      .also(({ link }) => {
        for (let time = 0; time < 3; time++) link.wait(500_000).arp(1, CLIENT, { ip: DEAD });
      })
      .wait(12_000)
      .also(({ tape }) => new Dhcpv6Scene(tape).solicit());
  };

  it('fails by the address that nobody has, at once, and not by the silence of DHCPv6 later', () => {
    const { failed } = judge(givesUp(), undefined, { idleMs: OVER_MS });
    expect(failed).toMatchObject([
      {
        step: 'tftp.read-request',
        cause: 'arp-silent',
        detail: { server: DEAD },
        expected: `a request for “${PROGRAM}” (dhcp.ack in frame 4)`,
      },
    ]);
  });

  it('says so without an address to blame, too', () => {
    const told = { siaddr: SERVER.ip, bootfile: PROGRAM };
    const story = boot()
      .also(({ dhcp }) => dhcp.discover({ arch: 7 }).offer(told).choose({ arch: 7 }).grant(told))
      .wait(3000)
      .also(({ tape }) => new Dhcpv6Scene(tape).solicit());
    expect(judge(story).failed).toMatchObject([
      {
        cause: 'boot-file-never-asked-for',
        actual: expect.stringMatching(
          /^the client requested no file; the firmware tried its next boot entry, PXE over IPv6 \(frame \d+\)$/,
        ) as string,
      },
    ]);
  });

  it('has not failed where the next entry loads a boot file', () => {
    const bootfile = `tftp://${SERVER.ip}/snponly.efi`;
    const story = givesUp().also(({ tape }) =>
      new Dhcpv6Scene(tape).advertise({ bootfile }).request().reply({ bootfile }),
    );
    const loaded = story.wait(1000).loads(['snponly.efi', 20_000]);
    const { failed, named } = judge(loaded, undefined, { idleMs: OVER_MS });
    expect(failed).toEqual([]);
    expect(named('tftp.read-request').map(({ verdict }) => verdict)).toContain('recorded');
  });
});

it('over IPv6 the address that nobody has is named as well', () => {
  const dead = 'fd77::99';
  const bootfile = `tftp://[${dead}]/snponly.efi`;
  const story = boot().also(({ tape }) => {
    new Dhcpv6Scene(tape).round({ bootfile });
    const ndp = new NdpScene(tape);
    for (let time = 0; time < 3; time++) ndp.wait(1_000_000).solicit({ mac: CLIENT.mac, ip: 'fd77::100' }, dead);
  });
  expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([
    {
      step: 'tftp.read-request',
      cause: 'neighbour-silent',
      detail: { server: dead },
      actual: `nobody has ${dead}: neighbour discovery got no answer, so the client could not ask`,
    },
  ]);
});

it('the host of a URL is the server, whatever other server is named beside it', () => {
  const told = { siaddr: SERVER.ip, bootfile: `http://${DEAD}/snponly.efi` };
  const story = boot()
    .dhcpRound(told)
    .also(({ link }) => link.wait(400_000).arp(1, CLIENT, { ip: DEAD }));
  expect(judge(story, undefined, { idleMs: OVER_MS }).failed).toMatchObject([
    {
      step: 'http.get',
      cause: 'arp-silent',
      detail: { server: DEAD },
      actual: expect.stringMatching(/^nobody has 172\.22\.52\.99: /) as string,
    },
  ]);
});
