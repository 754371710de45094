import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionBytes, optionIp, optionText, messageType } from '../../../harness/protocols/dhcp/wire/options.ts';
import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { decide, type DhcpDecision } from './decision.ts';
import { LeaseTable } from './leases.ts';
import type { DhcpRequest } from './request.ts';
import { config, ip, MAC, message, OTHER_MAC, pxeOptions, request } from '../testing/messages.ts';
import { readRequest } from './request.ts';

const SERVER = '172.22.52.1';
const view = (draft: DhcpDraft | undefined) => ({
  options: (draft?.options ?? []).map((option) => ({ ...option, offset: 0 })),
});

/** Option 77 as RFC 3004 section 4 has it. */
const classList = (...classes: string[]): DhcpDraft['options'][number] => ({
  code: 77,
  data: Buffer.concat(classes.flatMap((one) => [Buffer.of(one.length), Buffer.from(one)])),
});

/** A server in miniature: decides and applies. */
function server(settings = config()) {
  const leases = new LeaseTable();
  return {
    leases,
    ask: (message: DhcpRequest, nowMs = 0): DhcpDecision => {
      const decision = decide(message, settings, leases, nowMs);
      leases.applyChanges(decision.changes);
      return decision;
    },
  };
}
const bind = (ask: (message: DhcpRequest, nowMs?: number) => DhcpDecision, mac: string, nowMs = 0): string => {
  const offered = ask(request(1, [], { chaddr: mac }), nowMs).reply?.yiaddr ?? 'none';
  return ask(request(3, [ip(54, SERVER), ip(50, offered)], { chaddr: mac }), nowMs).reply?.yiaddr ?? 'none';
};

describe('DISCOVER (RFC 2131 section 4.3.1)', () => {
  it('offers the lowest free address, and the same one when asked again', () => {
    const { ask } = server();
    const first = ask(request(1));
    expect(messageType(view(first.reply))).toBe(2);
    expect(first.reply?.yiaddr).toBe('172.22.52.100');
    expect(ask(request(1)).reply?.yiaddr).toBe('172.22.52.100');
    expect(ask(request(1, [], { chaddr: OTHER_MAC })).reply?.yiaddr).toBe('172.22.52.101');
  });

  it('offers the requested address when it is free, else another', () => {
    const { ask } = server();
    expect(ask(request(1, [ip(50, '172.22.52.103')])).reply?.yiaddr).toBe('172.22.52.103');
    expect(ask(request(1, [ip(50, '172.22.52.103')], { chaddr: OTHER_MAC })).reply?.yiaddr).toBe('172.22.52.100');
  });

  it('gives a client its expired address back, and to others only when no unused one is left', () => {
    const { ask } = server(config({ leaseSeconds: 10 }));
    expect(bind(ask, MAC)).toBe('172.22.52.100');
    expect(ask(request(1, [], { chaddr: OTHER_MAC }), 20_000).reply?.yiaddr).toBe('172.22.52.101');
    expect(ask(request(1), 20_000).reply?.yiaddr).toBe('172.22.52.100');
  });

  it('reports exhaustion and stays silent', () => {
    const { ask } = server();
    for (let i = 0; i < 4; i++) bind(ask, `00:0c:29:00:00:0${i}`);
    const decision = ask(request(1));
    expect(decision.reply).toBeUndefined();
    expect(decision.event).toMatchObject({ event: 'exhausted', mac: MAC });
  });

  it('keeps a reservation for its client alone, whatever identifier it comes with', () => {
    const { ask } = server(
      config({
        reservations: [{ mac: MAC, ip: '172.22.52.100', hostname: 'pc', bootfile: 'own.0' }],
        bootfile: 'all.0',
      }),
    );
    expect(ask(request(1, [], { chaddr: OTHER_MAC })).reply?.yiaddr).toBe('172.22.52.101');
    const decision = ask(request(1, [{ code: 61, data: Uint8Array.of(255, 1, 2, 3) }]));
    expect(decision.reply).toMatchObject({ yiaddr: '172.22.52.100', file: 'own.0' });
    expect(optionText(view(decision.reply), 12)).toBe('pc');
  });

  it('takes option 61 as the key (section 4.2): iPXE and a kernel without it share a lease, another identifier does not', () => {
    const { ask } = server();
    const first = ask(request(1, [{ code: 61, data: Uint8Array.of(1, 0x00, 0x0c, 0x29, 0x22, 0x52, 0xde) }]));
    expect(ask(request(1)).reply?.yiaddr).toBe(first.reply?.yiaddr);
    expect(ask(request(1, [{ code: 61, data: Uint8Array.of(255, 9, 9) }])).reply?.yiaddr).not.toBe(first.reply?.yiaddr);
  });
});

