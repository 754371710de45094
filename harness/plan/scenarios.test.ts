import { describe, expect, it } from 'vitest';
import { parseScenario } from '../scenario/testing/parse-scenario.ts';
import { deviceSchema } from '../../servers/state/device-store.ts';
import { overrideMatrix, type MatrixOverrides } from '../scenario/override-matrix.ts';
import { IGNORED_PATHS } from '../../vm-images/comparison/ignored-paths.ts';
import { planScenarios } from './scenarios.ts';
import type { AfterPlan, Plan } from './plan.ts';
import type { ServiceKind, ServicePlan } from './service-plan.ts';
import { takenConfig } from './testing/taken-config.ts';

function plans(
  yaml: string,
  matrix: MatrixOverrides = {},
  file = 'scenarios/wds/x.yaml',
  folder = '/home/somebody/scenarios/wds',
): readonly Plan[] {
  const all = planScenarios(overrideMatrix(parseScenario(yaml, file, folder).scenario, matrix));
  // Whatever is planned, a service takes.
  for (const service of all.flatMap(({ services }) => services))
    expect(() => takenConfig(service), service.kind).not.toThrow();
  return all;
}

function plan(services: string, client = 'name: pc', more = ''): Plan {
  const [first] = plans(`name: x\nservices: ${services}\nclients: [{ ${client} }]\n${more}`);
  if (first === undefined) throw new Error('expected a plan');
  return first;
}

const config = (plan: Plan, kind: ServiceKind): ServicePlan['config'] | undefined =>
  plan.services.find((service) => service.kind === kind)?.config;

describe('ids', () => {
  const yaml = 'name: x\nservices: { tftp: {} }\nclients: [{ name: pc }]\n';
  it.each([
    ['scenarios/wds/x.yaml', '/a/scenarios/wds', 'wds/x'],
    ['x.yaml', '/a/scenarios/wds', 'wds/x'],
    ['../x.ts', '/a/scenarios', 'x'],
    ['mine/x.yaml', '/b/mine', 'mine/x'],
  ])('%s in %s is %s, wherever the command was started', (file, folder, id) =>
    expect(plans(yaml, {}, file, folder)[0]?.id).toBe(id),
  );

  it('name the matrix values, in the order of the axes', () => {
    const ids = plans(
      `${yaml}matrix: { memory: [512MiB, 1GiB], firmware: [bios, uefi], exclude: [{ firmware: uefi, memory: 512MiB }] }`,
    ).map((one) => one.id);
    expect(ids).toEqual([
      'wds/x[firmware=bios,memory=512MiB]',
      'wds/x[firmware=bios,memory=1GiB]',
      'wds/x[firmware=uefi,memory=1GiB]',
    ]);
  });
});

describe('the matrix of a command line', () => {
  const yaml =
    'name: x\nservices: { tftp: {} }\nclients: [{ name: pc }]\nmatrix: { nic: [e1000, pcnet], firmware: [bios, uefi], exclude: [{ nic: pcnet, firmware: uefi }] }';
  const ids = (matrix: Readonly<Record<string, readonly string[]>>): string[] =>
    plans(yaml, matrix).map((one) => one.id);

  it('narrows an axis and keeps the exclusions', () => {
    expect(ids({ nic: ['pcnet'] })).toEqual(['wds/x[firmware=bios,nic=pcnet]']);
    expect(ids({ nic: ['pcnet'], firmware: ['uefi'] })).toEqual([]);
  });
  it('adds an axis, values once each', () =>
    expect(ids({ nic: ['e1000', 'e1000'], firmware: ['bios'], cpus: ['1', '2'] })).toEqual([
      'wds/x[firmware=bios,nic=e1000,cpus=1]',
      'wds/x[firmware=bios,nic=e1000,cpus=2]',
    ]));
  it.each<[Readonly<Record<string, readonly string[]>>, string]>([
    [
      { nics: ['e1000'] },
      'scenarios/wds/x.yaml with --matrix: matrix: unknown axis "nics" (known: firmware, nic, memory, cpus, disk)',
    ],
    [
      { memory: ['512'] },
      'scenarios/wds/x.yaml with --matrix: matrix.memory[0]: expected a size with its unit, e.g. 512MiB, 2GiB, got "512"',
    ],
    [
      { cpus: ['many'] },
      'scenarios/wds/x.yaml with --matrix: matrix.cpus[0]: expected virtual processors, a whole number from 1 to 16, got "many"',
    ],
  ])('refuses %j', (matrix, message) => expect(() => ids(matrix)).toThrow(message));
});

