import { describe, expect, it } from 'vitest';
import { config, plan } from '../testing/plan-of.ts';

describe('DHCP and proxyDHCP', () => {
  it('on two hosts: the proxy offers on port 67 and DHCP says nothing about booting', () => {
    const both = plan('{ dhcp: {}, pxe: { bootfile: a } }');
    expect(config(both, 'proxydhcp')).toMatchObject({ port67: true, port4011: true });
    expect(config(both, 'dhcp')).not.toHaveProperty('vendorClass');
    expect(config(both, 'dhcp')).not.toHaveProperty('nextServer');
  });
  it('on one host: the proxy leaves port 67 to DHCP, whose option 60 leads to port 4011', () => {
    const one = plan('{ dhcp: { at: 172.22.52.207 }, pxe: { bootfile: a } }');
    expect(config(one, 'proxydhcp')).toMatchObject({ port67: false, port4011: true });
    expect(config(one, 'dhcp')).toMatchObject({ vendorClass: 'PXEClient' });
  });
  it('negotiate with wdsnbp when a key asks for it, by devices and decisions of the scenario', () => {
    const one = plan(
      `
  pxe: { bootfile: a, prompt: opt-out, bcd: b, referral: 172.22.52.208, approval: { poll-interval: 2s, retries: 3, message: wait }, boot-programs: { prompted: f12.com }, option-250: { byte-order: little-endian, interval-unit: 100ms } }
  second-pxe: { bootfile: c, port-67: false }
  devices: { unknown: pending, administrator: [{ after-polls: 2, approve: pc, name: PC01 }, { after-polls: 9, reject: pc }] }`,
      'name: pc, plays: wdsnbp, mac: 52:54:00:00:00:07',
    );
    const [first, second] = one.services;
    expect(first).toHaveProperty('config.wds', {
      prompt: 'opt-out',
      bcd: 'b',
      referral: '172.22.52.208',
      byteOrder: 'little-endian',
      pollIntervalUnitMs: 100,
      approval: { pollIntervalMs: 2000, retries: 3, message: 'wait' },
      programs: { prompted: 'f12.com' },
      state: '${run}/state',
      unknown: 'pending',
      administrator: [
        { afterPolls: 2, status: 'approved', mac: '52:54:00:00:00:07', name: 'PC01' },
        { afterPolls: 9, status: 'rejected', mac: '52:54:00:00:00:07' },
      ],
    });
    expect(second?.config).toMatchObject({ address: '172.22.52.208', bootfile: 'c', port67: false });
    expect(config(plan('{ pxe: { bootfile: a } }'), 'proxydhcp')).not.toHaveProperty('wds');
  });

  it('are played clients, too, which write option 250 as the server does', () => {
    const [pc] = plan(
      '{ pxe: { bootfile: a, option-250: { byte-order: little-endian, interval-unit: 100ms } }, devices: { unknown: pending } }',
      'name: pc, plays: wdsnbp, architecture: uefi-x64, presses: esc, polls-for: 5s',
    ).clients;
    expect(pc).toMatchObject({
      plays: 'wdsnbp',
      firmware: 'uefi',
      nic: 'none',
      settings: {
        architecture: 7,
        presses: 'esc',
        pollsForMs: 5000,
        byteOrder: 'little-endian',
        pollIntervalUnitMs: 100,
      },
    });
  });

  it('let a played client go on as the deployment client of a user', () => {
    const deploying = (services: string, logon = 'user: ADMINISTRATEUR') =>
      plan(services, `name: pc, plays: wdsnbp, deploys-as: { ${logon} }`).clients[0];
    const boot = 'dhcp: {}, pxe: { bootfile: a }, tftp: {}';
    expect(deploying(`{ ${boot}, control: { at: 172.22.52.9 } }`)).toMatchObject({
      deployment: {
        server: '172.22.52.9',
        credentials: { domain: 'SYSTEM', user: 'ADMINISTRATEUR', password: 'Passw0rd.lab' },
      },
    });
    expect(deploying(`{ ${boot}, control: { endpoint-mapper: false } }`)).toMatchObject({ deployment: { port: 5040 } });
    expect(deploying(`{ ${boot} }`, 'user: administrateur, password: other')).toMatchObject({
      deployment: { credentials: { password: 'other' } },
    });
    expect(deploying(`{ ${boot} }`)).not.toHaveProperty('deployment.server');
  });

  it('alone with a boot file: DHCP names the TFTP server', () =>
    expect(config(plan('{ dhcp: { bootfile: a }, tftp: { at: 172.22.52.9 } }'), 'dhcp')).toMatchObject({
      bootfile: 'a',
      nextServer: '172.22.52.9',
      range: { from: '172.22.52.10', to: '172.22.52.254' },
    }));

  it('take every key that a scenario has', () => {
    const all = plan(
      `{ dhcp: { range: 172.22.52.20-172.22.52.30, reservations: { PC: 172.22.52.9 }, lease: 90s, bootfile: a, bootfiles: { bios: b, uefi-x64: c }, user-classes: { iPXE: d, lab: { uefi-x64: e } }, next-server: 172.22.52.3, vendor-class: PXEClient, options: { 15: lab, 3: { ip: 172.22.52.1 } },
           ipxe-no-proxy: true, authoritative: true, misbehave: { silent: { after: 2, for: [pc] }, delay: 2s, nak: true, drop-every: 3, wrong-xid: true, wrong-server-id: true, omit-options: [54] } },
         pxe: { bootfile: a, pad-to: 1024, offer-carries-bootfile: true, vendor-class: PXEClient, options: { 12: x }, menu: { prompt: F8, timeout: 10s, discovery: [no-broadcast, listed-only], entries: [{ name: disk, type: 0 }, { name: WDS, type: 7, bootfile: w }] }, misbehave: { silent: true } } }`,
      'name: pc, mac: 52:54:00:00:00:07',
    );
    expect(config(all, 'dhcp')).toMatchObject({
      range: { from: '172.22.52.20', to: '172.22.52.30' },
      reservations: [{ mac: '52:54:00:00:00:07', ip: '172.22.52.9' }],
      leaseSeconds: 90,
      bootfiles: { 0: 'b', 7: 'c' },
      userClasses: { iPXE: 'd', lab: { 7: 'e' } },
      nextServer: '172.22.52.3',
      options: [
        { code: 3, ip: '172.22.52.1' },
        { code: 15, text: 'lab' },
      ],
      ipxeNoProxy: true,
      authoritative: true,
      misbehave: {
        silent: { after: 2, for: ['52:54:00:00:00:07'] },
        delay: 2000,
        nak: true,
        'drop-every': 3,
        'wrong-xid': true,
        'wrong-server-id': true,
        'omit-options': [54],
      },
    });
    expect(config(all, 'proxydhcp')).toMatchObject({
      padTo: 1024,
      offerCarriesBootfile: true,
      bootfilesByType: { 7: 'w' },
      pxeOptions: {
        discoveryControl: 5,
        bootServers: [{ type: 7, ips: ['172.22.52.207'] }],
        menu: [
          { type: 0, description: 'disk' },
          { type: 7, description: 'WDS' },
        ],
        prompt: { timeoutS: 10, text: 'F8' },
      },
      misbehave: { silent: true },
    });
  });
});