describe('REQUEST (RFC 2131 section 4.3.2)', () => {
  it('acknowledges what it offered, with lease, T1 and T2 (section 4.4.5)', () => {
    const { ask } = server(config({ leaseSeconds: 800 }));
    ask(request(1));
    const { reply, event } = ask(request(3, [ip(54, SERVER), ip(50, '172.22.52.100')]));
    expect(event).toMatchObject({ event: 'ack', ip: '172.22.52.100' });
    const seconds = (code: number) => Buffer.from(optionBytes(view(reply), code) ?? []).readUInt32BE();
    expect([51, 58, 59].map(seconds)).toEqual([800, 400, 700]);
    expect(optionIp(view(reply), 54)).toBe(SERVER);
  });

  it('drops its offer when the client chose another server', () => {
    const { ask, leases } = server();
    ask(request(1));
    expect(ask(request(3, [ip(54, '172.22.52.9'), ip(50, '172.22.52.9')])).reply).toBeUndefined();
    expect(leases.byIp.size).toBe(0);
  });

  it.each([
    ['an address of another subnet (init-reboot)', [ip(50, '10.0.0.5')]],
    ['an address that someone else holds', [ip(54, SERVER), ip(50, '172.22.52.100')]],
    ['an address outside the range', [ip(54, SERVER), ip(50, '172.22.52.200')]],
  ])('refuses %s, by broadcast', (_, options) => {
    const { ask } = server();
    bind(ask, OTHER_MAC);
    const { reply, to } = ask(request(3, options));
    expect(messageType(view(reply))).toBe(6);
    expect(reply?.yiaddr ?? '0.0.0.0').toBe('0.0.0.0');
    expect(to).toEqual({ ip: '255.255.255.255', port: 68 });
  });

  it('is silent to a client it knows nothing of (init-reboot), unless authoritative', () => {
    expect(server().ask(request(3, [ip(50, '172.22.52.100')])).reply).toBeUndefined();
    const told = server(config({ authoritative: true }));
    expect(messageType(view(told.ask(request(3, [ip(50, '172.22.52.222')])).reply))).toBe(6);
  });

  it('renews to the address that the client has, by unicast', () => {
    const { ask, leases } = server(config({ leaseSeconds: 100 }));
    bind(ask, MAC);
    const { reply, to } = ask(request(3, [], { ciaddr: '172.22.52.100' }, { ip: '172.22.52.100', port: 68 }), 50_000);
    expect(reply).toMatchObject({ yiaddr: '172.22.52.100', ciaddr: '172.22.52.100' });
    expect(to).toEqual({ ip: '172.22.52.100', port: 68 });
    expect(leases.byIp.get('172.22.52.100')?.expiresAtMs).toBe(150_000);
  });

  it('refuses every REQUEST when told to', () => {
    const { ask } = server(config({ misbehave: { nak: true } }));
    expect(ask(request(1)).misbehaved).toBeUndefined();
    const { reply, misbehaved } = ask(request(3, [ip(54, SERVER), ip(50, '172.22.52.100')]));
    expect([messageType(view(reply)), misbehaved]).toEqual([6, 'nak']);
  });
});

