import { execa } from 'execa';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackupStore } from '../servers/images/backup-store.ts';
import { readBackupManifest, type BackupManifest } from '../servers/images/backup-store/manifest.ts';
import type { Running } from '../servers/service/service.ts';
import { ensureBundles } from './index.ts';
import { pseudoRandomBytes } from './pseudo-random.ts';

// The agent's scripts save and restore disks which are files, with the programs of the initramfs and a store that is served.
// testing/disk-agent.sh stands for the computer.

const MIB = 1024 * 1024;
const SECTOR = 512;
const PASSWORD = 'secret, with a blank';
const AGENT = path.join(import.meta.dirname, 'agent');
const CONTENT = pseudoRandomBytes('disk agent', 3 * MIB);

/** The initramfs, unpacked: each run of the agent has a `/run` of its own in it. */
let root: string;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'pxewright-disk-agent-'));
  root = path.join(scratch, 'root');
  for (const folder of ['dev', 'proc', 'run', 'tmp', 'bin', 'agent'])
    await mkdir(path.join(root, folder), { recursive: true });
  await cp('/bin/busybox', path.join(root, 'bin', 'busybox'));
  const { stdout } = await execa('/bin/busybox', ['--list']);
  for (const name of stdout.split('\n').filter((name) => name !== 'busybox'))
    await symlink('busybox', path.join(root, 'bin', name));
  const bundle = (await ensureBundles(['agent-backup'])).get('agent-backup');
  const image = path.join(bundle?.folder ?? '', 'backup.img');
  await execa('sh', ['-c', 'zstd -qdc "$1" | cpio -idm --quiet', 'unpack', image], { cwd: root });
  await cp(path.join(AGENT, 'lib'), path.join(root, 'agent'), { recursive: true });
  await cp(path.join(AGENT, 'json.awk'), path.join(root, 'agent', 'json.awk'));
  await cp(path.join(import.meta.dirname, 'testing', 'disk-agent.sh'), path.join(root, 'agent', 'disk-agent.sh'));
  await writeFile(path.join(scratch, 'content'), CONTENT);
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A store that is served, and computers that know it. */
class Lab {
  readonly folder: string;
  readonly #running: Running;
  #runs = 0;

  private constructor(folder: string, running: Running) {
    this.folder = folder;
    this.#running = running;
  }

  static async with(use: (lab: Lab) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(path.join(scratch, 'lab-'));
    const config = { address: '127.0.0.1', port: 0, root: path.join(folder, 'store'), password: PASSWORD };
    const lab = new Lab(folder, await startBackupStore({ ...config, startTimeoutMs: 20_000 }, () => undefined));
    try {
      await use(lab);
    } finally {
      await lab.stop();
    }
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }

