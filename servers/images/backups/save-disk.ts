import { execa } from 'execa';
import { mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  MANIFEST_FILE,
  readBackupManifest,
  type BackupManifest,
  type BackupPartition,
} from '../backup-store/manifest.ts';
import { isFatOfPartclone } from './fat-type.ts';
import { restic, resticEnvironment, type BackupStore } from './restic.ts';

/** Whose disk it is, and which backup of it. */
export interface SavedDisk extends Pick<BackupManifest, 'client' | 'mac' | 'firmware' | 'kind' | 'id' | 'parent'> {
  /** Raw image of the whole disk, which nobody writes to meanwhile. */
  readonly disk: string;
  /** Folder for a copy of one partition at a time; default: the host's for temporary files. */
  readonly scratch?: string;
  /** Time of the moment that the image shows, and that of the end of the backup; default: now, when it has ended. */
  readonly beganAt: string;
  readonly endedAt?: string;
}

const SECTOR_BYTES = 512;
/** Sectors before the first partition that a boot loader may have. */
const BOOT_SECTORS = 2048;
/** A store that is being pruned or verified is waited for. */
const RETRY_LOCK = ['--retry-lock', '2m'];
/** A swap area is its first page (decision 193). */
const PAGE_BYTES = 4096;

/**
 * Saves the disk in a raw file to a store as the agent in a VM saves its own: a snapshot for each partition, and at last the
 * list of them, which makes it a backup. Needs no root: partitions are copied out of the file. A file system that partclone does
 * not take, such as one that was not unmounted, or does not read as it is, is saved as every byte of its partition.
 */
export function saveDisk(store: BackupStore, saved: SavedDisk): Promise<BackupManifest> {
  return savePartitions(store, saved, (folder) => saveManifest(store, saved, folder));
}

/** The same up to the list; `then` gets the folder that is to be saved as the list. */
export async function savePartitions(
  store: BackupStore,
  saved: SavedDisk,
  then: (folder: string) => Promise<void>,
): Promise<BackupManifest> {
  const scratch = await mkdtemp(path.join(saved.scratch ?? tmpdir(), 'save-disk-'));
  try {
    const folder = path.join(scratch, `backup-${saved.id}`);
    await mkdir(folder);
    const { disk, found } = await dividedDisk(saved.disk, folder);
    const partitions: BackupPartition[] = [];
    for (const one of found) partitions.push(await savePartition(store, saved, one, scratch));
    const manifest: BackupManifest = {
      format: 1,
      id: saved.id,
      client: saved.client,
      mac: saved.mac,
      firmware: saved.firmware,
      kind: saved.kind,
      parent: saved.parent,
      beganAt: saved.beganAt,
      endedAt: saved.endedAt ?? new Date().toISOString(),
      disk,
      partitions,
    };
    const { message } = readBackupManifest(JSON.stringify(manifest));
    if (message !== undefined) throw new Error(message);
    await writeFile(path.join(folder, MANIFEST_FILE), JSON.stringify(manifest));
    await then(folder);
    return manifest;
  } finally {
    await rm(scratch, { recursive: true });
  }
}

type Found = Pick<BackupPartition, 'number' | 'startSector' | 'sectors' | 'type' | 'name' | 'uuid'>;

interface SfdiskTable {
  /** `gpt`, `dos`, `sgi` or `sun`. */
  readonly label: string;
  readonly partitions?: readonly {
    readonly node: string;
    readonly start: number;
    readonly size: number;
    readonly type: string;
    readonly uuid?: string;
    readonly name?: string;
  }[];
}

/**
 * What is on the disk, with its table and boot code in `folder`. A file system on a whole disk (the boot sectors of FAT and NTFS end like
 * an MBR) and an empty table have no partitions: they are saved as a whole, and so is a disk with a table of another kind, or with one that
 * could not be written again.
 */
async function dividedDisk(
  file: string,
  folder: string,
): Promise<{ readonly disk: BackupManifest['disk']; readonly found: readonly Found[] }> {
  const { size } = await stat(file);
  const about = { name: 'vda', bytes: size, sectorBytes: SECTOR_BYTES };
  const { label, partitions = [] } = await readTable(file);
  const content = partitions.filter(({ type }) => !EXTENDED.has(type));
  if ((label !== 'gpt' && label !== 'dos') || !isDivided(content, size / SECTOR_BYTES))
    return { disk: { ...about, label: 'none' }, found: [{ number: 0, startSector: 0, sectors: size / SECTOR_BYTES }] };
  await writeFile(path.join(folder, 'table.sfdisk'), (await execa('sfdisk', ['--dump', file])).stdout);
  const first = Math.min(BOOT_SECTORS, ...partitions.map(({ start }) => start));
  await execa('dd', [`if=${file}`, `of=${path.join(folder, 'boot.bin')}`, `count=${first}`, 'status=none']);
  const found = content.map(({ node, start, size: sectors, type, uuid, name }) => ({
    number: Number(/\d+$/.exec(node)?.[0]),
    startSector: start,
    sectors,
    type,
    ...(uuid === undefined ? {} : { uuid }),
    ...(name === undefined ? {} : { name }),
  }));
  return { disk: { ...about, label }, found };
}

/** Whether there are partitions, one behind the other and on the disk; sfdisk writes no others. */
function isDivided(partitions: readonly { readonly start: number; readonly size: number }[], sectors: number): boolean {
  const inOrder = partitions.toSorted((a, b) => a.start - b.start);
  const ends = inOrder.map(({ start, size }) => start + size);
  return (
    inOrder.length > 0 && ends.every((end, index) => end <= Math.min(sectors, inOrder[index + 1]?.start ?? Infinity))
  );
}