describe('TFTP and HTTP', () => {
  it('take every key that a scenario has', () => {
    const all =
      plan(`{ tftp: { max-blksize: 1456, max-windowsize: 1, timeout: 2s, retries: 3, single-port: true, misbehave: { missing: [a], denied: [b], drop-block: [3], duplicate-block: [4], error-after-block: 5, stall-after-block: 6,
        oack-enlarges-blksize: 8, oack-omit: [tsize], wrong-tsize: -1, data-from-port-69: true, delay: 1s } }, http: { port: 8080, misbehave: { status: 503, redirect: /x, truncate-after: 9, delay: 1s } } }`);
    expect(config(all, 'tftp')).toMatchObject({
      maxBlksize: 1456,
      maxWindowsize: 1,
      timeoutMs: 2000,
      retries: 3,
      singlePort: true,
      misbehave: {
        missing: ['a'],
        denied: ['b'],
        'drop-block': [3],
        'duplicate-block': [4],
        'error-after-block': 5,
        'stall-after-block': 6,
        'oack-enlarges-blksize': 8,
        'oack-omit': ['tsize'],
        'wrong-tsize': -1,
        'data-from-port-69': true,
        delay: 1000,
      },
    });
    expect(config(all, 'http')).toMatchObject({
      port: 8080,
      misbehave: { status: 503, redirect: '/x', 'truncate-after': 9, delay: 1000 },
    });
  });
});

