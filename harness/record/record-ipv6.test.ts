import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CLIENT, SERVER } from '../observe/testing/scene.ts';
import { programHead } from '../protocols/base/wire/testing/program-heads.ts';
import { Dhcpv6Scene, PXE6, type Dhcpv6Words } from '../protocols/dhcpv6/testing/scene.ts';
import { makeOption } from '../protocols/dhcpv6/wire/options.ts';
import { NdpScene } from '../protocols/ndp/testing/scene.ts';
import { boot, type BootStory } from '../verdict/testing/boot-story.ts';
import { recorded as recordedFile, recordedFrom } from './testing/record-frames.ts';

const EFI_V6 = fileURLToPath(new URL('../observe/testdata/efi-v6.pcap', import.meta.url));
const URL_OF_ROUND = 'tftp://[fd77::172:22:52:207]/snponly.efi';

const asks = (tell: (dhcpv6: Dhcpv6Scene) => unknown, story = boot()): BootStory =>
  story.also(({ tape }) => tell(new Dhcpv6Scene(tape)));
const round = (words: Dhcpv6Words = { bootfile: URL_OF_ROUND }): BootStory => asks((dhcpv6) => dhcpv6.round(words));
const servicesOf = (story: BootStory) => recordedFrom(story, ({ scenario }) => scenario.services);

describe('a boot over IPv6', () => {
  it('of EDK2 against dnsmasq and radvd is a scenario with their services', async () => {
    const { scenario, text } = await recordedFile(EFI_V6, (made) => made);
    const host = '172.22.52.254';
    expect(scenario).toMatchObject({
      network: { ipv6: 'fd77::/64' },
      services: {
        'router-advertisements': { at: host, managed: true, other: true, autonomous: false, lifetime: '30m' },
        dhcpv6: {
          at: host,
          range: 'fd77::100-fd77::1ff',
          lease: '10m',
          bootfile: 'tftp://[fd77::172:22:52:254]/snponly.efi',
        },
        tftp: { at: host, misbehave: { 'oack-omit': ['windowsize'] } },
      },
      // It asks over IPv4 first, and for more than a minute.
      clients: [{ firmware: 'uefi', nic: 'e1000' }],
      budgets: { dhcp: '3m' },
    });
    expect(Object.keys(scenario.services)).not.toContain('dhcp');
    expect(scenario.clients[0]).not.toHaveProperty('transport');
    expect(scenario.steps?.slice(0, 6)).toEqual([
      { 'dhcp.discover': { arch: 7 } },
      { 'dhcpv6.solicit': { arch: 7 } },
      { 'dhcpv6.advertise': { bootfile: 'tftp://[fd77::172:22:52:254]/snponly.efi' } },
      'dhcpv6.request',
      { 'dhcpv6.reply': { bootfile: 'tftp://[fd77::172:22:52:254]/snponly.efi' } },
      { 'tftp.read-request': { path: 'snponly.efi', server: 'fd77::172:22:52:254' } },
    ]);
    expect(text).toContain(
      "at: 172.22.52.254 # frame 41: fd77::1 there; a lab's hosts have IPv6 addresses with their IPv4 addresses, here fd77::172:22:52:254\n",
    );
  });

  it('keeps the hosts of a lab where they are', async () => {
    const { scenario } = await recordedFrom(round(), (made) => made);
    expect(scenario.network).toEqual({ ipv6: 'fd77::/64' });
    expect(scenario.services.dhcpv6).toMatchObject({ bootfile: URL_OF_ROUND });
    expect(scenario.services.tftp?.at).toBe('172.22.52.207');
  });

  it.each([
    ['pxe-ipv6', 7, 'PXEClient:Arch:00007:UNDI:003001', URL_OF_ROUND],
    ['http-ipv6', 16, 'HTTPClient:Arch:00016:UNDI:003001', 'http://[fd77::172:22:52:207]/snponly.efi'],
  ])('that begins with it is one of a client with transport %s', async (transport, arch, vendorClass, bootfile) => {
    const story = asks((dhcpv6) => dhcpv6.solicit({ arch, vendorClass }).advertise({ bootfile }));
    const { scenario } = await recordedFrom(story, (made) => made);
    expect(scenario.clients[0]).toMatchObject({ firmware: 'uefi', transport });
  });

  it('leaves out what the network stack asks for itself', async () => {
    const story = asks((dhcpv6) => {
      dhcpv6
        .solicit({})
        .advertise({ address: 'fd77::121' })
        .request({ arch: undefined as never });
      dhcpv6.wait(1000).round({ bootfile: URL_OF_ROUND });
    });
    const { scenario } = await recordedFrom(story, (made) => made);
    expect(scenario.steps?.[0]).toEqual({ 'dhcpv6.solicit': { arch: 7 } });
  });

  it('has what the server said besides', async () => {
    const more = [makeOption('dnsServers', ['fd77::53']), makeOption('bootFileParameters', ['quiet', 'ro'])];
    const { dhcpv6 } = await servicesOf(round({ bootfile: URL_OF_ROUND, preference: 255, more }));
    expect(dhcpv6).toMatchObject({ preference: 255, dns: ['fd77::53'], parameters: ['quiet', 'ro'], lease: '10m' });
  });

  it('tells rounds apart by the user class', async () => {
    const script = 'http://[fd77::172:22:52:207]/boot.ipxe';
    const story = asks((dhcpv6) => {
      dhcpv6.round({ bootfile: URL_OF_ROUND });
      dhcpv6
        .wait(1000)
        .solicit({ ...PXE6, userClass: 'iPXE' })
        .advertise({ bootfile: script });
    });
    const services = await servicesOf(story);
    expect(services.dhcpv6).toMatchObject({ bootfile: URL_OF_ROUND, 'user-classes': { iPXE: script } });
    expect(services.http?.at).toBe('172.22.52.207');
  });

  it('has a router, and a DHCPv6 server that is silent, where nobody answered', async () => {
    const story = asks((dhcpv6) => dhcpv6.solicit()).also(({ tape }) =>
      new NdpScene(tape)
        .routerSolicit({ mac: CLIENT.mac, ip: 'fe80::1' })
        .routerAdvertise({ mac: SERVER.mac, ip: 'fe80::2' }),
    );
    asks((dhcpv6) => [1, 2, 4, 8, 16, 32].forEach((s) => dhcpv6.wait(s * 1_000_000).solicit()), story);
    const { scenario } = await recordedFrom(story, (made) => made);
    expect(scenario.services).toEqual({
      'router-advertisements': { managed: true, other: true, autonomous: false, lifetime: '30m' },
      dhcpv6: { misbehave: { silent: true } },
    });
    expect(scenario['expect-failure']).toEqual({ step: 'dhcpv6.advertise', cause: 'dhcpv6-silent' });
  });
});