describe('identities', () => {
  const identities = (file: string, folder: string) =>
    plans('name: x\nservices: { tftp: {} }\nclients: [{ name: a }, { name: b }]', {}, file, folder)[0]?.clients.map(
      ({ mac, uuid }) => [mac, uuid],
    );

  it('are the same in every run and place', () =>
    expect(identities('x.yaml', '/a/scenarios/wds')).toEqual(
      identities('scenarios/wds/x.yaml', '/elsewhere/scenarios/wds'),
    ));
  it('differ between clients and between scenarios', () => {
    const all = [identities('x.yaml', '/a/scenarios/wds'), identities('y.yaml', '/a/scenarios/wds')].flat(3);
    expect(new Set(all).size).toBe(8);
  });
  it('are a QEMU MAC address and a version 8 UUID', () => {
    const [[mac, uuid] = []] = identities('x.yaml', '/a') ?? [];
    expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
  it('are those of the scenario when it has some', () =>
    expect(
      plan('{ tftp: {} }', 'name: pc, mac: 52:54:00:00:00:07, uuid: 4C4C4544-0042-3510-8050-b4c04f383432').clients[0],
    ).toMatchObject({ mac: '52:54:00:00:00:07', uuid: '4c4c4544-0042-3510-8050-b4c04f383432' }));
});

describe('hosts', () => {
  it('are one for each address, with names short enough for an interface', () => {
    expect(plan('{ dhcp: {}, pxe: { bootfile: a }, tftp: {}, images: {} }').hosts).toEqual([
      { name: 'host-1', ip: '172.22.52.1', mac: '02:00:ac:16:34:01' },
      { name: 'host-207', ip: '172.22.52.207', mac: '02:00:ac:16:34:cf' },
    ]);
  });
  it.each(['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/22', '10.1.2.0/29'])('fit into %s', (subnet) => {
    const { hosts } = plan('{ dhcp: {}, tftp: {} }', 'name: pc', `network: { subnet: ${subnet} }`);
    expect(new Set(hosts.map((host) => host.name)).size).toBe(hosts.length);
    for (const { name } of hosts) expect(name.length).toBeLessThanOrEqual(15);
  });
});

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

describe('trees', () => {
  it('are the bundle, the agent’s configuration, extra files, and what is to be missing', () => {
    const { trees, bundles } = plan(
      "{ tftp: { files: { 'boot\\motd': { text: hi }, '..\\..\\etc\\x': { file: ./x } }, without: ['boot\\x86\\wdsnbp.com'] } }",
    );
    expect(trees).toEqual([
      {
        root: '${run}/tftp',
        entries: [
          { path: '.', bundle: 'boot-files/wds' },
          { path: 'boot/x86/pxelinux.cfg/default', text: expect.stringContaining('pxw.mode=shell') as unknown },
          { path: 'boot/motd', text: 'hi' },
          { path: 'etc/x', source: '/home/somebody/scenarios/wds/x' },
        ],
        without: ['boot/x86/wdsnbp.com'],
      },
    ]);
    expect(bundles).toEqual(['boot-files/wds']);
  });
  it('hold the configuration of each boot program that a client runs, and what a UEFI installation needs', () => {
    const [first] = plans(
      `name: x
services: { pxe: {}, tftp: {}, images: {} }
clients:
  - { name: a }
  - { name: b, firmware: uefi, nic: virtio-net-pci }
  - { name: c, firmware: uefi, nic: virtio-net-pci, mac: 52:54:00:00:00:0c, agent: { unattended: false } }
`,
    );
    const { trees = [], bundles = [] } = first ?? {};
    expect(first && config(first, 'proxydhcp')).toMatchObject({
      bootfiles: { 0: 'boot\\x86\\wdsnbp.com', 7: 'boot\\x64\\wdsmgfw.efi' },
    });
    const texts = new Map(
      (trees[0]?.entries ?? []).flatMap((entry) => ('text' in entry ? [[entry.path, entry.text]] : [])),
    );
    expect([...texts.keys()]).toEqual([
      'boot/x86/pxelinux.cfg/default',
      'boot/x64/grub.cfg',
      'boot/x64/grub.cfg-01-52-54-00-00-00-0c',
    ]);
    expect(texts.get('boot/x86/pxelinux.cfg/default')).toContain('INITRD agent.img\n');
    expect(texts.get('boot/x64/grub.cfg')).toContain('initrd /boot/x86/agent.img /boot/x86/agent-uefi.img\n');
    expect(texts.get('boot/x64/grub.cfg-01-52-54-00-00-00-0c')).toContain('pxw.unattended=0');
    expect(bundles).toContain('agent-uefi');
  });
  it('of the user’s own stay as they are', () =>
    expect(plan('{ tftp: { root: ./mine } }').trees).toEqual([
      { root: '${run}/tftp', entries: [{ path: '.', source: '/home/somebody/scenarios/wds/mine' }] },
    ]));

  it('hold the additions to an image, and driver packages after the boot image', () => {
    const { trees, bundles } = plan(
      "{ tftp: { root: boot-files/wds-without-rtl8139, driver-packages: [rtl8139] }, images: { packages: packages/sample, driver-packages: [rtl8139], files: { 'WdsClientUnattend\\a.xml': { text: <unattend/> }, 'b.xml': { file: ./b.xml } } }, control: {}, devices: { known: [{ client: pc, answer-file: b.xml }] } }",
    );
    expect(trees[0]?.entries.slice(0, 3)).toEqual([
      { path: '.', bundle: 'boot-files/wds-without-rtl8139' },
      { path: 'boot/x86/drivers', bundle: 'drivers/rtl8139' },
      {
        path: 'boot/x86/pxelinux.cfg/default',
        text: expect.stringContaining('INITRD agent.img,drivers/rtl8139.img\n') as unknown,
      },
    ]);
    expect(trees[1]).toMatchObject({
      root: '${run}/reminst',
      entries: [
        { path: '.', bundle: 'reminst' },
        { path: '.', bundle: 'images/linux-sample' },
        { path: 'Packages', bundle: 'packages/sample' },
        { path: 'DriverPackages', bundle: 'drivers/rtl8139' },
        { path: 'WdsClientUnattend/a.xml', text: '<unattend/>' },
        { path: 'b.xml', source: '/home/somebody/scenarios/wds/b.xml' },
      ],
    });
    expect(bundles).toEqual([
      'boot-files/wds-without-rtl8139',
      'drivers/rtl8139',
      'reminst',
      'images/linux-sample',
      'packages/sample',
    ]);
    expect(
      plan('{ tftp: {}, images: { packages: ../mine }, control: { answer-files: { x64: a.xml } } }').trees[1]?.entries,
    ).toContainEqual({
      path: 'Packages',
      source: '/home/somebody/scenarios/mine',
    });
    expect(plan('{ tftp: {}, images: { root: ./RemInst, groups: { Mine: [own.wim] } } }').trees[1]?.entries).toEqual([
      { path: '.', source: '/home/somebody/scenarios/wds/RemInst' },
    ]);
  });

  it('hold the groups that the scenario names, and what is damaged of them', () => {
    const { trees } = plan(
      String.raw`{ tftp: {}, images: { groups: { Linux 2012: [base.wim] }, damage: { 'Images\Linux 2012\Res.rwm': { truncate: 60% }, 'Images\Linux 2012\base.wim': { flip-byte-at: 3 }, 'Boot\x64\Images\boot.wim': { architecture: x86 } } } }`,
    );
    expect(trees[1]).toMatchObject({
      entries: [
        { path: '.', bundle: 'reminst' },
        { path: '.', bundle: 'images/linux-group' },
      ],
      damage: [
        { path: 'Images/Linux 2012/Res.rwm', keepPercent: 60 },
        { path: 'Images/Linux 2012/base.wim', flipByteAt: 3 },
        { path: 'Boot/x64/Images/boot.wim', architecture: 0 },
      ],
    });
  });

  it('tell the agent where the control service is: by the endpoint mapper, or by its port without one', () => {
    const text = (services: string) => JSON.stringify(plan(services).trees[0]?.entries);
    expect(text('{ tftp: {}, images: {}, control: {} }')).toContain('pxw.control=172.22.52.207\\n');
    expect(
      text('{ tftp: {}, images: {}, control: { at: 172.22.52.9, endpoint-mapper: false, port: 5041 } }'),
    ).toContain('pxw.control=172.22.52.9%3A5041\\n');
    expect(text('{ tftp: {}, images: {} }')).not.toContain('pxw.control');
  });

  it('tell each client what is its own', () => {
    const [both] = plans(
      'name: x\nservices: { tftp: {}, images: {}, authentication: { users: [{ name: u, password: p q }] } }\nclients:\n  - { name: a, disk: 1GiB }\n  - { name: b, disk: 1GiB, mac: 52:54:00:00:00:0b, agent: { unattended: false, logon: { user: U } } }',
    );
    const texts = new Map(
      both?.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [[entry.path, entry.text] as const] : [])),
    );
    expect([...texts.keys()]).toEqual(['boot/x86/pxelinux.cfg/default', 'boot/x86/pxelinux.cfg/01-52-54-00-00-00-0b']);
    expect(texts.get('boot/x86/pxelinux.cfg/default')).toContain(
      'pxw.user=u pxw.password=p%20q pxw.image=Images%5CLinux%5Csample.wim pxw.unattended=1',
    );
    expect(texts.get('boot/x86/pxelinux.cfg/01-52-54-00-00-00-0b')).toContain(
      'pxw.user=U pxw.password=p%20q pxw.image=Images%5CLinux%5Csample.wim pxw.unattended=0',
    );
  });
});