describe('IPv6', () => {
  it('takes every key that a scenario has', () => {
    const all = plan(
      `{ dhcpv6: { range: 'fd77::20-fd77::2f', lease: 90s, dns: ['fd77::53'], bootfile: 'boot\\a.efi', bootfiles: { uefi-arm64: b.efi, uefi-x64-http: c.efi }, user-classes: { iPXE: 'http://[fd77::9]/d', lab: { uefi-x64: e } },
           parameters: [quiet], preference: 255, rapid-commit: true, misbehave: { delay: 2s, omit-options: [59] } },
         router-advertisements: { at: 172.22.52.2, managed: false, other: false, autonomous: true, lifetime: 0s }, tftp: {}, http: { at: 172.22.52.8, port: 8080 } }`,
    );
    expect(all.network.ipv6).toBe('fd77::/64');
    expect(all.hosts.map(({ name, ipv6 }) => [name, ipv6])).toEqual([
      ['host-1', 'fd77::172:22:52:1'],
      ['host-2', 'fd77::172:22:52:2'],
      ['host-207', 'fd77::172:22:52:207'],
      ['host-8', 'fd77::172:22:52:8'],
    ]);
    expect(config(all, 'dhcpv6')).toEqual({
      interface: 'eth0',
      range: { from: 'fd77::20', to: 'fd77::2f' },
      preferredSeconds: 90,
      validSeconds: 90,
      dns: ['fd77::53'],
      bootfile: 'tftp://[fd77::172:22:52:207]/boot/a.efi',
      bootfiles: { 11: 'tftp://[fd77::172:22:52:207]/b.efi', 16: 'http://[fd77::172:22:52:8]:8080/c.efi' },
      userClasses: { iPXE: 'http://[fd77::9]/d', lab: { 7: 'tftp://[fd77::172:22:52:207]/e' } },
      parameters: ['quiet'],
      preference: 255,
      rapidCommit: true,
      misbehave: { delay: 2000, 'omit-options': [59] },
    });
    expect(config(all, 'router-advertisements')).toEqual({
      interface: 'eth0',
      state: '${run}/radvd',
      prefix: 'fd77::/64',
      managed: false,
      other: false,
      autonomous: true,
      lifetimeSeconds: 0,
    });
    expect(config(all, 'tftp')).toHaveProperty('ipv6', 'fd77::172:22:52:207');
    expect(config(all, 'http')).toHaveProperty('ipv6', 'fd77::172:22:52:8');
  });

  it('sends hosts to DHCPv6 where there is one, names the boot program of each firmware, and is not there unasked', () => {
    const both = plan('{ dhcpv6: {}, router-advertisements: {}, tftp: {}, http: {} }', 'name: pc, firmware: uefi');
    expect(config(both, 'router-advertisements')).toMatchObject({ managed: true, other: true, autonomous: false });
    expect(config(both, 'dhcpv6')).toMatchObject({
      range: { from: 'fd77::1000', to: 'fd77::1fff' },
      bootfiles: {
        7: 'tftp://[fd77::172:22:52:207]/boot/x64/wdsmgfw.efi',
        16: 'http://[fd77::172:22:52:207]/boot/x64/wdsmgfw.efi',
      },
    });
    const alone = plan('{ router-advertisements: {}, tftp: {} }');
    expect(config(alone, 'router-advertisements')).toMatchObject({ managed: false, other: false, autonomous: true });
    const none = plan('{ dhcp: {}, tftp: {} }');
    expect([none.network, none.hosts[0]]).toEqual([
      { subnet: '172.22.52.0', prefixLength: 24 },
      { name: 'host-1', ip: '172.22.52.1', mac: expect.any(String) as string },
    ]);
  });
});

describe('programs of the user’s own', () => {
  it('run on hosts, alone or beside a service, in the scenario’s folder', () => {
    const { hosts, programs } = plan(
      "{ tftp: { at: 172.22.52.9 }, programs: [{ name: a, at: 172.22.52.9, command: [./a, '--root=${folder}/b'], ready: { tcp: 80 } }, { name: c, at: 172.22.52.10, command: [c], ready: { log: up } }] }",
    );
    const folder = '/home/somebody/scenarios/wds';
    expect(hosts.map(({ name, ip }) => [name, ip])).toEqual([
      ['host-9', '172.22.52.9'],
      ['host-10', '172.22.52.10'],
    ]);
    expect(programs).toEqual([
      { name: 'a', host: 'host-9', command: ['./a', `--root=${folder}/b`], folder, ready: { tcp: 80 } },
      { name: 'c', host: 'host-10', command: ['c'], folder, ready: { log: 'up' } },
    ]);
    expect(plan('{ tftp: {} }')).not.toHaveProperty('programs');
  });
});
