import path from 'node:path';
import { Option } from 'commander';
import { ManagementError } from '../../state/management-error.ts';
import { BACKUP_CLIENT } from '../backup-store/manifest.ts';
import { volumeTable } from './backup-text.ts';
import { manifestOf, namedBackup, namedPartition, nameOf, type Backup } from './catalogue.ts';
import { extractTo, makeFolders, type Extracted } from './extract-files.ts';
import { progressLine } from './progress-line.ts';
import { inTurn, listRecovered } from './recovered-list.ts';
import { DamagedBackupError } from './restic.ts';
import { withScratch } from './scratch.ts';
import { print } from '../manage/print.ts';
import { BACKUP, catalogueOf, PARTITION, storeOf, type AddVerb, type StoreOptions } from './store-options.ts';
import { entriesAt, isReadable, openVolume, readFiles, type Volume } from './volume.ts';
import { doubtsOf, type VolumeEntry } from './volume-listing.ts';

/** `browse` and `extract`: what looks into a backup. */
export function addFileVerbs(verb: AddVerb): void {
  verb('browse', 'list files inside a backup, without restoring its disk')
    .argument('<backup>', BACKUP)
    .argument('[partition]', PARTITION)
    .argument('[path]', 'folder or file; default: the root', '/')
    .option('--recursive', 'all that is below the folder')
    .addHelpText(
      'after',
      `
Reads ext2, ext3, ext4, NTFS and FAT. The partition is written into a temporary file below TMPDIR, sparse, which is removed
at the end. Times are UTC; FAT has its computer's local time. Alternate data streams are listed as NAME:STREAM.

Examples:
  pxewright backups browse pc                                the partitions of its newest backup
  pxewright backups browse pc 2 /etc
  pxewright backups browse pc 3 'Users\\Public' --recursive --json`,
    )
    .action(browse);

  verb('extract', 'recover files and folders of a backup')
    .argument('<backup>', BACKUP)
    .argument('<partition>', PARTITION)
    .argument('<paths...>', 'files, folders, or NAME:STREAM of NTFS; / for all')
    .option('--to <folder>', 'where they go, under their whole paths; - writes one file to standard output')
    .option(
      '--to-share',
      'instead of --to, of a running lab: the image share, below Recovered, where its clients can fetch them',
    )
    .addOption(new Option('--share <folder>', 'root of the image share').hideHelp())
    .option('--streams', "also the files' alternate data streams, as NAME:STREAM")
    .option('--overwrite', 'replace files that are there')
    .addHelpText(
      'after',
      `
Files keep time and permissions, but no owner and no set-user-id bit; zeros become holes. Links that lead out of the folder,
devices, names that no file can have or that 7-Zip cannot tell apart, and what the folder has no place for are left out and named
(exit 1). Nothing is written outside of the folder. On the share everybody who may log on can read them; a client that runs gets
them by SMB, as it gets images. partition-N.sha256 beside them lists them when they are complete: \`sha256sum -c\` takes it, and a
client with agent.mode recover waits for it.

Examples:
  pxewright backups extract pc 2 /etc/fstab /home --to ./recovered
  pxewright backups extract pc/20261128T111500Z 2 /etc/fstab --to - | diff - /etc/fstab
  pxewright backups extract pc 3 /notes.txt:Zone.Identifier --to ./recovered
  pxewright backups extract pc 2 /home/documents --to-share     prints where the client finds them`,
    )
    .action(extract);
}

async function browse(
  name: string,
  partition: string | undefined,
  where: string,
  options: StoreOptions & { recursive?: boolean },
): Promise<void> {
  const { backups: all } = await catalogueOf(options);
  const backup = namedBackup(all, name);
  if (partition === undefined) {
    const { partitions } = manifestOf(backup);
    const rows = partitions.map(({ number, fileSystem, name: label }) => ({
      number,
      fileSystem,
      ...(label === undefined ? {} : { name: label }),
      files: isReadable(fileSystem),
    }));
    print(options, rows, () =>
      rows.map(({ number, fileSystem, files, name: label = '' }) =>
        `${number}  ${fileSystem}  ${files ? `pxewright backups browse ${nameOf(backup)} ${number}` : 'no files to list'}  ${label}`.trimEnd(),
      ),
    );
    return;
  }
  const number = namedPartition(backup, partition);
  await withScratch(async (scratch, signal) => {
    const volume = await opened(options, backup, number, scratch, signal);
    const found = entriesAt(volume, where);
    const [first] = found;
    const base = where !== '/' && first?.type === 'folder' && first.stream === undefined ? first.path : '';
    const isShown = ({ path: file }: VolumeEntry): boolean =>
      options.recursive === true || path.posix.dirname(file) === (base || '/');
    const inFolder = base !== '' || found === volume.entries;
    const shown = inFolder ? found.filter(isShown) : found;
    print(options, shown.map(published), () =>
      volumeTable(shown, ({ path: file, stream }) => {
        const short =
          options.recursive === true ? file.slice(inFolder ? base.length + 1 : 1) : path.posix.basename(file);
        return `${short}${stream === undefined ? '' : `:${stream}`}`;
      }),
    );
  });
}