describe('DECLINE, RELEASE, INFORM, BOOTP, relays', () => {
  it('takes a declined address out of use (section 4.3.3)', () => {
    const { ask } = server();
    bind(ask, MAC);
    expect(ask(request(4, [ip(54, SERVER), ip(50, '172.22.52.100')])).event.event).toBe('declined');
    expect(ask(request(1)).reply?.yiaddr).toBe('172.22.52.101');
  });

  it('lets nobody decline or release what another holds', () => {
    const { ask, leases } = server();
    bind(ask, MAC);
    ask(request(4, [ip(54, SERVER), ip(50, '172.22.52.100')], { chaddr: OTHER_MAC }));
    ask(request(7, [ip(54, SERVER)], { chaddr: OTHER_MAC, ciaddr: '172.22.52.100' }));
    expect(leases.byIp.get('172.22.52.100')).toMatchObject({ state: 'bound', mac: MAC, expiresAtMs: 3_600_000 });
  });

  it('frees a released address for others (section 4.3.4)', () => {
    const { ask } = server(config({ range: { from: '172.22.52.100', to: '172.22.52.100' } }));
    bind(ask, MAC);
    ask(request(7, [ip(54, SERVER)], { ciaddr: '172.22.52.100' }), 1000);
    expect(ask(request(1, [], { chaddr: OTHER_MAC }), 2000).reply?.yiaddr).toBe('172.22.52.100');
  });

  it('answers INFORM without address and lease (section 4.3.5)', () => {
    const { reply, to } = server().ask(request(8, [], { ciaddr: '172.22.52.50' }));
    expect(reply?.yiaddr).toBe('0.0.0.0');
    expect(optionBytes(view(reply), 51)).toBeUndefined();
    expect(to).toEqual({ ip: '172.22.52.50', port: 68 });
  });

  it('answers BOOTP without DHCP options (RFC 1534 section 2)', () => {
    const { reply } = server(config({ bootfile: 'boot.0' })).ask(request(undefined));
    expect(reply).toMatchObject({ yiaddr: '172.22.52.100', file: 'boot.0', siaddr: SERVER });
    expect(optionBytes(view(reply), 53)).toBeUndefined();
  });

  it('answers through a relay on the server port, option 82 last (RFC 3046 section 2.2)', () => {
    const { reply, to } = server().ask(
      request(1, [{ code: 82, data: Uint8Array.of(1, 1, 7) }], { giaddr: '172.22.52.254' }),
    );
    expect(to).toEqual({ ip: '172.22.52.254', port: 67 });
    expect(reply?.options.at(-1)).toMatchObject({ code: 82, data: Uint8Array.of(1, 1, 7) });
  });

  it('has no addresses for the subnet of another relay', () => {
    expect(server().ask(request(1, [], { giaddr: '10.0.0.1' })).reply).toBeUndefined();
  });
});

describe('options', () => {
  const booting = config({
    router: SERVER,
    domain: 'lab',
    nextServer: '172.22.52.207',
    bootfile: 'pxelinux.0',
    bootfiles: { '7': 'x64.efi', '16': 'http://172.22.52.207/x64.efi' },
    vendorClass: 'PXEClient',
    ipxeNoProxy: true,
  });

  it('sends what option 55 names, and what PXE needs in any case (RFC 2132 section 9.8, harness/docs/protocols.md 1.2)', () => {
    const { reply } = server(booting).ask(request(1, [...pxeOptions(), { code: 55, data: Uint8Array.of(1, 3) }]));
    expect(reply?.options.map((option) => option.code)).toEqual([53, 54, 51, 1, 3, 60, 66, 67, 97]);
    expect(optionBytes(view(reply), 97)).toEqual(Uint8Array.from({ length: 17 }, (_, i) => i));
  });

  it('tells iPXE not to wait for a proxy when it asks for option 175', () => {
    const { reply } = server(booting).ask(request(1, [...pxeOptions(), { code: 55, data: Uint8Array.of(175) }]));
    expect(optionBytes(view(reply), 175)).toEqual(Uint8Array.of(0xb0, 1, 1));
  });

  it.each([
    [0, 'pxelinux.0'],
    [7, 'x64.efi'],
    [9, 'x64.efi'],
  ])('gives architecture %i its boot file (RFC 4578 section 2.1, erratum 4624)', (architecture, file) => {
    const { reply } = server(booting).ask(request(1, pxeOptions(architecture)));
    expect(reply).toMatchObject({ file, siaddr: '172.22.52.207' });
  });

  const bareClass = { code: 77, data: Buffer.from('iPXE') };
  it.each<[string, DhcpDraft['options'], string]>([
    ['a ROM of that architecture', pxeOptions(7), 'x64.efi'],
    ['iPXE, by bare text', [...pxeOptions(7), bareClass], 'boot.ipxe'],
    ['iPXE, by RFC 3004, after another class', [...pxeOptions(), classList('other', 'iPXE')], 'boot.ipxe'],
    ['a class with boot files by architecture', [...pxeOptions(9), classList('lab')], 'lab.efi'],
    ['the same class on an architecture without one', [...pxeOptions(), classList('lab')], 'pxelinux.0'],
    ['a class that no boot file is for', [...pxeOptions(), classList('constructor')], 'pxelinux.0'],
  ])('gives %s its boot file: user class before architecture', (_, options, file) => {
    const settings = { ...booting, userClasses: { iPXE: 'boot.ipxe', lab: { '7': 'lab.efi' } } };
    expect(server(settings).ask(request(1, options)).reply?.file).toBe(file);
    const reserved = { ...settings, reservations: [{ mac: MAC, ip: '172.22.52.100', bootfile: 'own.0' }] };
    const own = server(reserved).ask(request(1, options)).reply?.file;
    expect(own).toBe(['boot.ipxe', 'lab.efi'].includes(file) ? file : 'own.0');
  });

  it('gives UEFI HTTP clients a URL with their own class, and never a PXE boot file (harness/docs/protocols.md 7)', () => {
    const http = (architecture: number) =>
      request(1, [
        ip(50, '0.0.0.0'),
        { code: 60, data: Buffer.from(`HTTPClient:Arch:000${architecture}:UNDI:003000`) },
        { code: 93, data: Uint8Array.of(0, architecture) },
      ]);
    const { reply } = server(booting).ask(http(16));
    expect(optionText(view(reply), 60)).toBe('HTTPClient');
    expect(optionText(view(reply), 67)).toBe('http://172.22.52.207/x64.efi');
    const other = server(booting).ask(http(19)).reply;
    expect(other?.file).toBe('');
    expect(optionBytes(view(other), 60)).toBeUndefined();
  });

  it('replaces a computed option with the one that the scenario wrote', () => {
    const { reply } = server(
      config({
        options: [
          { code: 54, ip: '192.0.2.9' },
          { code: 43, hex: '01 04 00 00 00 00 ff' },
        ],
      }),
    ).ask(request(1));
    expect(optionIp(view(reply), 54)).toBe('192.0.2.9');
    expect(optionBytes(view(reply), 43)).toEqual(Uint8Array.of(1, 4, 0, 0, 0, 0, 255));
  });
});

