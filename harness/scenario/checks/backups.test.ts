import { describe, expect, it } from 'vitest';
import { formatPath } from '../scenario-error.ts';
import { checkContent } from './content.ts';

const PC = { name: 'pc', disk: '1GiB', agent: { mode: 'backup' } };
const NEW = { name: 'new', disk: '1GiB', 'starts-after': 'pc', agent: { mode: 'restore', backup: { of: 'PC' } } };
const SERVICES = { dhcp: {}, tftp: {}, backups: {} };

/** What is wrong with a scenario: where, and what was expected. */
function problems(clients: readonly object[], services: object = SERVICES, more: object = {}): string[] {
  return checkContent({ name: 'x', services, clients, ...more }).problems.map(
    ({ path, says, expected, got }) => `${formatPath(path)}: ${says ?? `${expected}, got ${got}`}`,
  );
}

describe('a client that saves or restores its disk', () => {
  it.each<[string, readonly object[], object?, object?]>([
    ['saves it, and another one restores it, whose name may have another case', [PC, NEW]],
    [
      'continues with the disk of an installed one',
      [
        { name: 'a', disk: '1GiB' },
        { ...PC, disk: undefined, 'disk-of': 'a' },
      ],
    ],
    [
      'restores its own from a store that is kept',
      [{ ...PC, agent: { mode: 'restore' } }],
      { ...SERVICES, backups: { store: './kept' } },
    ],
    [
      'restores that of a stranger by its id from a store that is kept',
      [{ ...PC, agent: { mode: 'restore', backup: { of: 'other', id: '20261128T111500Z' } } }],
      { ...SERVICES, backups: { store: './kept' } },
    ],
    [
      'may ask for one that is not there where that is the failure',
      [{ ...PC, agent: { mode: 'restore', backup: { of: 'nobody' } } }],
      SERVICES,
      { 'expect-failure': { step: 'http.error' } },
    ],
    [
      'starts from a restored disk of a bundled system',
      [
        { ...PC, disk: undefined, 'disk-image': 'disks/linux-bios' },
        { ...NEW, after: { 'boot-from': 'disk' } },
      ],
    ],
    [
      'is saved by the hypervisor while it works, and another one restores that',
      [
        { name: 'pc', 'disk-image': 'disks/linux-bios', agent: { mode: 'work' }, 'hot-backups': { take: ['frozen'] } },
        NEW,
      ],
    ],
    [
      'saves itself while it works, and another one restores that',
      [
        {
          name: 'pc',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work', 'store-password': 'another' },
          'hot-backups': { take: ['snapshot', { snapshot: '64KiB' }] },
        },
        NEW,
      ],
    ],
    ['becomes virtual machines', [{ ...PC, after: { 'virtual-machines': ['vmdk', 'vhdx'] } }]],
    ['starts from a restored disk', [PC, { ...NEW, after: { 'boot-from': 'disk' } }], { ...SERVICES, images: {} }],
  ])('%s', (_, clients, services, more) => expect(problems(clients, services, more)).toEqual([]));

  it.each<[string, readonly object[], readonly string[], object?]>([
    [
      'becomes a virtual machine without being saved',
      [PC, { ...NEW, after: { 'virtual-machines': ['vmdk'] } }],
      [
        'clients[1].after.virtual-machines: clients whose disk is saved (agent.mode: backup, or work), got client new with mode restore',
      ],
    ],
    [
      'is saved while it does something else, works without a system, or with keys of other roles',
      [
        { ...PC, 'hot-backups': {} },
        { ...PC, name: 'empty', agent: { mode: 'work', 'store-password': 'x', backup: {} } },
        {
          name: 'far',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work' },
          'hot-backups': { at: '10.0.0.1' },
        },
        {
          name: 'beside',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work' },
          'hot-backups': { at: '172.22.52.207' },
        },
        {
          name: 'once',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work' },
          'hot-backups': { every: '20s' },
        },
      ],
      [
        'clients[0].hot-backups: agent.mode: work beside hot-backups, got mode backup, which ends by itself',
        'clients[1].agent.backup: mode: restore beside backup, got mode work, which does not use it',
        'clients[1].agent.mode: a client whose disk has a system to work with (disk-image or disk-of), got an empty disk',
        'clients[1].agent.store-password: mode: backup or restore, or snapshots in hot-backups, beside store-password, got mode work, in which the hypervisor saves the disk',
        'clients[3].hot-backups.at: an address for its hypervisor that no other host has (hot-backups.at), got 172.22.52.207, which services.backups has',
        'clients[4].hot-backups.every: several backups in take beside every, got one, which nothing follows',
        'clients[2].hot-backups.at: a host address of 172.22.52.0/24 (172.22.52.1 to 172.22.52.254), got 10.0.0.1, which is outside',
      ],
    ],
    [
      'saves itself and is saved by its hypervisor, whose address nobody would use',
      [
        {
          name: 'pc',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work' },
          'hot-backups': { take: ['frozen', { snapshot: '1MiB' }], every: '20s', at: '172.22.52.9' },
        },
      ],
      [
        'clients[0].hot-backups.take: either snapshot alone, which the agent takes, or frozen and unfrozen, which the hypervisor takes, got frozen, snapshot',
        'clients[0].hot-backups.every: a hypervisor that saves the disk (take: frozen or unfrozen) beside every, got snapshots, which the agent takes one after the other',
        'clients[0].hot-backups.at: a hypervisor that saves the disk (take: frozen or unfrozen) beside at, got snapshots, which the agent saves from its own address',
      ],
    ],
    [
      'with less memory than a snapshot takes beside the agent',
      [
        {
          name: 'pc',
          memory: '256MiB',
          'disk-image': 'disks/linux-bios',
          agent: { mode: 'work' },
          'hot-backups': { take: ['snapshot'] },
        },
      ],
      [
        'clients[0].memory: at least 320MiB of memory, which what boot-files/wds boots under bios and a snapshot of 64MiB need, got 256MiB',
      ],
    ],
    [
      'without a store',
      [PC],
      [
        'clients[0].agent.mode: beside mode services.backups, and a bundle as root of tftp or http, whose boot image has the agent, got none, so that nothing reads it',
      ],
      { dhcp: {}, tftp: {} },
    ],
    [
      'from a folder of the user’s, in which no agent is known',
      [PC],
      [expect.stringMatching(/^clients\[0\]\.agent\.mode: beside mode /) as string],
      { ...SERVICES, tftp: { root: './mine' } },
    ],
    [
      'beside no server of boot files',
      [PC],
      [
        'services: a service that delivers boot files (tftp, http or one of programs) beside backups, got neither',
        expect.stringMatching(/^clients\[0\]\.agent\.mode: /) as string,
      ],
      { dhcp: {}, backups: {} },
    ],
    [
      'without a disk',
      [{ ...PC, disk: undefined }],
      ['clients[0].agent.mode: a client with a disk (disk, disk-image, disk-of, or disk in the matrix), got none'],
    ],
    [
      'with keys of images',
      [
        {
          ...PC,
          agent: {
            ...PC.agent,
            image: 'Images\\Linux\\sample.wim',
            logon: { user: 'administrateur' },
            unattended: false,
          },
        },
      ],
      [
        'clients[0].agent.image: mode: install or capture beside image, got mode backup, which does not use it',
        'clients[0].agent.logon: mode: install or capture beside logon, got mode backup, which does not use it',
        'clients[0].agent.unattended: mode: install or capture beside unattended, got mode backup, which does not use it',
      ],
      { ...SERVICES, images: {} },
    ],
    [
      'with a backup to restore, and does not restore',
      [{ ...PC, agent: { mode: 'backup', backup: { of: 'pc' } } }],
      ['clients[0].agent.backup: mode: restore beside backup, got mode backup, which does not use it'],
    ],
    [
      'of an unknown client',
      [PC, { ...NEW, agent: { mode: 'restore', backup: { of: 'pcc' } } }],
      ['clients[1].agent.backup.of: unknown client "pcc" (known: pc, new; did you mean "pc"?)'],
    ],
    [
      'of one that has not saved it by then',
      [PC, { ...NEW, 'starts-after': undefined }],
      [
        'clients[1].agent.backup.of: a client with agent.mode backup or work whose story is over by then (none is: see starts-after), or services.backups.store with earlier backups, got "PC"',
      ],
    ],
    [
      'of itself, which nobody has saved',
      [{ ...PC, agent: { mode: 'restore' } }],
      [
        expect.stringMatching(
          /^clients\[0\]\.agent\.mode: a client with agent\.mode backup or work whose story is over/,
        ) as string,
      ],
    ],
    [
      'by an id that nobody knows before',
      [PC, { ...NEW, agent: { mode: 'restore', backup: { of: 'pc', id: '20261128T111500Z' } } }],
      [expect.stringMatching(/^clients\[1\]\.agent\.backup\.id: latest: a backup of the same run /) as string],
    ],
    [
      'for another firmware than it starts with',
      [
        { name: 'first', disk: '1GiB' },
        { ...PC, disk: undefined, 'disk-of': 'first' },
        { ...NEW, firmware: 'uefi', after: { 'boot-from': 'disk' } },
      ],
      [
        'clients[2].after.boot-from: a disk that was installed for uefi, the firmware of new, got the disk of first, which was installed for bios',
      ],
      { ...SERVICES, images: {} },
    ],
    [
      'with less memory than that takes',
      [{ ...PC, memory: '128MiB' }],
      [expect.stringMatching(/^clients\[0\]\.memory: at least 256MiB of memory/) as string],
    ],
    [
      'on a disk for which the agent has no driver',
      [{ ...PC, 'disk-interface': 'nvme' }],
      [
        expect.stringMatching(
          /^clients\[0\]\.disk-interface: a disk that the agent of boot-files\/wds has a driver for/,
        ) as string,
      ],
    ],
    [
      'with an Arm processor',
      [{ ...PC, firmware: 'uefi-arm64', nic: 'virtio-net-pci' }],
      [expect.stringMatching(/^clients\[0\]\.firmware: a firmware of a PC beside agent\.mode: backup/) as string],
    ],
  ])('is refused %s', (_, clients, expected, services) => expect(problems(clients, services)).toEqual(expected));

  it('is the only one that uses the store', () =>
    expect(problems([{ ...PC, agent: { 'store-password': 'x', backup: {} } }], { ...SERVICES, images: {} })).toEqual([
      'clients[0].agent.backup: mode: restore or recover beside backup, got mode install, which does not use it',
      'clients[0].agent.store-password: mode: backup or restore beside store-password, got mode install, which does not use it',
    ]));

  const RECOVERS = {
    name: 'later',
    'starts-after': 'pc',
    'disk-image': 'disks/linux-bios',
    agent: { mode: 'recover', backup: { of: 'pc' }, paths: ['/etc/hostname', '/home'] },
  };

  it('is where another one recovers files of it from', () => {
    const services = { ...SERVICES, images: {} };
    expect(problems([PC, { ...RECOVERS, after: { 'boot-from': 'disk' } }], services)).toEqual([]);
    expect(
      problems([PC, { ...RECOVERS, agent: { ...RECOVERS.agent, logon: { user: 'administrateur' } } }], services),
    ).toEqual([]);
    expect(problems([PC, RECOVERS])).toEqual([
      'clients[1].agent.mode: beside mode services.images, and a bundle as root of tftp or http, whose boot image has the agent, got none, so that nothing reads it',
    ]);
    expect(problems([RECOVERS], { dhcp: {}, tftp: {}, images: {} })).toContain(
      'clients[0].agent.mode: beside mode services.backups, whose files it recovers, got none, so that nothing reads it',
    );
    expect(
      problems(
        [
          { ...RECOVERS, 'starts-after': undefined, agent: { ...RECOVERS.agent, unattended: true } },
          { ...PC, agent: { mode: 'backup', paths: ['/etc'] } },
          {
            ...RECOVERS,
            name: 'empty',
            'disk-image': undefined,
            disk: '1GiB',
            agent: { mode: 'recover', backup: { of: 'pc' } },
          },
        ],
        services,
      ),
    ).toEqual([
      'clients[0].agent.unattended: mode: install or capture beside unattended, got mode recover, which does not use it',
      'clients[0].agent.backup.of: a client with agent.mode backup or work whose story is over by then (none is: see starts-after), or services.backups.store with earlier backups, got "pc"',
      'clients[1].agent.paths: mode: recover beside paths, got mode backup, which does not use it',
      'clients[2].agent.mode: what to recover (agent.paths) beside recover, got none',
      'clients[2].agent.mode: a client whose disk has a system to recover files into (disk-image or disk-of), got an empty disk',
    ]);
    expect(problems([PC, { ...RECOVERS, firmware: 'uefi', after: { 'boot-from': 'disk' } }], services)).toEqual([
      'clients[1].after.boot-from: a disk for uefi, the firmware of later, got disks/linux-bios, which is for bios',
    ]);
  });

  it('recovers no more paths than a kernel command line has room for', () => {
    const agent = { ...RECOVERS.agent, paths: Array.from({ length: 80 }, (_, number) => `/srv/files/${number}`) };
    expect(problems([PC, { ...RECOVERS, agent }], { ...SERVICES, images: {} })).toEqual([
      expect.stringMatching(/^clients\[1\]\.agent\.paths: paths that fit on a kernel command line: 1200 characters/),
    ]);
  });

  it.each(['etc/hostname', '/etc\\hostname', '/a\nb', '/', '/etc/../a', '/etc//a', '/.'])(
    'recovers no path like %j',
    (path) => {
      const agent = { ...RECOVERS.agent, paths: [path] };
      expect(problems([PC, { ...RECOVERS, agent }], { ...SERVICES, images: {} })).toEqual([
        expect.stringMatching(/^clients\[1\]\.agent\.paths\[0\]: an absolute path in the backup/),
      ]);
    },
  );

  it('may be chosen from a boot menu where there is a store', () => {
    const menu = { 'boot-menu': { entries: [{ name: 'save', title: 'Save', mode: 'backup' }] } };
    expect(problems([{ name: 'pc', disk: '1GiB' }], { ...SERVICES, ...menu })).toEqual([]);
    expect(problems([{ name: 'pc', disk: '1GiB' }], { dhcp: {}, tftp: {}, ...menu })).toEqual([
      'services.boot-menu.entries[0].mode: beside mode services.backups, got none, so that nothing reads it',
    ]);
  });
});