/** DHCPv6 servers that do something wrong, and what; beside them the cause that the scenario expects. */
const FAILURES: readonly (readonly [what: string, story: () => BootStory, misbehave: object, cause: string])[] = [
  [
    'has no address',
    () => asks((dhcpv6) => dhcpv6.solicit().advertise({ status: 'NoAddrsAvail', address: undefined as never })),
    { 'no-address': true },
    'dhcpv6-no-address',
  ],
  [
    'does not give what it offered',
    () =>
      asks((dhcpv6) => {
        dhcpv6.solicit().advertise({ bootfile: URL_OF_ROUND });
        dhcpv6.request();
        const again = { ...PXE6, address: 'fd77::100', server: SERVER.mac };
        [1, 2, 4, 8, 16, 32].forEach((s) => dhcpv6.wait(s * 1_000_000).ask('REQUEST', again));
      }),
    { silent: { after: 1 } },
    'dhcpv6-reply-missing',
  ],
  [
    'names the file without scheme and brackets',
    () => round({ bootfile: 'fd77::172:22:52:207/snponly.efi' }),
    { 'unusable-url': true },
    'boot-file-url-unusable',
  ],
  [
    'answers in the name of another',
    () => asks((dhcpv6) => dhcpv6.solicit().advertise({ client: '02:00:00:00:00:09', bootfile: URL_OF_ROUND })),
    { 'wrong-client-id': true },
    'dhcpv6-wrong-client',
  ],
  [
    'does not say who it is',
    () => asks((dhcpv6) => dhcpv6.solicit().advertise({ server: null, bootfile: URL_OF_ROUND })),
    { 'omit-options': [2] },
    'dhcpv6-no-server-identifier',
  ],
];

describe('a DHCPv6 server that does something wrong does it in the scenario', () => {
  it.each(FAILURES)('%s', async (_, story, misbehave, cause) => {
    const { scenario } = await recordedFrom(story(), (made) => made);
    expect(scenario.services.dhcpv6?.misbehave).toEqual(misbehave);
    expect(scenario['expect-failure']).toMatchObject({ cause });
  });

  it('names no boot file', async () => {
    const { dhcpv6 } = await servicesOf(round({}));
    expect(dhcpv6?.misbehave).toEqual({ 'omit-options': [59] });
  });
});

describe('a boot program that came whole and did not start', () => {
  const loaded = (head: Parameters<typeof programHead>[0]): BootStory =>
    asks(
      (dhcpv6) => dhcpv6.solicit(),
      boot()
        .also(({ dhcp }) => {
          const told = { siaddr: SERVER.ip, bootfile: 'a.efi' };
          dhcp.discover({ arch: 7 }).offer(told).choose({ arch: 7 }).grant(told);
        })
        .also(({ tftp }) => tftp.transfer('a.efi', 581_632, { begins: programHead(head) }))
        .wait(200),
    );

  it('is one under Secure Boot, where nobody signed it', async () => {
    const { scenario } = await recordedFrom(loaded('grubx64-unsigned.efi'), (made) => made);
    expect(scenario.clients[0]).toMatchObject({ firmware: 'uefi-secure-boot' });
  });

  it('may have any reason, where it is signed, and that is said', async () => {
    const { scenario, recording } = await recordedFrom(loaded('shimx64.efi'), (made) => made);
    expect(scenario.clients[0]).toMatchObject({ firmware: 'uefi' });
    expect(recording.open).toContainEqual(expect.stringMatching(/^clients: the boot program came whole and did not/));
  });
});