describe('clients', () => {
  it('have every default filled', () =>
    expect(plan('{ tftp: {} }').clients[0]).toMatchObject({
      firmware: 'bios',
      nic: 'e1000',
      memoryMiB: 512,
      cpus: 1,
      bootOrder: [{ device: 'network', bootindex: 0 }],
      keys: [],
    }));
  it('boot from their disk after the network', () =>
    expect(plan('{ tftp: {} }', 'name: pc, disk: 2GiB').clients[0]).toMatchObject({
      diskMiB: 2048,
      bootOrder: [
        { device: 'network', bootindex: 0 },
        { device: 'disk', bootindex: 1 },
      ],
    }));
  it('are compared with the image that they install, by the same index or name, and with what is left out', () => {
    const [one] = plans(`name: x
services: { tftp: {}, images: {} }
clients:
  - { name: a, disk: 1GiB, agent: { image: { file: 'Images\\Linux\\sample.wim', index: 1 } } }
  - { name: b, disk: 1GiB, agent: { image: { file: 'images\\linux\\SAMPLE.wim', name: pxewright sample Linux } } }
  - { name: c, disk: 1GiB }
  - { name: d, disk: 1GiB, after: { compare-disk-with: { file: 'Images\\Linux\\sample.wim', index: 1 } } }
after: { compare-disk-with: 'Images\\Linux\\sample.wim', ignore: [/var/cache/**] }`);
    const image = 'Images\\Linux\\sample.wim';
    const compared = (after: AfterPlan | undefined) => after?.compareDiskWith;
    expect(one?.clients.map((client) => (client.plays === undefined ? compared(client.after) : undefined))).toEqual([
      { image, index: 1 },
      { image, name: 'pxewright sample Linux' },
      undefined,
      { image, index: 1 },
    ]);
    expect(compared(one?.after)).toEqual({ image });
    expect(one?.after?.ignore).toEqual([...IGNORED_PATHS.map(({ pattern }) => pattern), '/var/cache/**']);
    const texts = one?.trees.flatMap(({ entries }) =>
      entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])),
    );
    expect(texts?.filter((text) => text.includes('pxw.imageindex=1 '))).toHaveLength(1);
    expect(texts?.filter((text) => text.includes('pxw.imagename=pxewright%20sample%20Linux '))).toHaveLength(1);
  });
  it('have stories of their own, and an order', () => {
    const [one] = plans(`name: x\nservices: { tftp: {} }\nsteps: [dhcp.ack]\nclients:
  - { name: a, disk: 1GiB }
  - { name: b, disk-of: A, steps: [tftp.transfer], after: { compare-disk-with: { client: a, changed: [/etc/machine-id] } } }
  - { name: c, starts-after: b, expect-failure: { step: dhcp.offer, cause: dhcp-silent } }`);
    const [a, b, c] = one?.clients ?? [];
    for (const key of ['startsAfter', 'diskOf', 'story', 'after']) expect(a).not.toHaveProperty(key);
    expect(b).toMatchObject({
      startsAfter: 'a',
      diskOf: 'a',
      diskMiB: 1024,
      bootOrder: [{ device: 'network' }, { device: 'disk' }],
      story: { expectations: [{ step: 'tftp.transfer', with: {}, source: 'scenarios/wds/x.yaml:6:36' }] },
      after: { compareDiskWith: { client: 'a', changed: ['/etc/machine-id'] } },
    });
    expect(c).toMatchObject({
      startsAfter: 'b',
      story: { expectations: [], expectFailure: { step: 'dhcp.offer', cause: 'dhcp-silent' } },
    });
  });
  it('take the values of their matrix point', () =>
    expect(
      plans(
        'name: x\nservices: {}\nclients: [{ name: pc, nic: pcnet }]\nmatrix: { nic: [vmxnet3], memory: [1GiB], disk: [3GiB] }',
      )[0]?.clients[0],
    ).toMatchObject({ nic: 'vmxnet3', memoryMiB: 1024, diskMiB: 3072 }));
});

