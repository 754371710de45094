import { execa } from 'execa';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MANIFEST_FILE, type BackupManifest, type BackupPartition } from '../manifest.ts';

// Backups for tests, written as the agent in a VM writes them, with the programs of this host: restic, partclone, sfdisk.

/** Where the backup goes: a folder that `makeStore` made, or the address of a server (`rest:http://…/`). */
export interface TestStore {
  readonly folder: string;
  readonly password: string;
}

export interface TestBackup {
  readonly client: string;
  readonly id: string;
  /** Raw image of the whole disk. */
  readonly disk: string;
  readonly kind?: BackupManifest['kind'];
  readonly firmware?: BackupManifest['firmware'];
  readonly parent?: string;
  /** How it ends: without `manifest` it is cut after its partitions. */
  readonly cut?: true;
}

/** Size and type of a partition of `makeDisk`, and the image of its content. */
export interface TestPartition {
  readonly file: string;
  /** As sfdisk takes it; default: Linux. */
  readonly type?: string;
}

const PAGE_BYTES = 4096;
const MIB = 2 ** 20;

/** An empty store. */
export async function makeStore(folder: string, password = 'secret'): Promise<TestStore> {
  const store = { folder, password };
  await restic(store, ['init', '--quiet']);
  return store;
}

/** A disk with the table `label` and these partitions one after the other, each on a whole MiB. */
export async function makeDisk(
  disk: string,
  label: 'gpt' | 'dos',
  partitions: readonly TestPartition[],
): Promise<void> {
  let start = MIB;
  const placed: { readonly file: string; readonly start: number; readonly bytes: number; readonly type: string }[] = [];
  for (const { file, type = 'linux' } of partitions) {
    const bytes = Math.ceil((await stat(file)).size / MIB) * MIB;
    placed.push({ file, start, bytes, type });
    start += bytes;
  }
  await execa('truncate', ['-s', String(start + MIB), disk]);
  const rows = placed.map(({ start, bytes, type }) => `start=${start / 512}, size=${bytes / 512}, type=${type}`);
  await execa('sfdisk', ['--quiet', disk], { input: [`label: ${label}`, ...rows, ''].join('\n') });
  for (const { file, start } of placed)
    await execa('dd', [
      `if=${file}`,
      `of=${disk}`,
      'bs=1M',
      `seek=${start / MIB}`,
      'conv=notrunc,sparse',
      'status=none',
    ]);
}

/** Backs up a disk; what the manifest of the backup says. */
export async function writeBackup(store: TestStore, backup: TestBackup): Promise<BackupManifest> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'pxewright-written-backup-'));
  try {
    const folder = path.join(scratch, `backup-${backup.id}`);
    await mkdir(folder);
    const { disk, found } = await dividedDisk(backup.disk, folder);
    const partitions: BackupPartition[] = [];
    for (const one of found) partitions.push(await savePartition(store, backup, disk, one, scratch));
    const began = backup.id.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
    const manifest: BackupManifest = {
      format: 1,
      id: backup.id,
      client: backup.client,
      mac: '52:54:00:12:34:56',
      firmware: backup.firmware ?? 'bios',
      kind: backup.kind ?? 'cold',
      parent: backup.parent ?? null,
      beganAt: began,
      endedAt: new Date(Date.parse(began) + 60_000).toISOString(),
      disk,
      partitions,
    };
    await writeFile(path.join(folder, MANIFEST_FILE), JSON.stringify(manifest));
    if (backup.cut === undefined) await saveManifest(store, backup, folder);
    return manifest;
  } finally {
    await rm(scratch, { recursive: true });
  }
}

type Found = Pick<BackupPartition, 'number' | 'startSector' | 'sectors' | 'type' | 'name' | 'uuid'>;

interface SfdiskTable {
  readonly label: 'gpt' | 'dos';
  readonly sectorsize: number;
  readonly partitions?: readonly {
    readonly node: string;
    readonly start: number;
    readonly size: number;
    readonly type: string;
    readonly uuid?: string;
    readonly name?: string;
  }[];
}