  get address(): string {
    return this.#running.listening[0]?.replace('/tcp', '') ?? '';
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Runs the agent in a role on `disk`; what it reports. `during` gets each event while the agent runs. */
  async agent(
    mode: 'backup' | 'restore',
    disk: string,
    told: Readonly<Record<string, string>> = {},
  ): Promise<AgentRun> {
    const run = this.file(`run-${this.#runs++}`);
    await mkdir(run);
    await writeFile(path.join(run, 'disk'), '');
    const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const script =
      'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind "$2" "$1/run" && mount --bind "$3" "$1/run/disk" && ' +
      'root=$1 && shift 3 && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /bin/sh /agent/disk-agent.sh "$@"';
    const words = Object.entries({
      option_store: this.address,
      option_storepassword: PASSWORD,
      option_client: 'pc',
      ...told,
    }).map(([name, value]) => `${name}=${value}`);
    await execa('unshare', [
      ...[...namespace, '--mount', '--pid', '--uts', '--fork', 'sh', '-c', script, 'test', root, run, disk],
      ...[mode, ...words],
    ]);
    const events = (await readFile(path.join(run, 'events'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AgentEvent);
    return { run, events, result: events.at(-1) };
  }

  /** Backs a disk up; its manifest. */
  async backup(disk: string, told?: Readonly<Record<string, string>>): Promise<BackupManifest> {
    const { run, events, result } = await this.agent('backup', disk, told);
    expect(result).toMatchObject({ event: 'agent.result', ok: true });
    const saved = events.find(({ event }) => event === 'agent.backed-up');
    const text = await readFile(path.join(run, `backup-${String(saved?.['id'])}`, 'backup.json'), 'utf8');
    const { manifest, message } = readBackupManifest(text);
    if (manifest === undefined) throw new Error(message);
    expect(saved).toMatchObject({ id: manifest.id, partitions: manifest.partitions.length });
    return manifest;
  }

  /** Restores to an empty disk of that size; its file. */
  async restored(bytes: number, told?: Readonly<Record<string, string>>): Promise<string> {
    const disk = await emptyFile(this.file(`restored-${this.#runs}.img`), bytes);
    expect((await this.agent('restore', disk, told)).result).toMatchObject({ event: 'agent.result', ok: true });
    return disk;
  }

  /** restic on the store's folder, without the server. */
  async restic(...args: readonly string[]): Promise<string> {
    const { stdout } = await execa('restic', ['--no-cache', '--repo', this.file('store'), ...args], {
      env: { RESTIC_PASSWORD: PASSWORD },
    });
    return stdout;
  }
}

type AgentEvent = Readonly<Record<string, unknown>> & { readonly event: string };
interface AgentRun {
  /** Its `/run`. */
  readonly run: string;
  readonly events: readonly AgentEvent[];
  readonly result: AgentEvent | undefined;
}

async function emptyFile(file: string, bytes: number): Promise<string> {
  await writeFile(file, '');
  await truncate(file, bytes);
  return file;
}

/** Makes a file system with CONTENT in it, or a swap area. */
async function makeFileSystem(kind: 'ext4' | 'ntfs' | 'vfat' | 'swap', file: string, bytes: number): Promise<void> {
  await emptyFile(file, bytes);
  const content = path.join(scratch, 'content');
  if (kind === 'ext4') {
    await execa('mkfs.ext4', ['-q', file]);
    await execa('debugfs', ['-w', '-R', `write ${content} content`, file]);
  } else if (kind === 'ntfs') {
    await execa('mkntfs', ['--quiet', '--quick', '--force', file]);
    await execa('ntfscp', ['--quiet', file, content, 'content']);
  } else await execa('busybox', [kind === 'vfat' ? 'mkdosfs' : 'mkswap', file]);
}

/** Divides a file as sfdisk is told, and fills its first MiB behind the table like a boot loader. */
async function makeDisk(file: string, bytes: number, table: readonly string[]): Promise<string> {
  await emptyFile(file, bytes);
  await execa('sfdisk', ['--quiet', file], { input: `${table.join('\n')}\n` });
  const boot = pseudoRandomBytes('boot code', MIB);
  const gap = table[0] === 'label: gpt' ? 34 : 1;
  await place(file, boot.subarray(0, 440), 0);
  await place(file, boot.subarray(gap * SECTOR), gap);
  return file;
}

/** Writes bytes, or a file, to a file from a sector on. */
async function place(file: string, content: Uint8Array | string, sector: number): Promise<void> {
  const from = typeof content === 'string' ? [`if=${content}`] : [];
  const options = typeof content === 'string' ? {} : { input: content };
  await execa(
    'dd',
    [...from, `of=${file}`, `bs=${SECTOR}`, `seek=${sector}`, 'conv=notrunc', 'iflag=fullblock', 'status=none'],
    options,
  );
}

/** A piece of a disk as a file of its own. */
async function piece(disk: string, startSector: number, sectors: number): Promise<string> {
  const file = `${disk}.${startSector}`;
  await execa('dd', [
    `if=${disk}`,
    `of=${file}`,
    `bs=${SECTOR}`,
    `skip=${startSector}`,
    `count=${sectors}`,
    'status=none',
  ]);
  return file;
}

const isSame = async (one: string, other: string): Promise<boolean> =>
  (await execa('cmp', ['--silent', one, other], { reject: false })).exitCode === 0;

/** Lines of sfdisk's dump of a disk, without its name. */
const dump = async (disk: string): Promise<string[]> =>
  (await execa('sfdisk', ['-d', disk])).stdout
    .replaceAll(disk, 'disk')
    .split('\n')
    .filter((line) => line !== '');

const EXT4_START = 53_248;
const GPT_BYTES = 64 * MIB;

/** ESP, NTFS, swap, something without a file system, and ext4 up to the end. */
async function gptDisk(lab: Lab): Promise<string> {
  const disk = await makeDisk(lab.file('gpt.img'), GPT_BYTES, [
    'label: gpt',
    'start=2048, size=8192, type=U, name="EFI system partition"',
    String.raw`start=10240, size=32768, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name="Basic data \x22c\x22", attrs="GUID:63"`,
    'start=43008, size=8192, type=S',
    'start=51200, size=2048, type=21686148-6449-6E6F-744E-656564454649',
    `start=${EXT4_START}, type=L, name="système"`,
  ]);
  const file = lab.file('content');
  for (const [kind, start, sectors] of [
    ['vfat', 2048, 8192],
    ['ntfs', 10_240, 32_768],
    ['swap', 43_008, 8192],
    ['ext4', EXT4_START, 75_743],
  ] as const) {
    await makeFileSystem(kind, file, Math.floor((sectors * SECTOR) / 4096) * 4096);
    await place(disk, file, start);
  }
  await place(disk, pseudoRandomBytes('core image', MIB), 51_200);
  return disk;
}

describe("the agent's backup and restore", () => {
  it.concurrent(
    'save a disk, and write it back byte for byte, to a larger one with its last partition grown',
    { timeout: 120_000 },
    () =>
      Lab.with(async (lab) => {
        const disk = await gptDisk(lab);
        const manifest = await lab.backup(disk);
        expect(manifest).toMatchObject({
          client: 'pc',
          mac: '52:54:00:12:34:56',
          firmware: 'bios',
          parent: null,
          disk: { bytes: GPT_BYTES, sectorBytes: SECTOR, label: 'gpt' },
          partitions: [
            { number: 1, fileSystem: 'vfat', format: 'fat', name: 'EFI system partition' },
            { number: 2, fileSystem: 'ntfs', format: 'ntfs', name: 'Basic data "c"' },
            { number: 3, fileSystem: 'swap', format: 'swap', bytes: 4096 },
            { number: 4, fileSystem: 'unknown', format: 'raw', bytes: MIB },
            { number: 5, fileSystem: 'ext4', format: 'extfs', name: 'système' },
          ],
        });
        expect(await isSame(await lab.restored(GPT_BYTES), disk)).toBe(true);

        const larger = await lab.restored(GPT_BYTES + 32 * MIB, {
          option_client: 'other',
          option_backupof: 'pc',
          option_backup: manifest.id,
        });
        const [before, after] = [await dump(disk), await dump(larger)];
        expect(after.slice(0, -1)).toEqual(
          before.slice(0, -1).map((line) => line.replace(/^last-lba: .*/, 'last-lba: 196574')),
        );
        expect(after.at(-1)).toBe(before.at(-1)?.replace(/size= *\d+/, 'size=      141312'));
        expect(await isSame(await piece(larger, 34, EXT4_START - 34), await piece(disk, 34, EXT4_START - 34))).toBe(
          true,
        );
        const system = await piece(larger, EXT4_START, 141_312);
        await execa('e2fsck', ['-fn', system]);
        expect((await execa('dumpe2fs', ['-h', system])).stdout).toMatch(/Block count: +70656\n/);
        const { stdout } = await execa('debugfs', ['-R', 'cat content', system], { encoding: 'buffer' });
        expect(Buffer.from(stdout).equals(CONTENT)).toBe(true);

        const small = await emptyFile(lab.file('small.img'), GPT_BYTES - 2 * MIB);
        expect((await lab.agent('restore', small)).result).toMatchObject({
          ok: false,
          stage: 'partition',
          error: `disk /run/disk is too small: it has 65011712 bytes (62 MiB), backup ${manifest.id} needs 66077184 (64 MiB)`,
        });
        expect(await isSame(small, await emptyFile(lab.file('empty.img'), GPT_BYTES - 2 * MIB))).toBe(true);
      }),
  );
});
