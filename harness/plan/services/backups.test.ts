import { expect, it } from 'vitest';
import { config, plan, plans } from '../testing/plan-of.ts';
import { takenConfig } from '../testing/taken-config.ts';

const CLIENTS =
  '[{ name: pc, disk: 1GiB, agent: { mode: backup } }, { name: New, disk: 1GiB, starts-after: pc, agent: { mode: restore, backup: { of: PC } } }]';
const planned = (services: string, clients = CLIENTS) =>
  plans(`name: x\nservices: ${services}\nclients: ${clients}`)[0];

it('is a store in the run’s own folder, where the images are', () => {
  const one = plan('{ tftp: {}, images: { at: 172.22.52.9 }, backups: {} }');
  expect(one.services.filter(({ kind }) => kind === 'backup-store').map(takenConfig)).toEqual([
    {
      address: '172.22.52.9',
      port: 8000,
      root: '/run/lab/backups',
      password: 'Passw0rd.lab',
      quickKey: true,
      startTimeoutMs: 20_000,
    },
  ]);
});

it('takes every key that a scenario has', () => {
  const one = plan(
    '{ tftp: {}, backups: { at: 172.22.52.9, port: 8001, password: secret, capacity: 2GiB, store: ./kept, schedule: { every: 1d, keep: { last: 7, within: 4w } }, misbehave: { damage-pack: 1, gone: { after-writes: 2, for: 3s } } } }',
  );
  expect(config(one, 'backup-store')).toEqual({
    address: '172.22.52.9',
    port: 8001,
    root: '/home/somebody/scenarios/wds/kept',
    password: 'secret',
    maxBytes: 2 ** 31,
    schedule: { everyMs: 86_400_000, keep: { last: 7, withinMs: 28 * 86_400_000 } },
    misbehave: { 'damage-pack': 1, gone: { 'after-writes': 2, for: 3000 } },
  });
});

it('is told to the agents that use it, which have programs for it in their boot image, and to nobody else', () => {
  const one = planned(
    '{ tftp: {}, images: {}, backups: { password: "a, b" } }',
    CLIENTS.replace(']', ', { name: plain, disk: 1GiB }]'),
  );
  const [tree] = one?.trees ?? [];
  expect(tree?.entries).toContainEqual({ path: 'boot/x86', bundle: 'agent-backup' });
  const [saves, restores, installs] = (tree?.entries ?? []).flatMap((entry) => ('text' in entry ? [entry.text] : []));
  expect(saves).toMatch(/INITRD agent\.img,backup\.img$/m);
  expect(saves).toMatch(
    /pxw\.mode=backup .*pxw\.store=172\.22\.52\.207%3A8000 pxw\.storepassword=a%2C%20b pxw\.client=pc$/m,
  );
  expect(restores).toMatch(/pxw\.mode=restore .*pxw\.client=New pxw\.backupof=pc pxw\.backup=latest$/m);
  expect(installs).toMatch(/INITRD agent\.img$/m);
  expect(installs).not.toContain('pxw.store');
  expect(one?.clients).toMatchObject([{ diskRole: 'backup' }, { diskRole: 'restore' }, {}]);
  expect(one?.clients[2]).not.toHaveProperty('diskRole');
});

it('has files that a client recovers, which logs on to the share for them and needs no programs of the store', () => {
  const recovers = 'agent: { mode: recover, backup: { of: PC }, paths: [/etc/hostname, "/home/a b"] }';
  const one = planned(
    '{ tftp: {}, images: {}, backups: {} }',
    CLIENTS.replace(']', `, { name: later, disk-image: disks/linux-bios, starts-after: pc, ${recovers} }]`),
  );
  const recovery = { of: 'pc', id: 'latest', paths: ['/etc/hostname', '/home/a b'], storeFolder: '${run}/backups' };
  expect(one?.clients[2]).toMatchObject({ recovery: { ...recovery, storePassword: 'Passw0rd.lab' } });
  expect(one?.clients[0]).not.toHaveProperty('recovery');
  const text = one?.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [entry.text] : []))[2];
  expect(text).toMatch(/INITRD agent\.img$/m);
  expect(text).toMatch(
    /pxw\.mode=recover pxw\.server=172\.22\.52\.207 pxw\.share=REMINST .* pxw\.backupof=pc pxw\.backup=latest pxw\.paths=%2Fetc%2Fhostname%0A%2Fhome%2Fa%20b$/m,
  );
  expect(text).not.toContain('pxw.store');
});

it.each([
  ['GRUB', 'firmware: uefi', 'boot/x64/grub.cfg', /^initrd .*\/agent-uefi\.img \/boot\/x86\/backup\.img$/m],
  ['iPXE', 'boot-program: undionly', 'boot/x86/boot.ipxe', /^initrd agent\.img\ninitrd backup\.img$/m],
])('%s loads the programs, too', (_, client, file, loads) => {
  const one = planned(
    '{ pxe: {}, tftp: {}, backups: {} }',
    `[{ name: pc, disk: 1GiB, ${client}, agent: { mode: backup, store-password: other } }]`,
  );
  const entry = one?.trees[0]?.entries.find(({ path }) => path === file);
  expect(entry).toMatchObject({ text: expect.stringMatching(loads) as unknown });
  expect(entry).toMatchObject({ text: expect.stringContaining('pxw.storepassword=other ') as unknown });
});