describe('the state', () => {
  it('is private to the run and empty', () =>
    expect(plan('{ tftp: {}, images: {} }')).toMatchObject({
      state: { folder: '${run}/state', devices: [] },
      trees: [{ root: '${run}/tftp' }, { root: '${run}/reminst' }],
    }));

  it('of the user’s own keeps the images, too, and lays them out once', () => {
    const one = plan('{ tftp: {}, images: {}, state: ./kept }');
    expect(one).toMatchObject({
      state: { folder: '/home/somebody/scenarios/wds/kept' },
      trees: [{ root: '${run}/tftp' }, { root: '/home/somebody/scenarios/wds/kept/reminst', once: true }],
    });
    expect(config(one, 'smb')).toHaveProperty('root', '/home/somebody/scenarios/wds/kept/reminst');
  });

  it('begins with the known devices, and its store takes them', () => {
    const uuid = '4c4c4544-0042-3510-8050-b4c04f383432';
    const { state } = plan(
      `
  pxe: { bootfile: a }
  tftp: {}
  authentication: { domain: LAB }
  images: {}
  control: {}
  devices:
    known:
      - { client: pc, name: PC01, answer-file: 'WdsClientUnattend\\pc01.xml', join: true }
      - { mac: 52-54-00-00-00-0B, status: pending, join: { domain: other.lab, organizational-unit: 'OU=x' } }
      - { mac: 52:54:00:00:00:0c, status: rejected, message: ask upstairs, boot-program: 'boot\\x86\\pxeboot.com' }`,
      `name: pc, mac: 52:54:00:00:00:0a, uuid: ${uuid}`,
    );
    expect(state.devices).toEqual([
      {
        key: uuid,
        uuid,
        mac: '52:54:00:00:00:0a',
        name: 'PC01',
        status: 'prestaged',
        answerFile: 'WdsClientUnattend\\pc01.xml',
        join: { domain: 'LAB' },
      },
      {
        key: '52:54:00:00:00:0b',
        mac: '52:54:00:00:00:0b',
        status: 'pending',
        requestId: 1,
        join: { domain: 'other.lab', organizationalUnit: 'OU=x' },
      },
      {
        key: '52:54:00:00:00:0c',
        mac: '52:54:00:00:00:0c',
        status: 'rejected',
        requestId: 2,
        message: 'ask upstairs',
        bootProgram: 'boot\\x86\\pxeboot.com',
      },
    ]);
    const at = '2026-11-24T12:00:00.000Z';
    expect(
      state.devices.flatMap(
        (device) => deviceSchema.safeParse({ ...device, firstSeenAt: at, lastSeenAt: at }).error?.issues ?? [],
      ),
    ).toEqual([]);
  });
});

it('a plan is frozen through and through, and survives JSON', () => {
  const one = plan(
    '{ dhcp: {}, tftp: {}, images: {} }',
    'name: pc, disk: 1GiB',
    "steps: [{ dhcp.ack: { server: { matches: '1$' } } }]\nafter: { boot-from: disk }",
  );
  expect(one.expectations).toEqual([
    { step: 'dhcp.ack', with: { server: { matches: '1$' } }, source: 'scenarios/wds/x.yaml:4:9' },
  ]);
  expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  const thaw = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (!Object.isFrozen(value) || Object.values(value).some(thaw));
  expect(thaw(one)).toBe(false);
});
