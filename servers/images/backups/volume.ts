import editDistance from 'damerau-levenshtein';
import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { ManagementError } from '../../state/management-error.ts';
import { manifestOf, nameOf, type Backup } from './catalogue.ts';
import { partitionOf, restorePartition } from './partition-file.ts';
import { DamagedBackupError, type BackupStore } from './restic.ts';
import { parseVolumeListing, type VolumeEntry, type VolumeKind } from './volume-listing.ts';

/** The file system of a partition, in a file that 7-Zip reads: without root and without a mount. */
export interface Volume {
  readonly file: string;
  readonly kind: VolumeKind;
  /** In the order in which 7-Zip reads them. */
  readonly entries: readonly VolumeEntry[];
}

const KINDS: Readonly<Record<string, VolumeKind>> = {
  ext2: 'Ext',
  ext3: 'Ext',
  ext4: 'Ext',
  ntfs: 'NTFS',
  vfat: 'FAT',
};

/** UTC, so that times need no zone; UTF-8, so that names are as they were. */
const ENVIRONMENT = { TZ: 'UTC', LC_ALL: 'C.UTF-8' };

/** Whether files of a partition with this file system can be listed. */
export function isReadable(fileSystem: string): boolean {
  return Object.hasOwn(KINDS, fileSystem);
}