it('behind TLS has a certificate that the lab makes, and its agents get the authority', () => {
  const one = planned('{ tftp: {}, backups: { at: 172.22.52.9, tls: true } }');
  expect(one?.certificates).toEqual({
    folder: '${run}/certificates',
    address: '172.22.52.9',
    certificate: 'valid',
  });
  expect(one && config(one, 'backup-store')).toMatchObject({
    tls: { certificate: '${run}/certificates/store.pem', key: '${run}/certificates/store.key' },
  });
  const entries = one?.trees[0]?.entries ?? [];
  expect(entries).toContainEqual({ path: 'boot/x86/authority.img', source: '${run}/certificates/authority.img' });
  const [saves] = entries.flatMap((entry) => ('text' in entry ? [entry.text] : []));
  expect(saves).toMatch(/INITRD agent\.img,backup\.img,authority\.img$/m);
  expect(saves).toMatch(/pxw\.storetls=1 pxw\.client=pc$/m);
});

it.each([
  ['true', 'valid'],
  ['{}', 'valid'],
  ['{ certificate: other-name }', 'other-name'],
])('tls: %s is a certificate that is %s', (tls, certificate) => {
  expect(planned(`{ tftp: {}, backups: { tls: ${tls} } }`)?.certificates).toMatchObject({ certificate });
});

it('behind TLS is written by a hypervisor that knows the authority', () => {
  const one = planned(
    '{ dhcp: {}, tftp: {}, backups: { tls: true } }',
    '[{ name: pc, disk-image: disks/linux-bios, agent: { mode: work } }]',
  );
  expect(one?.clients[0]).toMatchObject({
    hotBackups: {
      store: 'rest:https://172.22.52.207:8000/',
      storeAuthority: '${run}/certificates/authority.pem',
    },
  });
});

it('is written by a hypervisor with an address of its own for a client that works, whose boot image has a guest agent', () => {
  const one = planned(
    '{ dhcp: {}, tftp: {}, backups: { password: secret } }',
    `[{ name: pc, disk-image: disks/linux-bios, agent: { mode: work }, hot-backups: { take: [frozen, unfrozen], every: 20s } },
      { name: other, disk-image: disks/linux-bios, agent: { mode: work }, hot-backups: { at: 172.22.52.9 } }]`,
  );
  const store = { store: 'rest:http://172.22.52.207:8000/', storePassword: 'secret' };
  expect(one?.clients).toMatchObject([
    {
      diskRole: 'work',
      hotBackups: { take: ['frozen', 'unfrozen'], everyMs: 20_000, hypervisor: 'host-206', ...store },
    },
    { diskRole: 'work', hotBackups: { take: ['frozen'], hypervisor: 'host-9', ...store } },
  ]);
  expect(one?.hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['host-206', 'host-9']));
  expect(one?.bundles).toContain('agent-hot');
  expect(one?.bundles).not.toContain('agent-backup');
  const [text = ''] = one?.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])) ?? [];
  expect(text).toMatch(/INITRD agent\.img,hot\.img$/m);
  expect(text).toMatch(/pxw\.mode=work$/m);
});

it('is written by the agent itself of a client that takes snapshots, whose boot image has the programs for both', () => {
  const one = planned(
    '{ dhcp: {}, tftp: {}, backups: { password: secret, store: ./kept } }',
    `[{ name: pc, disk-image: disks/linux-bios, agent: { mode: work }, hot-backups: { take: [snapshot, { snapshot: 256KiB }] } },
      { name: tiny, disk-image: disks/linux-bios, agent: { mode: work }, hot-backups: { take: [{ snapshot: 4KiB }] }, expect-failure: { step: restic.backup } }]`,
  );
  const store = { storeFolder: '/home/somebody/scenarios/wds/kept', storePassword: 'secret' };
  expect(one?.clients).toMatchObject([
    { diskRole: 'work', snapshotBackups: { snapshotsKiB: [65_536, 256], ...store } },
    { diskRole: 'work', snapshotBackups: { snapshotsKiB: [4], mayFail: true, ...store } },
  ]);
  expect(one?.clients[0]).not.toHaveProperty('hotBackups');
  expect(one?.hosts.map(({ name }) => name)).not.toContain('host-206');
  expect(one?.bundles).toEqual(expect.arrayContaining(['agent-backup', 'agent-snapshot']));
  expect(one?.bundles).not.toContain('agent-hot');
  const [text = ''] = one?.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])) ?? [];
  expect(text).toMatch(/INITRD agent\.img,backup\.img,snapshot\.img$/m);
  expect(text).toMatch(
    /pxw\.mode=work pxw\.store=\S+ pxw\.storepassword=secret pxw\.client=pc pxw\.snapshots=65536%2C256$/m,
  );
});

it('is an entry of the boot menu, in which alone the programs are loaded, for a client that may save or restore its own', () => {
  const one = plan(
    '{ tftp: {}, images: {}, backups: {}, boot-menu: { entries: [{ name: deploy, title: D }, { name: save, title: S, mode: backup }, { name: back, title: B, mode: restore }] } }',
    'name: pc, disk: 1GiB',
  );
  const [text = ''] = one.trees[0]?.entries.flatMap((entry) => ('text' in entry ? [entry.text] : [])) ?? [];
  expect(text.match(/INITRD .*/g)).toEqual([
    'INITRD agent.img',
    ...Array<string>(2).fill('INITRD agent.img,backup.img'),
  ]);
  expect(text).toMatch(/pxw\.mode=restore .*pxw\.backupof=pc pxw\.backup=latest/);
  expect(one.bundles).toContain('agent-backup');
});