/** A partition of a backup; what is doubtful of its listing goes to standard error. */
async function opened(
  options: StoreOptions,
  backup: Backup,
  number: number,
  scratch: string,
  signal: AbortSignal,
): Promise<Volume> {
  const progress = progressLine();
  const volume = await openVolume(storeOf(options), backup, number, scratch, {
    onProgress: (bytes, total) => progress.show('reading the partition', (100 * bytes) / Math.max(1, total)),
    signal,
  }).finally(progress.clear);
  for (const doubt of doubtsOf(volume)) process.stderr.write(`${doubt}\n`);
  return volume;
}

function published({ listedAs: _, ...entry }: VolumeEntry): Omit<VolumeEntry, 'listedAs'> {
  return entry;
}

/** Folder of the image share for what was recovered; images lie in others. */
const RECOVERED = 'Recovered';

interface ExtractOptions extends StoreOptions {
  readonly to?: string;
  readonly toShare?: boolean;
  readonly share?: string;
  readonly streams?: boolean;
  readonly overwrite?: boolean;
}

async function extract(
  name: string,
  partition: string,
  paths: readonly string[],
  options: ExtractOptions,
): Promise<void> {
  if ((options.to === undefined) === (options.toShare === undefined))
    throw new ManagementError(`expected --to or --to-share, got ${options.to === undefined ? 'neither' : 'both'}`);
  if (options.toShare !== undefined && options.share === undefined)
    throw new ManagementError('--to-share: expected a running lab with an image share (services.images), got none');
  const { backups: all } = await catalogueOf(options);
  const backup = namedBackup(all, name);
  const number = namedPartition(backup, partition);
  const onShare = options.toShare === true ? placeOnShare(backup, number) : '';
  const to = options.to ?? path.join(options.share ?? '', onShare);
  if (options.toShare === true) await insideShare(options.share ?? '', onShare);
  await withScratch(async (scratch, signal) => {
    const volume = await opened(options, backup, number, scratch, signal);
    const wanted = new Set(paths.flatMap((one) => wantedAt(volume, one, options.streams === true)));
    if (to === '-') {
      await toStandardOutput(volume, wanted, scratch, signal);
      return;
    }
    const progress = progressLine();
    const choices = {
      overwrite: options.overwrite === true,
      forEverybody: options.toShare === true,
      onProgress: (bytes: number, total: number) => progress.show('writing the files', (100 * bytes) / total),
      signal,
    };
    const recover = () => extractTo(volume, wanted, to, scratch, choices).finally(progress.clear);
    const outcomes =
      options.toShare === true
        ? await inTurn(to, async () => {
            const shared = await recover();
            await listRecovered(to, shared);
            return shared;
          })
        : await recover();
    print(
      options,
      outcomes.map(({ entry, ...rest }) => ({ ...published(entry), ...rest })),
      () => extractLines(outcomes, options.to ?? `${onShare.replaceAll('/', '\\')} of the image share`),
    );
    if (outcomes.some(({ leftOut }) => leftOut !== undefined)) process.exitCode = 1;
  });
}

/** Folder of the share for a partition of a backup. Whoever may write to the store says who its client is. */
function placeOnShare({ client, id }: Backup, number: number): string {
  if (BACKUP_CLIENT.test(client)) return path.join(RECOVERED, client, id, `partition-${number}`);
  throw new ManagementError(
    `--to-share: expected a backup whose client has a name of letters, digits, dots, hyphens and underscores, got ${JSON.stringify(client)}; --to FOLDER takes its files`,
  );
}

/** Makes a folder of the share, and insists that no link leads from it to elsewhere. */
async function insideShare(share: string, folder: string): Promise<void> {
  const root = path.resolve(share);
  const inTheWay = await makeFolders(root, path.join(root, folder));
  if (inTheWay !== undefined)
    throw new ManagementError(`--to-share: expected folders on the image share, got ${inTheWay}, which is none`);
}

/** What is below a path; of streams only the one that is named, unless all are wanted. */
function wantedAt(volume: Volume, where: string, streams: boolean): readonly VolumeEntry[] {
  const found = entriesAt(volume, where);
  const isOneStream = found.every(({ stream }) => stream !== undefined);
  return streams || isOneStream ? found : found.filter(({ stream }) => stream === undefined);
}

async function toStandardOutput(
  volume: Volume,
  wanted: ReadonlySet<VolumeEntry>,
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const [only, other] = [...wanted];
  if (only === undefined || other !== undefined || only.type !== 'file')
    throw new ManagementError(
      `--to -: expected one file, got ${wanted.size === 1 ? `a ${only?.type ?? ''}` : `${wanted.size} files, folders and links`}; --to FOLDER takes them`,
    );
  const unread = await readFiles(
    volume,
    wanted,
    scratch,
    () =>
      Promise.resolve({
        write: (chunk: Buffer) =>
          new Promise<void>((done, failed) => {
            process.stdout.write(chunk, (error) => (error == null ? done() : failed(error)));
          }),
        end: () => Promise.resolve(),
        discard: () => Promise.resolve(),
      }),
    signal,
  );
  for (const [entry, reason] of unread) throw new DamagedBackupError(`${entry.path}: ${reason}`);
}

function extractLines(outcomes: readonly Extracted[], to: string): string[] {
  const leftOut = outcomes.filter(({ file }) => file === undefined);
  const written = outcomes.filter(({ file }) => file !== undefined);
  return [
    ...leftOut.map(({ entry, leftOut: why = '' }) => `${entry.path}: left out, since ${why}`),
    `${written.length} of ${outcomes.length} written below ${to}`,
  ];
}