interface VolumeWatch {
  /** Hears how much of the partition's stream has come. */
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Writes a partition into the folder `scratch` and reads what is in it. */
export async function openVolume(
  store: BackupStore,
  backup: Backup,
  number: number,
  scratch: string,
  { onProgress, signal }: VolumeWatch = {},
): Promise<Volume> {
  const manifest = manifestOf(backup);
  const { fileSystem = '', bytes: total = 0 } = partitionOf(manifest, number) ?? {};
  const kind = KINDS[fileSystem];
  if (kind === undefined)
    throw new ManagementError(
      `expected a partition whose files can be listed (${Object.keys(KINDS).join(', ')}), got partition ${number} of ${nameOf(backup)}, which is ${fileSystem}`,
    );
  const file = path.join(scratch, `partition-${number}`);
  let bytes = 0;
  await restorePartition(store, manifest, number, file, {
    onBytes: (more) => {
      bytes += more;
      onProgress?.(bytes, total);
    },
    signal,
  });
  const entries = await listVolume(file, kind, signal).catch((error: unknown) => {
    throw error instanceof DamagedBackupError
      ? new DamagedBackupError(`partition ${number} of ${nameOf(backup)}: ${error.message}`)
      : error;
  });
  return { file, kind, entries };
}

/** What is in a file system, in the order in which 7-Zip reads it. */
export async function listVolume(file: string, kind: VolumeKind, signal?: AbortSignal): Promise<VolumeEntry[]> {
  const { stdout, exitCode, stderr, shortMessage } = await execa(
    '7z',
    ['l', '-slt', '-ba', '-sns', `-t${kind}`, file],
    {
      reject: false,
      stdin: 'ignore',
      maxBuffer: 1e9,
      env: ENVIRONMENT,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    },
  );
  signal?.throwIfAborted();
  if (exitCode === undefined)
    throw new ManagementError(
      `expected the program 7z (Debian's package 7zip), but it did not run: ${shortMessage ?? ''}`,
    );
  if (exitCode !== 0) throw new DamagedBackupError(`7-Zip cannot read its file system: ${(stderr || stdout).trim()}`);
  return parseVolumeListing(stdout, kind);
}

/**
 * The entry that a person names, and for a folder all that is below it; its streams come with a file. `/` is the whole
 * file system. NTFS and FAT do not mind case, nor `\` between folders; there, `/folder/name:stream` is one stream.
 */
export function entriesAt({ entries, kind }: Pick<Volume, 'entries' | 'kind'>, text: string): readonly VolumeEntry[] {
  const spelled = kind === 'Ext' ? text : text.replaceAll('\\', '/');
  const fold = (name: string): string => (kind === 'Ext' ? name : name.toLowerCase());
  const wanted = fold(path.posix.join('/', spelled).replace(/(.)\/$/, '$1'));
  if (wanted === '/') return entries;
  const whole = entries.filter((one) => fold(one.path) === wanted || fold(one.path).startsWith(`${wanted}/`));
  if (whole.length > 0) return whole;
  const stream = entries.filter((one) => one.stream !== undefined && fold(`${one.path}:${one.stream}`) === wanted);
  if (stream.length > 0) return stream;
  const near = nearest(
    entries.map((one) => one.path),
    wanted,
    fold,
  );
  throw new ManagementError(
    `expected a path in the file system, got "${text}"${entries.length === 0 ? ', and it is empty' : `; nearest: ${near.join(', ')}`}`,
  );
}

/**
 * The paths nearest to one that is not there: in the deepest folder of it that has something, those with the nearest names. Whole paths of the
 * whole file system would take 8 s with 42 000 files.
 */
function nearest(paths: readonly string[], wanted: string, fold: (name: string) => string): string[] {
  const folders = new Set(paths.map((one) => path.posix.dirname(fold(one))));
  let [folder, name] = [path.posix.dirname(wanted), path.posix.basename(wanted)];
  while (folder !== '/' && !folders.has(folder))
    [folder, name] = [path.posix.dirname(folder), path.posix.basename(folder)];
  return [...new Set(paths.filter((one) => path.posix.dirname(fold(one)) === folder))]
    .map((one) => ({ path: one, edits: editDistance(fold(path.posix.basename(one)), name).steps }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map((one) => one.path);
}

/** Where the content of one file goes. */
export interface Sink {
  write(chunk: Buffer): Promise<void>;
  /** All of it has come. */
  end(): Promise<void>;
  /** What has come is not that file, or not all of it. */
  discard(): Promise<void>;
}

type Open = (entry: VolumeEntry) => Promise<Sink>;

/** Reads the content of files and streams, and of links of ext2, ext3 and ext4, which is their target; says why for those that cannot be read. */
export async function readFiles(
  volume: Volume,
  wanted: ReadonlySet<VolumeEntry>,
  scratch: string,
  open: Open,
  signal?: AbortSignal,
): Promise<ReadonlyMap<VolumeEntry, string>> {
  const inOrder = volume.entries.filter((one) => hasContent(one) && wanted.has(one));
  // To 7-Zip the name of a file means its streams, too, unless it is told to leave all streams alone.
  const [files, streams] = [inOrder.filter((one) => !one.stream), inOrder.filter((one) => one.stream)];
  return new Map([
    ...(await readEach(volume, files, '-sns-', scratch, open, signal)),
    ...(await readEach(volume, streams, '-sns', scratch, open, signal)),
  ]);
}

/** A link of NTFS is no content, but a reparse point. */
function hasContent({ type, mode }: VolumeEntry): boolean {
  return type === 'file' || (type === 'link' && mode !== undefined);
}

/** All in one pass; where one of them fails, which does not show which one, each half in a pass of its own. */
async function readEach(
  volume: Volume,
  wanted: readonly VolumeEntry[],
  streams: '-sns' | '-sns-',
  scratch: string,
  open: Open,
  signal: AbortSignal | undefined,
): Promise<[VolumeEntry, string][]> {
  const [only, other] = wanted;
  if (only === undefined) return [];
  try {
    await readInOnePass(volume, wanted, streams, scratch, open, signal);
    return [];
  } catch (error) {
    if (!(error instanceof DamagedBackupError)) throw error;
    if (other === undefined) return [[only, error.message]];
    const half = wanted.length >> 1;
    return [
      ...(await readEach(volume, wanted.slice(0, half), streams, scratch, open, signal)),
      ...(await readEach(volume, wanted.slice(half), streams, scratch, open, signal)),
    ];
  }
}

/** 7-Zip writes all contents one after the other, in the order of its listing, whose sizes say where each one ends. */
async function readInOnePass(
  { file, kind }: Volume,
  wanted: readonly VolumeEntry[],
  streams: '-sns' | '-sns-',
  scratch: string,
  open: Open,
  signal: AbortSignal | undefined,
): Promise<void> {
  const list = path.join(scratch, 'wanted');
  // 7-Zip takes blanks and one pair of quotes off each line.
  await writeFile(list, wanted.map(({ listedAs }) => `"${listedAs}"\n`).join(''));
  const reader = execa('7z', ['x', '-so', '-spd', '-scsUTF-8', streams, `-t${kind}`, file, `-i@${list}`], {
    reject: false,
    stdin: 'ignore',
    buffer: { stdout: false },
    env: ENVIRONMENT,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  // Piped in this very turn: what nobody has begun to read in the next one, execa reads and throws away.
  const contents = reader.stdout.pipe(new PassThrough());
  const sinks: Sink[] = [];
  try {
    await divide(contents, wanted, async (entry) => {
      const sink = await open(entry);
      sinks.push(sink);
      return sink;
    });
    const { exitCode, stderr } = await reader;
    if (exitCode !== 0) throw new DamagedBackupError(`7-Zip cannot read it: ${stderr.trim()}`);
  } catch (error) {
    reader.kill();
    await reader;
    for (const sink of sinks) await sink.discard();
    signal?.throwIfAborted();
    throw error;
  }
}

async function divide(source: AsyncIterable<Buffer>, wanted: readonly VolumeEntry[], open: Open): Promise<void> {
  let next = 0;
  let sink: Sink | undefined;
  let leftBytes = 0;
  /** Ends the file that is complete, and those after it that are empty. */
  const advance = async (): Promise<void> => {
    while (leftBytes === 0) {
      await sink?.end();
      sink = undefined;
      const entry = wanted[next];
      if (entry === undefined) return;
      next++;
      sink = await open(entry);
      leftBytes = entry.bytes;
    }
  };
  await advance();
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; ) {
      if (sink === undefined) throw new DamagedBackupError('7-Zip wrote more than the files that were asked for');
      const part = chunk.subarray(at, at + leftBytes);
      await sink.write(part);
      at += part.length;
      leftBytes -= part.length;
      await advance();
    }
  if (sink !== undefined)
    throw new DamagedBackupError(
      `7-Zip gives ${leftBytes} bytes less than it has: its data are damaged, or its name cannot be told to 7-Zip (a line break)`,
    );
}
