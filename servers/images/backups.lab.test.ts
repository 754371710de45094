import { execa } from 'execa';
import { existsSync } from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST_FILE, type BackupManifest } from './backup-store/manifest.ts';
import { makeDisk, makeStore, writeBackup, type TestStore } from './backup-store/testing/written-backup.ts';

// The catalogue's program on a real store: three small file systems, two backups of one client, and one that was cut.

const PROGRAM = path.join(import.meta.dirname, 'backups.ts');
const MIB = 2 ** 20;
const FIRST = '20261126T100000Z';
const SECOND = '20261127T100000Z';
const TIME = new Date('2021-03-04T05:06:07Z');

let root: string;
let store: TestStore;
let manifest: BackupManifest;
const inRoot = (...names: string[]): string => path.join(root, ...names);

/** Folders, times, permissions, names that are hard to write, and links, three of which lead out. */
async function makeExt4(): Promise<void> {
  const tree = inRoot('tree');
  await mkdir(path.join(tree, 'etc', 'sub'), { recursive: true });
  await mkdir(path.join(tree, 'names'));
  await writeFile(path.join(tree, 'etc', 'fstab'), '/dev/vda1 / ext4\n', { mode: 0o4640 });
  await utimes(path.join(tree, 'etc', 'fstab'), TIME, TIME);
  await writeFile(path.join(tree, 'etc', 'sub', 'empty'), '');
  for (const name of [' blank ', '"quoted"', '@list', '-dash', 'st*r', 'cöln', 'a:b', 'line\nbreak', 'AA_outside'])
    await writeFile(path.join(tree, 'names', name), name);
  await symlink('sub/empty', path.join(tree, 'etc', 'inside'));
  await symlink('/etc/shadow', path.join(tree, 'etc', 'absolute'));
  await symlink('../../../outside', path.join(tree, 'etc', 'upward'));
  await symlink('sub/../../../outside', path.join(tree, 'etc', 'roundabout'));
  await execa('mkfifo', [path.join(tree, 'etc', 'pipe')]);
  await makeFile('ext4');
  await execa('mkfs.ext4', ['-q', '-O', '^metadata_csum', '-d', tree, inRoot('ext4')]);
  // A name as only a hostile file system has it.
  const image = await readFile(inRoot('ext4'));
  image.write('../outside', image.indexOf('AA_outside'), 'latin1');
  await writeFile(inRoot('ext4'), image);
}

async function makeNtfs(): Promise<void> {
  await makeFile('ntfs');
  await execa('mkntfs', ['--quiet', '--quick', '--force', inRoot('ntfs')]);
  await writeFile(inRoot('notes'), 'notes\n');
  await writeFile(inRoot('zone'), '[ZoneTransfer]\n');
  await execa('ntfscp', ['--quiet', inRoot('ntfs'), inRoot('notes'), 'Notes.txt']);
  await execa('ntfscp', ['--quiet', '-N', 'Zone.Identifier', inRoot('ntfs'), inRoot('zone'), 'Notes.txt']);
}