/** What is on the disk, with its table and boot code in `folder`. */
async function dividedDisk(
  file: string,
  folder: string,
): Promise<{ readonly disk: BackupManifest['disk']; readonly found: readonly Found[] }> {
  const { size } = await stat(file);
  const { stdout, exitCode } = await execa('sfdisk', ['--json', file], { reject: false });
  const about = { name: 'vda', bytes: size, sectorBytes: 512 };
  if (exitCode !== 0)
    return { disk: { ...about, label: 'none' }, found: [{ number: 0, startSector: 0, sectors: size / 512 }] };
  const { label, partitions = [] } = (JSON.parse(stdout) as { readonly partitiontable: SfdiskTable }).partitiontable;
  await writeFile(path.join(folder, 'table.sfdisk'), (await execa('sfdisk', ['--dump', file])).stdout);
  const first = Math.min(2048, ...partitions.map(({ start }) => start));
  await execa('dd', [`if=${file}`, `of=${path.join(folder, 'boot.bin')}`, `count=${first}`, 'status=none']);
  const found = partitions.map(({ node, start, size: sectors, type, uuid, name }) => ({
    number: Number(/\d+$/.exec(node)?.[0]),
    startSector: start,
    sectors,
    type,
    ...(uuid === undefined ? {} : { uuid }),
    ...(name === undefined ? {} : { name }),
  }));
  return { disk: { ...about, label }, found };
}

/** Formats by what blkid calls a file system. */
const FORMATS: Readonly<Record<string, BackupPartition['format']>> = {
  ext2: 'extfs',
  ext3: 'extfs',
  ext4: 'extfs',
  ntfs: 'ntfs',
  vfat: 'fat',
  swap: 'swap',
};

async function savePartition(
  store: TestStore,
  { client, id, disk: file }: TestBackup,
  { sectorBytes }: BackupManifest['disk'],
  found: Found,
  scratch: string,
): Promise<BackupPartition> {
  const volume = path.join(scratch, `part-${found.number}`);
  await execa('dd', [
    `if=${file}`,
    `of=${volume}`,
    'bs=1M',
    `skip=${found.startSector * sectorBytes}`,
    `count=${found.sectors * sectorBytes}`,
    'iflag=skip_bytes,count_bytes',
    'conv=sparse',
    'status=none',
  ]);
  await execa('truncate', ['-s', String(found.sectors * sectorBytes), volume]);
  const { stdout: type } = await execa('blkid', ['-p', '-o', 'value', '-s', 'TYPE', volume], { reject: false });
  const format = FORMATS[type] ?? 'raw';
  const summary = await restic(store, [
    'backup',
    '--json',
    `--host=${client}`,
    `--tag=backup=${id}`,
    `--tag=part=${found.number}`,
    `--stdin-filename=/part-${found.number}.${format}`,
    '--stdin-from-command',
    '--',
    ...reader(format, volume),
  ]);
  await rm(volume);
  const { snapshot_id, data_added_packed, total_bytes_processed } = JSON.parse(
    summary.split('\n').at(-1) ?? '',
  ) as Record<string, unknown>;
  return {
    ...found,
    fileSystem: type || 'unknown',
    format,
    snapshot: String(snapshot_id),
    bytes: Number(total_bytes_processed),
    storedBytes: Number(data_added_packed),
  };
}

function reader(format: BackupPartition['format'], volume: string): string[] {
  if (format === 'raw') return ['cat', volume];
  if (format === 'swap') return ['head', '-c', String(PAGE_BYTES), volume];
  return [`partclone.${format}`, '-q', '-f', '1', '-L', '/dev/null', '-a', '0', '-c', '-s', volume, '-o', '-'];
}

/** Where the agent has the folder, which a host need not let everybody write. */
async function saveManifest(store: TestStore, { client, id }: TestBackup, folder: string): Promise<void> {
  const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'mount -t tmpfs none /run && cp -r "$1" /run/ && shift && exec restic --no-cache "$@"';
  const options = [
    'backup',
    '--quiet',
    `--host=${client}`,
    `--tag=backup=${id}`,
    '--tag=manifest',
    `/run/backup-${id}`,
  ];
  await execa('unshare', [...namespace, '--mount', 'sh', '-c', script, 'sh', folder, ...options], { env: env(store) });
}

async function restic(store: TestStore, args: readonly string[]): Promise<string> {
  return (await execa('restic', ['--no-cache', ...args], { env: env(store) })).stdout;
}

function env({ folder, password }: TestStore): Record<string, string> {
  return { RESTIC_REPOSITORY: folder, RESTIC_PASSWORD: password };
}
