import { describe, expect, it } from 'vitest';
import { deviceSchema } from '../../servers/state/device-store.ts';
import { IGNORED_PATHS } from '../../vm-images/comparison/ignored-paths.ts';
import type { AfterPlan } from './plan.ts';
import { config, plan, plans } from './testing/plan-of.ts';

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
    plans(yaml, { axes: matrix }).map((one) => one.id);

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
      'scenarios/wds/x.yaml with --matrix: matrix: unknown axis "nics" (known: firmware, nic, transport, memory, cpus, disk, machine, disk-interface, disk-block-size, boot-program, boot-order, tpm)',
    ],
    [
      { memory: ['512'] },
      'scenarios/wds/x.yaml with --matrix: matrix.memory[0]: expected a size with its unit, e.g. 512MiB, 2GiB, got "512"',
    ],
    [
      { cpus: ['many'] },
      'scenarios/wds/x.yaml with --matrix: matrix.cpus[0]: expected virtual processors, a whole number from 1 to 16, got "many"',
    ],
    [
      { 'boot-order': ['disk,netwrok'] },
      'scenarios/wds/x.yaml with --matrix: matrix.boot-order[0][1]: expected one of network, disk, unplugged-nic, got "netwrok" (did you mean "network"?)',
    ],
    [{ tpm: ['yes'] }, 'scenarios/wds/x.yaml with --matrix: matrix.tpm[0]: expected true or false, got "yes"'],
  ])('refuses %j', (matrix, message) => expect(() => ids(matrix)).toThrow(message));

  it('takes a boot order and a TPM as cells have them', () => {
    const axes = { firmware: ['bios'], nic: ['e1000'], 'boot-order': ['network,disk', 'disk'], tpm: ['true', 'false'] };
    const booted = plans(yaml.replace('name: pc', 'name: pc, disk: 1GiB'), { axes });
    expect(booted.map(({ id }) => id)).toEqual([
      'wds/x[firmware=bios,nic=e1000,boot-order=network,disk,tpm=true]',
      'wds/x[firmware=bios,nic=e1000,boot-order=network,disk,tpm=false]',
      'wds/x[firmware=bios,nic=e1000,boot-order=disk,tpm=true]',
      'wds/x[firmware=bios,nic=e1000,boot-order=disk,tpm=false]',
    ]);
    const vms = booted.map(({ clients: [vm] }) => (vm !== undefined && 'bootOrder' in vm ? vm : undefined));
    expect(vms.map((vm) => [vm?.bootOrder.map(({ device }) => device), vm?.tpm])).toEqual([
      [['network', 'disk'], true],
      [['network', 'disk'], undefined],
      [['disk'], true],
      [['disk'], undefined],
    ]);
    // What a cell says is what its command takes.
    const again = booted.map(({ matrix }) => ({
      axes: Object.fromEntries(Object.entries(matrix).map(([axis, value]) => [axis, [value]])),
    }));
    expect(again.flatMap((one) => plans(yaml.replace('name: pc', 'name: pc, disk: 1GiB'), one))).toEqual(booted);
  });
});

describe('identities', () => {
  const identities = (file: string, folder: string, state = '') =>
    plans(
      `name: x\nservices: { tftp: {}${state} }\nclients: [{ name: a }, { name: b, unplugged-nic: e1000 }]`,
      {},
      file,
      folder,
    )[0]?.clients.map((client) => [
      client.mac,
      client.uuid,
      'unpluggedNic' in client ? client.unpluggedNic.mac : undefined,
    ]);

  it('are the same in every run and place', () =>
    expect(identities('x.yaml', '/a/scenarios/wds')).toEqual(
      identities('scenarios/wds/x.yaml', '/elsewhere/scenarios/wds'),
    ));
  it('differ between the cards and computers of a scenario', () =>
    expect(
      new Set(
        identities('x.yaml', '/a')
          ?.flat()
          .filter((one) => one !== undefined),
      ).size,
    ).toBe(5));
  it('are those of their place in any scenario, so that its saved firmware serves them all', () =>
    expect(identities('x.yaml', '/a')).toEqual(identities('y.yaml', '/a')));
  it('differ between scenarios that keep a state, which another scenario may share', () => {
    const kept = ['x.yaml', 'y.yaml'].map((file) => identities(file, '/a', ', pxe: {}, state: ./state'));
    expect(kept[0]).not.toEqual(kept[1]);
    expect(new Set([...kept, identities('x.yaml', '/a')].flat(2).filter((one) => one !== undefined)).size).toBe(15);
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