it('never leases one address to two clients, whatever they send', () => {
  const mac = fc.integer({ min: 0, max: 6 }).map((i) => `00:0c:29:00:00:0${i}`);
  const address = fc.integer({ min: 98, max: 106 }).map((last) => `172.22.52.${last}`);
  const step = fc.record({
    type: fc.constantFrom(1, 3, 3, 4, 7),
    mac,
    address,
    selecting: fc.boolean(),
    renewing: fc.boolean(),
    passMs: fc.constantFrom(0, 1000, 70_000, 4_000_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { ask, leases } = server();
      const holds = new Map<string, { ip: string; untilMs: number }>();
      let nowMs = 0;
      for (const { type, mac: chaddr, address: asked, selecting, renewing, passMs } of steps) {
        nowMs += passMs;
        const options = [...(selecting ? [ip(54, SERVER)] : []), ...(renewing ? [] : [ip(50, asked)])];
        const { reply, event } = ask(request(type, options, { chaddr, ciaddr: renewing ? asked : '0.0.0.0' }), nowMs);
        if (event.event === 'ack' && reply?.yiaddr !== undefined)
          holds.set(chaddr, { ip: reply.yiaddr, untilMs: nowMs + 3_600_000 });
        if (event.event === 'released' || event.event === 'declined') holds.delete(chaddr);
        const live = [...holds.values()].filter((held) => held.untilMs > nowMs).map((held) => held.ip);
        expect(new Set(live).size).toBe(live.length);
        expect(leases.byIp.size).toBeLessThanOrEqual(4);
      }
    }),
  );
});

it('refuses a message whose options are cut off, and takes one that only lacks its end', () => {
  const whole = message(1, pxeOptions());
  const from = { ip: '0.0.0.0', port: 68 };
  const end = whole.indexOf(255, 240);
  expect(readRequest(whole.subarray(0, end), from)).toMatchObject({ type: 1, mac: MAC });
  expect(readRequest(whole.subarray(0, end - 3), from)).toMatch(/option 97 claims 17 bytes but only 14 remain/);
});

it('refuses a hardware address that is none of Ethernet, and takes those of other hardware', () => {
  const from = { ip: '0.0.0.0', port: 68 };
  const cut = message(1, [], { chaddr: '00:0c:29:22' });
  expect(readRequest(cut, from)).toBe('expected a hardware address of 6 bytes for Ethernet, got 4');
  const other = message(1, [], { htype: 32, chaddr: '00:0c:29:22:52:de:00:01' });
  expect(readRequest(other, from)).toMatchObject({ mac: '00:0c:29:22:52:de:00:01' });
});