/** What sfdisk makes of the disk; nothing where it finds no table. */
async function readTable(file: string): Promise<Partial<SfdiskTable>> {
  const { stdout, exitCode } = await execa('sfdisk', ['--json', file], { reject: false });
  return exitCode === 0 ? (JSON.parse(stdout) as { readonly partitiontable: SfdiskTable }).partitiontable : {};
}

/** Types of an MBR's partitions that hold others, and nothing of their own. */
const EXTENDED: ReadonlySet<string> = new Set(['5', 'f', '85']);

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
  store: BackupStore,
  saved: SavedDisk,
  found: Found,
  scratch: string,
): Promise<BackupPartition> {
  const volume = path.join(scratch, `part-${found.number}`);
  const [skip, count] = [found.startSector, found.sectors].map((sectors) => sectors * SECTOR_BYTES);
  const place = [`skip=${skip ?? 0}`, `count=${count ?? 0}`, 'iflag=skip_bytes,count_bytes', 'conv=sparse'];
  await execa('dd', [`if=${saved.disk}`, `of=${volume}`, 'bs=1M', ...place, 'status=none']);
  await execa('truncate', ['-s', String(count), volume]);
  const { stdout: type } = await execa('blkid', ['-p', '-o', 'value', '-s', 'TYPE', volume], { reject: false });
  const format = FORMATS[type] ?? 'raw';
  const known = (await isWholeAs(format, volume)) ? format : 'raw';
  const stream = await saveStream(store, saved, found.number, known, volume).catch((error: unknown) => {
    // What it says of a file system that it does not take; whatever else failed fails again.
    if (known === 'raw') throw error;
    return saveStream(store, saved, found.number, 'raw', volume);
  });
  await rm(volume);
  return { ...found, fileSystem: type || 'unknown', ...stream };
}

/** Whether the stream of this format has all of the file system; a swap area and NTFS it always has. */
async function isWholeAs(format: BackupPartition['format'], volume: string): Promise<boolean> {
  if (format === 'extfs') return isUnmounted(volume);
  return format !== 'fat' || isFatOfPartclone(await readAt(volume, 0, SECTOR_BYTES));
}

async function readAt(file: string, at: number, bytes: number): Promise<Buffer> {
  await using handle = await open(file, 'r');
  return (await handle.read(Buffer.alloc(bytes), 0, bytes, at)).buffer;
}

/** Fields of an ext superblock, which begins at byte 1024 (the kernel's Documentation/filesystems/ext4/super.rst). */
const EXT = { bytes: 1024, state: 0x3a, clean: 1, incompatible: 0x60, needsRecovery: 4 } as const;

/**
 * Whether an ext file system was unmounted, or frozen. partclone asks for the state alone, which a journal keeps clean, and for the number
 * of free blocks. Where that happens to agree, it leaves out blocks that only the journal knows to be in use: of a copy of a mounted file
 * system the last 62 of 150 records of a log were zeros then.
 */
async function isUnmounted(volume: string): Promise<boolean> {
  const superblock = await readAt(volume, EXT.bytes, EXT.bytes);
  return (
    superblock.readUInt16LE(EXT.state) === EXT.clean &&
    (superblock.readUInt32LE(EXT.incompatible) & EXT.needsRecovery) === 0
  );
}

async function saveStream(
  store: BackupStore,
  { client, id }: SavedDisk,
  number: number,
  format: BackupPartition['format'],
  volume: string,
): Promise<Pick<BackupPartition, 'format' | 'snapshot' | 'bytes' | 'storedBytes'>> {
  const { stdout } = await restic(store, [
    'backup',
    ...RETRY_LOCK,
    '--json',
    `--host=${client}`,
    `--tag=backup=${id}`,
    `--tag=part=${number}`,
    `--stdin-filename=/part-${number}.${format}`,
    '--stdin-from-command',
    '--',
    ...reader(format, volume),
  ]);
  const summary = JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>;
  return {
    format,
    snapshot: String(summary['snapshot_id']),
    bytes: Number(summary['total_bytes_processed']),
    storedBytes: Number(summary['data_added_packed']),
  };
}

function reader(format: BackupPartition['format'], volume: string): string[] {
  if (format === 'raw') return ['cat', volume];
  if (format === 'swap') return ['head', '-c', String(PAGE_BYTES), volume];
  return [`partclone.${format}`, '-q', '-f', '1', '-L', '/dev/null', '-a', '0', '-c', '-s', volume, '-o', '-'];
}

/** Where the agent has the folder, which a host need not let everybody write. */
async function saveManifest(store: BackupStore, { client, id }: SavedDisk, folder: string): Promise<void> {
  const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  // From the folder itself, which may lie below the /run that is then hidden, as the authority's certificate may.
  const script =
    'exec 9<"${RESTIC_CACERT:-/dev/null}" && mount -t tmpfs none /run && cp -r . "$1" && shift && ' +
    'if [ -n "$RESTIC_CACERT" ]; then cat <&9 >/run/authority.pem && RESTIC_CACERT=/run/authority.pem; fi && exec restic --no-cache "$@"';
  const options = [
    'backup',
    ...RETRY_LOCK,
    '--quiet',
    `--host=${client}`,
    `--tag=backup=${id}`,
    '--tag=manifest',
    `/run/backup-${id}`,
  ];
  await execa('unshare', [...namespace, '--mount', 'sh', '-c', script, 'sh', `/run/backup-${id}`, ...options], {
    cwd: folder,
    env: resticEnvironment(store),
  });
}
