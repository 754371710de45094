import { InvalidArgumentError, Option } from 'commander';
import { size } from './backup-text.ts';
import { manifestOf, namedBackup, nameOf, type Backup } from './catalogue.ts';
import { convertBackup } from './convert/convert-backup.ts';
import { FORMAT_NAMES, formatNamed, type FormatName } from './convert/formats.ts';
import { withJob } from './jobs.ts';
import { DamagedBackupError } from './restic.ts';
import { progressLine } from './progress-line.ts';
import { restoreDisk, type RestoredDisk } from './restore/restore-disk.ts';
import { interruptible } from './scratch.ts';
import { print } from '../manage/print.ts';
import { BACKUP, catalogueOf, storeOf, type AddVerb, type StoreOptions } from './store-options.ts';

/** `restore` and `convert`: what makes a backup a disk again. */
export function addConversionVerbs(verb: AddVerb): void {
  verb('restore', 'write the disk of a backup to a file')
    .argument('<backup>', BACKUP)
    .requiredOption('--to <file>', 'a new file: the whole disk, raw and sparse', newFile)
    .addOption(sizeOption())
    .addHelpText(
      'after',
      `
Needs neither root nor a loop device. A larger disk's last partition grows if it is ext4, NTFS or swap; on a smaller one these
shrink. The file appears when it is whole, and replaces nothing. Windows checks an NTFS file system that was resized when it starts next.

Examples:
  pxewright backups restore pc --to pc.img                       the newest backup of pc
  pxewright backups restore pc/20261128T111500Z --to pc.img --size 4GiB
  sudo dd if=pc.img of=/dev/sdX bs=4M conv=fsync                 to a real disk, which loses what it has`,
    )
    .action(restore);

  verb('convert', 'make a backup a virtual machine for VMware, Hyper-V, Parallels or KVM')
    .argument('<backup>', BACKUP)
    .addOption(new Option('--format <format>', 'format of the disk').choices([...FORMAT_NAMES]).makeOptionMandatory())
    .option('--variant <variant>', 'how the format is written; the first one listed below is the default')
    .option('--ova', 'vmdk: one .ova file with everything')
    .option('--out <folder>', 'a new folder for it; default: CLIENT-ID-FORMAT here')
    .addOption(sizeOption())
    .addHelpText(
      'after',
      `
Formats and variants:
${FORMAT_NAMES.map(formatLine).join('\n')}

Beside the disk lies what its target imports: an OVF envelope with SHA-256 sums, or a .vmx file for monolithicSparse; a script
that makes the machine on a Hyper-V host; DiskDescriptor.xml of a .hdd folder; a domain of libvirt. BIOS or UEFI is that of
the computer that was saved; 2 processors and 2 GiB of memory are for you to change. Each disk is compared with the backup
before the folder appears.

Examples:
  pxewright backups convert pc --format vmdk                     a folder with .vmdk, .ovf and .mf
  pxewright backups convert pc --format vmdk --ova --out ./pc-vmware
  pxewright backups convert pc --format vpc --variant fixed      as Azure wants it
  pxewright backups convert pc --format qcow2 --size 20GiB && virsh define pc-*-qcow2/*.xml`,
    )
    .action(convert);
}

function formatLine(name: FormatName): string {
  const { variants, for: whose } = formatNamed(name);
  return `  ${name.padEnd(10)} ${variants
    .map((variant) => variant.name)
    .join(', ')
    .padEnd(34)} ${whose}`;
}

function sizeOption(): Option {
  return new Option('--size <size>', 'of the disk, such as 4GiB; default: that of the disk that was saved').argParser(
    sizeBytes,
  );
}

/** A disk is written here and there, which a pipe does not take. */
function newFile(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected a name for a new file.');
  if (text === '-')
    throw new InvalidArgumentError(
      'expected a file, since a disk does not go to standard output; restore it to a file, and read that; ./- is a file of this name.',
    );
  return text;
}

const UNITS: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

function sizeBytes(text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)(MiB|GiB|TiB)$/.exec(text) ?? [];
  if (value === undefined) throw new InvalidArgumentError('expected a size with its unit, e.g. 512MiB or 4GiB.');
  const bytes = Number(value) * (UNITS[unit] ?? 1);
  if (bytes > Number.MAX_SAFE_INTEGER) throw new InvalidArgumentError('expected a size of less than 8192TiB.');
  return bytes;
}

interface RestoreVerbOptions extends StoreOptions {
  readonly to: string;
  readonly size?: number;
}

async function restore(name: string, options: RestoreVerbOptions): Promise<void> {
  const backup = completeBackup((await catalogueOf(options)).backups, name);
  const progress = progressLine();
  const store = storeOf(options);
  const about = { kind: 'restore', by: 'command', backup: nameOf(backup) } as const;
  const restored = await withJob(store, about, async () => {
    const disk = await interruptible((signal) =>
      restoreDisk(store, manifestOf(backup), options.to, {
        sizeBytes: options.size,
        onProgress: (bytes, total) => progress.show('reading the backup', (100 * bytes) / total),
        signal,
      }),
    ).finally(progress.clear);
    return [disk, { outcome: 'done', bytes: disk.bytes }];
  });
  print(options, { backup: nameOf(backup), file: options.to, ...restored }, () => [
    `${nameOf(backup)}: ${size(restored.bytes)} written to ${options.to}`,
    ...resizedLines(backup, restored),
  ]);
}

interface ConvertVerbOptions extends StoreOptions {
  readonly format: FormatName;
  readonly variant?: string;
  readonly ova?: boolean;
  readonly out?: string;
  readonly size?: number;
}

async function convert(name: string, options: ConvertVerbOptions): Promise<void> {
  const backup = completeBackup((await catalogueOf(options)).backups, name);
  const { format, variant, ova, out = `${backup.client}-${backup.id}-${format}` } = options;
  const progress = progressLine();
  const converted = await interruptible((signal) =>
    convertBackup(storeOf(options), manifestOf(backup), out, {
      format,
      variant,
      ova,
      sizeBytes: options.size,
      onProgress: progress.show,
      signal,
    }),
  ).finally(progress.clear);
  print(options, { backup: nameOf(backup), format, ...converted }, () => [
    `${nameOf(backup)}: a disk of ${size(converted.bytes)} for ${formatNamed(format).for}`,
    ...resizedLines(backup, converted),
    ...converted.files.map((file) => `  ${file}`),
    converted.next,
  ]);
}

/** What is incomplete cannot become a disk: better said before the first byte than after an hour. */
function completeBackup(backups: readonly Backup[], name: string): Backup {
  const backup = namedBackup(backups, name);
  if (backup.state !== 'incomplete') return backup;
  throw new DamagedBackupError(
    `expected a complete backup, got ${nameOf(backup)}, which is incomplete: ${backup.problems.join('; ')}`,
  );
}

function resizedLines(backup: Backup, { bytes, resized }: RestoredDisk): string[] {
  if (resized === undefined)
    return bytes === manifestOf(backup).disk.bytes
      ? []
      : ['its partitions keep their sizes: the last one has room, or cannot grow'];
  const { fileSystem = '' } = manifestOf(backup).partitions.find(({ number }) => number === resized.number) ?? {};
  const what = resized.number === 0 ? 'the disk' : `partition ${resized.number}`;
  return [
    `${what} is ${size(resized.bytes)} now, ${resized.fits ? `and its file system (${fileSystem}) with it` : `but what it holds (${fileSystem}) keeps its size`}`,
  ];
}
