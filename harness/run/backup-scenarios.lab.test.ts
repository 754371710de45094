import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BACKUP_JOBS, EVIDENCE } from '../../reports/file-names.ts';
import type { Job } from '../../servers/state/job-log.ts';
import { BundledRun } from './testing/bundled-run.ts';

// The bundled scenarios of backup and restore, as a user would run them. All assertions share these boots.

let run: BundledRun;
beforeAll(async () => {
  run = await BundledRun.start('^backup/');
}, 2_400_000);
afterAll(() => run[Symbol.asyncDispose]());

/** What the agent of a client said in an event of that name, the last time. */
const said = (id: string, client: string, event: string) =>
  run.client(id, client).guest?.agent.findLast((one) => one.event === event)?.detail;

/** Lines of a file beside the service of a scenario's store, in their order. */
async function storeLines<Line>(id: string, file: string): Promise<readonly Line[]> {
  const folder = join(dirname(run.evidence(run.scenario(id).capture?.file)), EVIDENCE.services);
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const storeEvents = (id: string) =>
  storeLines<{ readonly event: string; readonly how?: string }>(id, 'backup-store@host-207.jsonl');

/** Jobs that have ended, in the order of their ends. */
async function endedJobs(id: string): Promise<readonly Job[]> {
  return (await storeLines<Job>(id, BACKUP_JOBS)).filter(({ endedAt }) => endedAt !== undefined);
}

describe('pxewright run scenarios/backup', () => {
  it('passes every scenario and says so', () => {
    expect(run.notPassed()).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.scenarios.length).toBeGreaterThanOrEqual(17);
  });

  it('loses no frame of any capture', () => {
    expect(run.lossy()).toEqual([]);
  });

  it.each<[id: string, client: string, step: string, cause: string, words: RegExp]>([
    ['store-password-wrong', 'pc', 'restic.open', 'store-wrong-password', /wrong password of the store/],
    ['store-full', 'pc', 'restic.backup', 'store-full', /the store is full \(507/],
    [
      'store-unreachable',
      'pc',
      'tcp.connect',
      'store-unreachable',
      /no store of backups answers at 172\.22\.52\.207:8000/,
    ],
    ['snapshot', 'pc', 'restic.backup', 'vm-ended-early', /the snapshot of \/dev\/vda1 is lost: .* than the 64 KiB /],
    [
      'store-certificate-expired',
      'pc',
      'tls.alert',
      'certificate-refused',
      /the certificate of the store is refused: .*has expired/,
    ],
    ['disk-too-small', 'small', 'restic.restore', 'vm-ended-early', /disk \/dev\/vda is too small: .*128 MiB/],
    ['disk-too-small', 'stranger', 'restic.restore', 'vm-ended-early', /has no backup of nobody/],
    [
      'backup-incomplete',
      'replacement',
      'restic.restore',
      'vm-ended-early',
      /is incomplete: the store has no snapshot/,
    ],
  ])('%s: %s fails at %s because of %s, and its agent says so', (id, client, step, cause, words) => {
    const failed = run.client(`backup/${id}`, client).steps.find((one) => one.verdict === 'failed');
    expect(failed).toMatchObject({ step, cause });
    expect(said(`backup/${id}`, client, 'agent.result')).toMatchObject({
      ok: false,
      error: expect.stringMatching(words) as string,
    });
  });

  it('a backup over TLS is judged by its connections and volumes, and the result says so', () => {
    for (const [client, operation] of [
      ['pc', 'write'],
      ['replacement', 'get'],
    ] as const) {
      const { findings, steps, transfers } = run.client('backup/store-over-tls', client);
      expect(findings).toEqual([expect.stringMatching(/judged by its connections and volumes/)]);
      expect(steps.filter(({ step }) => step.startsWith('restic.'))).toEqual([]);
      expect(transfers.filter(({ protocol, bytes }) => protocol === 'tls' && bytes > 1_000_000)).toMatchObject([
        { operation },
      ]);
    }
    expect(run.client('backup/store-over-tls', 'pc').phases['backup']).toBeGreaterThan(0);
    expect(run.client('backup/store-over-tls', 'replacement').phases['restore']).toBeGreaterThan(0);
  });

  it.each([
    [
      'cut-off',
      'restic.backup',
      'backup',
      /^saving partition 1 of \/dev\/vda: the network card has had no link for 6\d s/,
    ],
    [
      'half-restored',
      'restic.restore',
      'restore',
      /^\/dev\/vda is incomplete: reading partition 1 of backup \S+: the network card has had no link/,
    ],
  ] as const)('network-lost: %s fails at %s, and its agent says why', (client, step, stage, words) => {
    const failed = run.client('backup/network-lost', client).steps.find((one) => one.verdict === 'failed');
    expect(failed?.step).toBe(step);
    expect(said('backup/network-lost', client, 'agent.result')).toMatchObject({
      ok: false,
      stage,
      error: expect.stringMatching(words) as string,
    });
  });

  it.each([
    ['store-locked', 'pc', 'restic.lock', 'store-locked'],
    ['pack-damaged', 'replacement', 'restic.restore', 'pack-damaged'],
    ['pack-missing', 'replacement', 'restic.restore', 'pack-missing'],
    ['power-off-while-restoring', 'cut', 'restic.restore', 'vm-ended-early'],
  ])('%s: %s fails at %s because of %s', (id, client, step, cause) => {
    const failed = run.client(`backup/${id}`, client).steps.find((one) => one.verdict === 'failed');
    expect(failed).toMatchObject({ step, cause });
    expect(failed?.why).toBeTruthy();
  });
});

describe('a disk that was restored', () => {
  it.each([
    ['backup-and-restore', 'replacement', 'bios', 1],
    ['backup-and-restore-uefi', 'replacement', 'uefi', 3],
  ])('%s: %s starts by itself', (id, client, firmware, partitions) => {
    const result = run.client(`backup/${id}`, client);
    expect(result.firmware).toBe(firmware);
    expect(said(`backup/${id}`, client, 'agent.restored')).toMatchObject({ client: 'pc', partitions });
    expect(result.guest?.disk).toMatchObject({ bootedBySelf: true });
    expect(said(`backup/${id}`, client, 'installed.up')).toBeDefined();
  });

  it.each([
    ['backup-and-restore', 'replacement', ['ext4']],
    ['backup-and-restore-uefi', 'replacement', ['vfat', 'swap', 'ext4']],
    ['store-gone-in-backup', 'replacement', ['ext4']],
    ['store-gone-in-restore', 'replacement', ['vfat', 'swap', 'ext4']],
    ['network-lost', 'restored', ['ext4']],
    ['two-at-once', 'replacement', ['ext4']],
    ['power-off-while-restoring', 'again', ['ext4']],
    ['store-over-tls', 'replacement', ['ext4']],
  ])('%s: %s has the disk that was saved, in every file', (id, client, fileSystems) => {
    const { disk } = run.client(`backup/${id}`, client).guest ?? {};
    expect(disk?.differences).toEqual([]);
    expect(disk?.partitions?.map(({ fileSystem }) => fileSystem)).toEqual(fileSystems);
    expect(disk?.filesCompared).toBeGreaterThan(40);
  });

  it('took as long to save and to restore as the phases say, and was stored compressed', () => {
    const [saved, restored] = ['pc', 'replacement'].map((name) => run.client('backup/backup-and-restore', name));
    expect(saved?.phases['backup']).toBeGreaterThan(0);
    expect(restored?.phases['restore']).toBeGreaterThan(0);
    const { bytes = 0, storedBytes = 0 } = (said('backup/backup-and-restore', 'pc', 'agent.backed-up') ?? {}) as {
      bytes?: number;
      storedBytes?: number;
    };
    expect(storedBytes).toBeGreaterThan(0);
    expect(storedBytes).toBeLessThan(bytes);
    const uploaded = saved?.transfers.filter(({ protocol }) => protocol === 'restic').map((one) => one.bytes) ?? [];
    expect(Math.max(...uploaded)).toBeLessThanOrEqual(storedBytes * 1.05);
  });
});

describe('a backup that becomes a virtual machine', () => {
  it.each([
    ['pc', 'bios', ['vpc', 'parallels', 'qcow2']],
    ['workstation', 'uefi', ['vmdk', 'vhdx']],
  ])('of %s (%s) starts from every disk that it was made into: %j', (client, firmware, formats) => {
    const result = run.client('backup/to-virtual-machines', client);
    expect(result.firmware).toBe(firmware);
    const { virtualMachines = [], agent = [] } = result.guest ?? {};
    const { id, bytes: disk } = Object.fromEntries(
      agent.flatMap(({ event, detail = {} }) => {
        if (event === 'agent.backed-up') return [['id', detail['id']]];
        return event === 'agent.backup-found' ? [['bytes', detail['bytes']]] : [];
      }),
    ) as { readonly id?: string; readonly bytes?: number };
    expect(virtualMachines.map(({ format }) => format)).toEqual(formats);
    for (const { backup, bytes, startedBySelf } of virtualMachines)
      expect({ backup, bytes, startedBySelf }).toEqual({
        backup: `${client}/${id ?? ''}`,
        bytes: disk,
        startedBySelf: true,
      });
  });

  it('has beside its disk what its target imports', () => {
    const extensions = ['pc', 'workstation'].flatMap((client) =>
      (run.client('backup/to-virtual-machines', client).guest?.virtualMachines ?? []).flatMap(({ format, files }) =>
        files.map((file) => [format, file.slice(file.lastIndexOf('.'))].join(' ')),
      ),
    );
    expect(new Set(extensions)).toEqual(
      new Set([
        ...['vmdk .vmdk', 'vmdk .ovf', 'vmdk .mf'],
        ...['vpc .vhd', 'vpc .ps1', 'vhdx .vhdx', 'vhdx .ps1'],
        ...['parallels .hds', 'parallels .xml', 'qcow2 .qcow2', 'qcow2 .xml'],
      ]),
    );
  });
});

describe('a computer that saves itself while it works', () => {
  const backups = (client: string) => run.client('backup/snapshot', client).guest?.hotBackups;

  it('saves clean file systems, and in the second backup only what is new', () => {
    const [first, second] = backups('uefi') ?? [];
    expect(backups('uefi')).toHaveLength(2);
    for (const one of [first, second]) expect(one).toMatchObject({ kind: 'snapshot', clean: true });
    expect(second?.records).toBeGreaterThan(first?.records ?? Number.POSITIVE_INFINITY);
    // Its log and the file system's own words: the 4 MiB of random bytes, more than half of the disk, are not there again.
    expect(second?.storedBytes).toBeLessThan((first?.storedBytes ?? 0) / 3);
  });

  it('goes on when a snapshot has too little room, of which there is no backup', () => {
    expect(backups('pc')).toMatchObject([{ clean: true }]);
    expect(said('backup/snapshot', 'pc', 'agent.snapshot')).toMatchObject({ state: 'removed', valid: false });
    const agent = run.client('backup/snapshot', 'pc').guest?.agent ?? [];
    const failed = agent.findIndex(({ event }) => event === 'agent.backup-failed');
    const told = (records: typeof agent) =>
      Number(records.findLast(({ event }) => event === 'agent.work')?.detail?.['records']);
    expect(told(agent)).toBeGreaterThan(told(agent.slice(0, failed)));
  });

  it('has a newest backup that starts as a virtual machine', () => {
    const [, newest] = backups('uefi') ?? [];
    expect(run.client('backup/snapshot', 'uefi').guest?.virtualMachines).toMatchObject([
      { backup: `uefi/${newest?.id ?? ''}`, startedBySelf: true },
    ]);
  });
});

describe('a computer that recovers files of a backup', () => {
  const ID = 'backup/recover-files';
  const recovered = (client: string) => run.client(ID, client).guest?.recovered;

  it.each([
    ['pc-later', ['/etc/hostname', '/var/lib/work/index', '/var/lib/work/log']],
    ['workstation', ['/var/lib/work/index', '/var/lib/work/log']],
  ])('%s: has %j on its disk, as the backup has them', (client, paths) => {
    const { backup = '', files = [] } = recovered(client) ?? {};
    expect(files.map(({ path }) => path).toSorted()).toEqual(paths);
    const told = said(ID, client, 'agent.recovered') ?? {};
    expect(`pc/${String(told['id'])}`).toBe(backup);
    expect(told['files']).toBe(paths.length);
    expect(told['bytes']).toBe(files.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const { path, sha256 } of files) expect(told['listed']).toContainEqual({ path, sha256 });
    expect(run.client(ID, client).findings ?? []).toEqual([]);
  });

  it('has older files than it had, starts from its disk, and got them after it had waited', () => {
    const { guest } = run.client(ID, 'pc-later');
    expect(guest?.disk).toMatchObject({ bootedBySelf: true });
    const events = (guest?.agent ?? []).map(({ event }) => event);
    expect(events.indexOf('agent.waits')).toBeGreaterThan(events.indexOf('agent.system-found'));
    expect(events.indexOf('agent.recovered')).toBeGreaterThan(events.indexOf('agent.waits'));
  });

  it('is told of a path that the backup lacks', () => {
    expect(said(ID, 'stranger', 'agent.result')).toMatchObject({
      ok: false,
      stage: 'wait',
      error: expect.stringMatching(/^the files do not come: .*\/etc\/nowhere/) as string,
    });
    expect(recovered('stranger')).toBeUndefined();
  });
});

describe('the store of disk backups', () => {
  it.each([
    ['store-gone-in-backup', ['gone', 'back']],
    ['store-gone-in-restore', ['gone', 'back']],
    ['store-unreachable', ['gone']],
    ['store-locked', ['stale-lock']],
    ['pack-damaged', ['damage-pack']],
    ['pack-missing', ['remove-pack']],
    ['backup-incomplete', ['remove-snapshot']],
    ['backup-and-restore', []],
  ])('%s: misbehaves as the scenario says, once: %j', async (id, expected) => {
    const events = await storeEvents(`backup/${id}`);
    const done = events.flatMap(({ event, how }) => how ?? (event === 'back' ? event : []));
    expect(done).toEqual(expected);
  });

  it('takes the backups of two computers at once, whole ones', () => {
    for (const [name, partitions] of [
      ['pc', 1],
      ['workstation', 3],
    ] as const)
      expect(said('backup/two-at-once', name, 'agent.backed-up')).toMatchObject({ partitions });
  });
});

describe('the log of jobs', () => {
  it.each<[id: string, client: string, kind: string, outcome: string, reason: RegExp | undefined]>([
    ['backup-and-restore', 'pc', 'backup', 'done', undefined],
    ['backup-and-restore', 'replacement', 'restore', 'done', undefined],
    ['store-full', 'pc', 'backup', 'failed', /the store is full \(507/],
    ['disk-too-small', 'stranger', 'restore', 'failed', /has no backup of nobody/],
    ['power-off-while-restoring', 'cut', 'restore', 'interrupted', /^the client ended: host-quit$/],
  ])('%s: tells what %s attempted: %s, %s', async (id, client, kind, outcome, reason) => {
    const own = (await endedJobs(`backup/${id}`)).filter((job) => job.client === client);
    expect(own).toMatchObject([{ kind, by: 'agent', outcome }]);
    if (reason === undefined)
      expect(own[0]).toMatchObject({ backup: expect.stringMatching(/^pc\/\d{8}T\d{6}Z$/) as string });
    else expect(own[0]?.reason).toMatch(reason);
  });

  it('has backups that began in the distance of their schedule, of which retention keeps two', async () => {
    const jobs = await endedJobs('backup/hot-backup');
    const saved = jobs.filter(({ client, kind }) => client === 'pc' && kind === 'backup');
    expect(saved.map(({ by, outcome }) => [by, outcome])).toEqual(Array<string[]>(3).fill(['hypervisor', 'done']));
    const [first = 0, ...later] = saved.map(({ dueAt = '' }) => Date.parse(dueAt));
    expect(later.map((dueMs) => dueMs - first)).toEqual([20_000, 40_000]);
    for (const { beganAt, dueAt = '' } of saved.slice(1)) expect(beganAt >= dueAt).toBe(true);
    const { hotBackups = [] } = run.client('backup/hot-backup', 'pc').guest ?? {};
    expect(hotBackups.map(({ removed }) => removed)).toEqual([true, undefined, undefined]);
    const prunings = jobs.filter(({ kind }) => kind === 'prune');
    expect(prunings.map(({ by }) => by)).toEqual(Array<string>(5).fill('lab'));
    expect(prunings.map(({ outcome }) => outcome)).not.toContain('failed');
  });
});