async function makeFile(name: string): Promise<void> {
  await execa('truncate', ['-s', String(4 * MIB), inRoot(name)]);
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-backups-'));
  await makeExt4();
  await makeNtfs();
  await makeFile('fat');
  await execa('busybox', ['mkdosfs', inRoot('fat')]);
  await writeFile(inRoot('A long name.efi'), 'loader');
  await execa('mcopy', ['-i', inRoot('fat'), inRoot('A long name.efi'), '::/']);
  await makeFile('small');
  await execa('mkswap', [inRoot('small')]);
  store = await makeStore(inRoot('store'));
  const disk = inRoot('disk');
  await makeDisk(disk, 'gpt', [
    { file: inRoot('fat'), type: 'uefi' },
    { file: inRoot('ext4') },
    { file: inRoot('ntfs') },
  ]);
  manifest = await writeBackup(store, { client: 'pc', id: FIRST, disk });
  await writeBackup(store, { client: 'pc', id: SECOND, disk, parent: FIRST });
  await writeBackup(store, { client: 'other', id: FIRST, disk: inRoot('small'), cut: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program, which leaves nothing in its temporary folder. */
async function backups(args: readonly string[], { folder, password } = store): Promise<Ended> {
  const scratch = await mkdtemp(inRoot('scratch-'));
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [PROGRAM, 'backups', ...args, `--store=${folder}`],
    { reject: false, env: { RESTIC_PASSWORD: password, TMPDIR: scratch } },
  );
  expect(await readdir(scratch)).toEqual([]);
  return { exitCode, stdout, stderr };
}

/**
 * Interrupts the program while it waits for one of its programs, which is replaced by one that never ends: the work on so small a
 * disk could be over before a signal comes. `whileItWaits` sees what there is then.
 */
async function interruptedIn(
  program: '7z' | 'qemu-img',
  args: readonly string[],
  whileItWaits: () => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = await mkdtemp(inRoot('programs-'));
  const started = path.join(folder, 'pid');
  const script = `#!/bin/sh\necho $$ >'${started}.new'\nmv '${started}.new' '${started}'\nexec sleep infinity\n`;
  await writeFile(path.join(folder, program), script, { mode: 0o755 });
  const running = execa(process.execPath, [PROGRAM, 'backups', ...args, `--store=${store.folder}`], {
    reject: false,
    env: { RESTIC_PASSWORD: store.password, ...env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  });
  await expect.poll(() => existsSync(started), { timeout: 60_000 }).toBe(true);
  await whileItWaits();
  running.kill('SIGINT');
  expect(await running).toMatchObject({ exitCode: 130, stdout: '', stderr: 'interrupted; nothing of it stays' });
  const pid = Number(await readFile(started, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
}

async function json(args: readonly string[], at = store): Promise<unknown> {
  const { stdout, stderr } = await backups([...args, '--json'], at);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${args.join(' ')}: ${stdout}${stderr}`);
  }
}

/** A client in the middle of a backup: it has its lock, and waits for data. */
async function backUpForever({ folder, password }: TestStore) {
  const client = execa('restic', ['--no-cache', '--repo', folder, 'backup', '--stdin'], {
    reject: false,
    stdin: 'pipe',
    env: { RESTIC_PASSWORD: password },
  });
  await expect.poll(() => readdir(path.join(folder, 'locks')), { timeout: 60_000 }).not.toEqual([]);
  return { kill: () => client.kill('SIGKILL'), ended: client };
}

async function snapshots({ folder, password }: TestStore): Promise<{ id: string; tags: string[] }[]> {
  const args = ['--no-cache', '--repo', folder, 'snapshots', '--json', '--no-lock'];
  const { stdout } = await execa('restic', args, { env: { RESTIC_PASSWORD: password } });
  return JSON.parse(stdout) as { id: string; tags: string[] }[];
}

/** A copy of the store that a test may damage. */
async function copyOfStore(name: string): Promise<TestStore> {
  await execa('cp', ['-a', store.folder, inRoot(name)]);
  return { ...store, folder: inRoot(name) };
}

/** A backup that has its list alone, whose streams are another one's. */
async function writeListOnly({ folder, password }: TestStore, content: BackupManifest): Promise<void> {
  const list = inRoot(`list-${content.id}`);
  await mkdir(list);
  await writeFile(path.join(list, MANIFEST_FILE), JSON.stringify(content));
  const name = [`--host=${content.client}`, `--tag=backup=${content.id}`, '--tag=manifest'];
  const env = { RESTIC_REPOSITORY: folder, RESTIC_PASSWORD: password };
  await execa('restic', ['--no-cache', 'backup', '--quiet', ...name, list], { env });
}

describe('list and show', () => {
  it.concurrent('tells clients, chain, sizes and states', async () => {
    expect(await json(['list'])).toMatchObject([
      {
        client: 'other',
        id: FIRST,
        state: 'unfinished',
        problems: ['it has no manifest: it was cut, or is still under way'],
      },
      { client: 'pc', id: FIRST, state: 'complete', kind: 'cold', parent: null, diskBytes: 14 * MIB },
      { client: 'pc', id: SECOND, state: 'complete', parent: FIRST },
    ]);
    const shown = (await backups(['show', 'pc'])).stdout;
    expect(shown).toMatch(new RegExp(`^pc/${SECOND}\n`));
    expect(shown).toMatch(/^ +chain +20261126T100000Z$/m);
    expect(shown).toMatch(/^ +2 +4\.0 MiB +ext4 +extfs +/m);
  });

  it.concurrent('fails where a client was not saved in time', async () => {
    const late = await backups(['list', '--max-age', '1h']);
    expect(late).toMatchObject({ exitCode: 1 });
    expect(late.stderr).toContain(`pc: expected a complete backup within --max-age, but its newest is ${SECOND}`);
    expect(late.stderr).toContain('other: expected a complete backup within --max-age, but it has no complete one');
    expect(await backups(['list', '--client', 'pc', '--max-age', '9999w'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.concurrent('counts no backup from the future', async () => {
    const copy = await copyOfStore('future');
    await writeBackup(copy, { client: 'pc', id: '99990101T000000Z', disk: inRoot('small') });
    await writeBackup(copy, { client: 'fast', id: '99990101T000000Z', disk: inRoot('small') });
    const late = await backups(['list', '--max-age', '1h'], copy);
    expect(late.stdout).toMatch(/^fast +99990101T000000Z +in the future /m);
    expect(late).toMatchObject({ exitCode: 1 });
    expect(late.stderr).toContain(`pc: expected a complete backup within --max-age, but its newest is ${SECOND}`);
    expect(late.stderr).toContain(
      'fast: expected a complete backup within --max-age, but all that it has are from the future',
    );
    expect((await backups(['show', 'pc'], copy)).stdout).toMatch(new RegExp(`^pc/${SECOND}\n`));
  });

  it.concurrent('lists what has an id that is no time by the time of its snapshots', async () => {
    const copy = await copyOfStore('no-time');
    const tags = ['--tag=backup=20261127T250000Z', '--tag=part=1', '--time=2026-11-27 12:00:00'];
    const env = { RESTIC_REPOSITORY: copy.folder, RESTIC_PASSWORD: copy.password, TZ: 'UTC' };
    await execa('restic', ['--no-cache', 'backup', '--quiet', '--host=pc', ...tags, '--stdin'], { env, input: 'x' });
    const listed = await json(['list', '--client', 'pc'], copy);
    expect(listed).toMatchObject([
      { id: FIRST },
      { id: SECOND },
      { id: '20261127T250000Z', state: 'unfinished', beganAt: '2026-11-27T12:00:00.000Z' },
    ]);
  });

  it.concurrent('says which partition an incomplete backup lacks, and takes the newest complete one', async () => {
    const broken = await copyOfStore('incomplete');
    const second = (await json(['show', `pc/${SECOND}`])) as { manifest: BackupManifest };
    const gone = second.manifest.partitions[1]?.snapshot ?? '';
    await rm(path.join(broken.folder, 'snapshots', gone));
    expect(await json(['list', '--client', 'pc'], broken)).toMatchObject([
      { id: FIRST, state: 'complete' },
      { id: SECOND, state: 'incomplete', problems: [`partition 2: its snapshot ${gone.slice(0, 8)} is missing`] },
    ]);
    expect(await json(['show', 'pc'], broken)).toMatchObject({ id: FIRST });
  });

  it.concurrent('refuses what it cannot use, and says what it expected', async () => {
    const refused = await Promise.all([
      backups(['browse', 'pc', '2', '/etc/fstap']),
      backups(['list', '--client', 'pd']),
      backups(['verify']),
      backups(['prune', '--keep-last', '0']),
      backups(['list', '--password-file', '/nowhere']),
      backups(['list'], { ...store, password: 'wrong' }),
      backups(['list'], { ...store, folder: inRoot('tree') }),
    ]);
    const words = [
      /^expected a path in the file system, got "\/etc\/fstap"; nearest: \/etc\/fstab/,
      /^--client: expected a client that has backups, got "pd" \(the store has: other, pc\)$/,
      /^expected backups or --all, got neither$/,
      /expected a whole number from 1/,
      /^--password-file: expected a file with a password, got ENOENT/,
      /expected the password that the store was made with, got another one/,
      /tree: expected a store of backups \(restic's repository\), got a folder without one \(repository does not exist.*\);/,
    ];
    for (const [index, { stderr, stdout, exitCode }] of refused.entries()) {
      expect(stderr).toMatch(words[index] ?? /^$/);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    }
  });
});

describe('verify and prune', () => {
  it.concurrent('finds all whole, and keeps the outcome where list tells it', async () => {
    const copy = await copyOfStore('whole');
    expect(await backups(['verify', 'pc'], copy)).toMatchObject({ exitCode: 0, stdout: `pc/${SECOND}: whole` });
    expect(await json(['verify', '--all'], copy)).toMatchObject({
      store: [],
      backups: { [`pc/${FIRST}`]: { outcome: 'whole' } },
    });
    expect(await json(['list', '--client', 'pc'], copy)).toMatchObject([
      { verified: { outcome: 'whole', problems: [] } },
      { verified: { outcome: 'whole' } },
    ]);
  });

  it.concurrent('names a pack that is missing or damaged, and the partitions that it concerns', async () => {
    const copy = await copyOfStore('damaged');
    const packs = await Promise.all(
      (await readdir(path.join(copy.folder, 'data'), { recursive: true })).map(async (file) => ({
        file: path.join(copy.folder, 'data', file),
        stats: await stat(path.join(copy.folder, 'data', file)),
      })),
    );
    // The largest has the files' contents: those of the file system on the first backup's largest stream.
    const largest = packs.filter(({ stats }) => stats.isFile()).toSorted((a, b) => b.stats.size - a.stats.size)[0];
    const pack = largest?.file ?? '';
    const bytes = await readFile(pack);
    await rm(pack);
    const missing = (await json(['verify', '--all'], copy)) as {
      store: unknown;
      backups: Record<string, { problems: string[] }>;
    };
    const file = path.relative(copy.folder, pack);
    expect(missing.store).toMatchObject([{ problem: 'pack-missing', pack: path.basename(pack), file }]);
    expect(missing.backups[`pc/${FIRST}`]?.problems).toMatchObject([expect.stringMatching(/^partition \d, snapshot /)]);
    bytes.writeUInt8(bytes.readUInt8(200) ^ 1, 200);
    await writeFile(pack, bytes, { mode: 0o400 });
    const damaged = await backups(['verify', '--all'], copy);
    expect(damaged.exitCode).toBe(1);
    expect(damaged.stdout).toContain(`store: pack-damaged ${file}: contains `);
    expect(damaged.stdout).toMatch(
      new RegExp(
        `^pc/${SECOND}: damaged\n  partition \\d, snapshot [0-9a-f]{8}: .*ciphertext verification failed`,
        'm',
      ),
    );
    expect(await json(['list', '--client', 'pc'], copy)).toMatchObject([{ verified: { outcome: 'damaged' } }, {}]);
  });

  it.concurrent('names a backup that cannot be restored, since it lacks its table', async () => {
    const copy = await copyOfStore('no-table');
    await writeListOnly(copy, { ...manifest, id: '20261127T120000Z' });
    for (const args of [
      ['verify', 'pc/20261127T120000Z'],
      ['verify', '--all'],
    ]) {
      const { exitCode, stdout } = await backups(args, copy);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^pc\/20261127T120000Z: damaged$/m);
    }
    const { stdout } = await backups(['verify', 'pc/20261127T120000Z'], copy);
    expect(stdout).toMatch(/^ {2}partition 1: its snapshot [0-9a-f]{8} is not of this backup$/m);
    expect(stdout).toMatch(/^ {2}table.sfdisk: .*cannot dump file/m);
  });

  it.concurrent('removes whole backups and what a cut one left; the child of a removed parent is whole', async () => {
    const copy = await copyOfStore('pruned');
    const upload = path.join(copy.folder, 'data', '00', 'x.rest-server-temp123');
    await writeFile(upload, 'cut');
    await utimes(upload, TIME, TIME);
    const rules = ['prune', '--keep-last', '1', '--unfinished', '0m'];
    const plan = await backups([...rules, '--dry-run'], copy);
    expect(plan.stdout.split('\n')).toEqual([
      `other/${FIRST}: would be removed (no manifest: it was cut)`,
      `pc/${FIRST}: would be removed (no rule keeps it)`,
      `pc/${SECOND}: kept (one of the last 1)`,
      'data/00/x.rest-server-temp123: would be removed (an upload that was cut)',
      'nothing was changed',
    ]);
    const client = await backUpForever(copy);
    const locked = await backups(rules, copy);
    expect(locked).toMatchObject({ exitCode: 3, stdout: '' });
    expect(locked.stderr).toMatch(/expected a store that nobody uses meanwhile, but .*already locked by PID/);
    expect(await json(['list'], copy)).toHaveLength(3);
    client.kill();
    await client.ended;
    expect(await backups([...rules, '--unlock'], copy)).toMatchObject({ exitCode: 0 });
    await expect(stat(upload)).rejects.toThrow('ENOENT');
    expect(await json(['list'], copy)).toMatchObject([{ client: 'pc', id: SECOND, state: 'complete', parent: FIRST }]);
    expect((await backups(['show', 'pc'], copy)).stdout).toContain(`${FIRST} (removed; nothing depends on it)`);
    expect(await backups(['verify', '--all'], copy)).toMatchObject({ exitCode: 0, stdout: `pc/${SECOND}: whole` });
    // Without its manifest, all of the backup looks like rubbish.
    const manifests = (await snapshots(copy)).filter(({ tags }) => tags.includes('manifest'));
    const file = path.join(copy.folder, 'snapshots', manifests[0]?.id ?? '');
    await rm(file);
    await writeFile(file, 'damaged');
    const refused = await backups(rules, copy);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('expected a store whose snapshots can all be read, got 1 that cannot');
    expect(await snapshots(copy)).toHaveLength(3);
  });
});

describe('browse and extract', () => {
  it.concurrent('lists partitions, folders, and streams', async () => {
    expect(await json(['browse', 'pc'])).toMatchObject([
      { number: 1, fileSystem: 'vfat' },
      { number: 2 },
      { number: 3 },
    ]);
    expect(await json(['browse', 'pc', '2', '/etc'])).toMatchObject([
      { path: '/etc/absolute', type: 'link', target: '/etc/shadow' },
      {
        path: '/etc/fstab',
        type: 'file',
        bytes: 17,
        mode: '-rwSr-----',
        modified: expect.stringMatching(/^2021-03-04T05:06:07/) as string,
      },
      { path: '/etc/inside', target: 'sub/empty' },
      { path: '/etc/pipe', type: 'other' },
      { path: '/etc/roundabout' },
      { path: '/etc/sub', type: 'folder', owner: `${process.getuid?.() ?? ''}:${process.getgid?.() ?? ''}` },
      { path: '/etc/upward' },
    ]);
    expect(await json(['browse', 'pc', '3', 'NOTES.TXT'])).toMatchObject([
      { path: '/Notes.txt', bytes: 6 },
      { path: '/Notes.txt', stream: 'Zone.Identifier', bytes: 15 },
    ]);
    expect(await json(['browse', 'pc', '1'])).toMatchObject([{ path: '/A long name.efi', bytes: 6, attributes: 'A' }]);
  });

  it.concurrent('recovers files with time and permissions, and nothing that leads out', async () => {
    const to = inRoot('out', 'ext4');
    const recovered = await backups(['extract', 'pc', '2', '/etc', '/names', '--to', to]);
    expect(recovered.stdout.split('\n').slice(0, -1).toSorted()).toEqual([
      '/etc/absolute: left out, since it is a link to /etc/shadow, which is outside',
      '/etc/pipe: left out, since it is a device, a pipe or a socket (prw-r--r--)',
      '/etc/roundabout: left out, since it is a link to sub/../../../outside, which is outside',
      '/etc/upward: left out, since it is a link to ../../../outside, which is outside',
      '/names/line_break: left out, since 7-Zip gives 10 bytes less than it has: its data are damaged, or its name cannot be told to 7-Zip (a line break)',
    ]);
    expect(recovered.exitCode).toBe(1);
    const fstab = await lstat(path.join(to, 'etc', 'fstab'));
    expect([fstab.mode & 0o7777, fstab.mtime]).toEqual([0o640, TIME]);
    expect(await readlink(path.join(to, 'etc', 'inside'))).toBe('sub/empty');
    const names = await readdir(path.join(to, 'names'));
    expect(names.toSorted()).toEqual(
      [' blank ', '"quoted"', '-dash', '.._outside', '@list', 'a:b', 'cöln', 'st*r'].toSorted(),
    );
    for (const name of names)
      expect(await readFile(path.join(to, 'names', name), 'utf8')).toBe(name === '.._outside' ? 'AA_outside' : name);
    expect((await readdir(inRoot('out'))).toSorted()).toEqual(['ext4']);
    const again = await backups(['extract', 'pc', '2', '/etc/fstab', '--to', to]);
    expect(again).toMatchObject({ exitCode: 3 });
    expect(again.stderr).toMatch(/expected a folder in which nothing is in the way, .*--overwrite replaces them/);
    expect(await backups(['extract', 'pc', '2', '/etc/fstab', '--to', to, '--overwrite'])).toMatchObject({
      exitCode: 0,
    });
  });

  it.concurrent('does not follow a link that is in the target', async () => {
    const to = inRoot('linked');
    await mkdir(to);
    await mkdir(inRoot('elsewhere'));
    await symlink(inRoot('elsewhere'), path.join(to, 'etc'));
    const left = await backups(['extract', 'pc', '2', '/etc/fstab', '--to', to]);
    expect(left).toMatchObject({ exitCode: 1 });
    expect(left.stdout).toContain('/etc/fstab: left out, since etc in the target is no folder');
    expect(await readdir(inRoot('elsewhere'))).toEqual([]);
  });

  it.concurrent('opens files of ext4 and FAT on standard output, recovers a stream, and gives nothing of a damaged store', async () => {
    expect(await backups(['extract', 'pc', '2', '/etc/fstab', '--to', '-'])).toMatchObject({
      exitCode: 0,
      stdout: '/dev/vda1 / ext4',
    });
    const to = inRoot('streams');
    expect(await backups(['extract', 'pc', '3', '\\notes.txt:zone.identifier', '--to', to])).toMatchObject({
      exitCode: 0,
    });
    expect(await readdir(to)).toEqual(['Notes.txt:Zone.Identifier']);
    expect(await readFile(path.join(to, 'Notes.txt:Zone.Identifier'), 'utf8')).toBe('[ZoneTransfer]\n');
    const loader = await backups(['extract', 'pc', '1', '\\a LONG name.EFI', '--to', '-']);
    expect(loader).toMatchObject({ exitCode: 0, stdout: 'loader' });
    const copy = await copyOfStore('gone');
    await rm(path.join(copy.folder, 'snapshots', manifest.partitions[1]?.snapshot ?? ''));
    const gone = await backups(['extract', `pc/${FIRST}`, '2', '/etc/fstab', '--to', '-'], copy);
    expect(gone).toMatchObject({ exitCode: 1, stdout: '' });
    expect(gone.stderr).toMatch(/^partition 2, snapshot [0-9a-f]{8}: /);
  });

  it.concurrent('removes its temporary file when it is interrupted, and ends 7-Zip', async () => {
    const scratch = inRoot('interrupted');
    await mkdir(scratch);
    await interruptedIn('7z', ['browse', 'pc', '2'], async () => expect(await readdir(scratch)).toHaveLength(1), {
      TMPDIR: scratch,
    });
    expect(await readdir(scratch)).toEqual([]);
  });
});

describe('restore and convert', () => {
  it.concurrent.each([
    [['--to', '-'], 'a disk does not go to standard output'],
    [['--to', ''], 'expected a name for a new file'],
    [['--to', 'nowhere/pc.img'], 'expected a folder in which nowhere/pc.img.new can be made, but: ENOENT'],
    [['--to', 'pc.img', '--size', '99999999TiB'], 'expected a size of less than 8192TiB'],
  ])('does not restore %j, and says what it expected', async (args, message) => {
    const { exitCode, stderr } = await backups(['restore', 'pc', ...args]);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(3);
  });

  it.concurrent('writes the whole disk of a backup to a new file, and a larger one', async () => {
    const to = inRoot('restored.img');
    expect(await json(['restore', `pc/${FIRST}`, '--to', to])).toEqual({
      backup: `pc/${FIRST}`,
      file: to,
      bytes: 14 * MIB,
    });
    expect((await readFile(to)).equals(await readFile(inRoot('disk')))).toBe(true);
    const taken = await backups(['restore', 'pc', '--to', to]);
    expect(taken).toMatchObject({ exitCode: 3, stderr: `expected a name for a new file, got ${to}, which exists` });
    const larger = await backups(['restore', 'pc', '--to', inRoot('larger.img'), '--size', '0.5GiB']);
    expect(larger).toMatchObject({ exitCode: 0, stderr: '' });
    expect(larger.stdout).toBe(
      `pc/${SECOND}: 512.0 MiB written to ${inRoot('larger.img')}\npartition 3 is 502.0 MiB now, and its file system (ntfs) with it`,
    );
    const odd = await backups(['restore', 'pc', '--to', inRoot('odd.img'), '--size', '4G']);
    expect(odd).toMatchObject({ exitCode: 3 });
    expect(odd.stderr).toContain('expected a size with its unit, e.g. 512MiB or 4GiB.');
  });

  it.concurrent('makes a virtual machine of a backup, in a folder of that name', async () => {
    const made = (await json(['convert', 'pc', '--format', 'qcow2', '--out', inRoot('machine')])) as {
      files: readonly string[];
    };
    expect(made).toMatchObject({ backup: `pc/${SECOND}`, format: 'qcow2', bytes: 14 * MIB });
    expect(made.files).toEqual(['qcow2', 'xml'].map((end) => inRoot('machine', `pc-${SECOND}.${end}`)));
    await execa('qemu-img', ['compare', '-F', 'raw', made.files[0] ?? '', inRoot('disk')]);
    const { exitCode, stderr } = await backups(['convert', 'pc', '--format', 'vdi']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Allowed choices are vmdk, vhdx, vpc, parallels, qcow2, raw.');
  });

  it.concurrent('begins nothing with a backup that is incomplete', async () => {
    const copy = await copyOfStore('half');
    await rm(path.join(copy.folder, 'snapshots', manifest.partitions[1]?.snapshot ?? ''));
    const half = await backups(['restore', `pc/${FIRST}`, '--to', inRoot('half.img')], copy);
    expect(half).toMatchObject({ exitCode: 1, stdout: '' });
    expect(half.stderr).toMatch(
      /^expected a complete backup, got pc\/\w+, which is incomplete: partition 2: its snapshot/,
    );
  });

  it.concurrent('leaves nothing of a conversion that is interrupted, and ends qemu-img', async () => {
    const folder = inRoot('broken-off');
    await mkdir(folder);
    await interruptedIn(
      'qemu-img',
      ['convert', 'pc', '--format', 'vhdx', `--out=${path.join(folder, 'vm')}`],
      async () => expect(await readdir(folder)).toEqual(['vm.new']),
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
