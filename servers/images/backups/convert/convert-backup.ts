import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ManagementError } from '../../../state/management-error.ts';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { makeOutputFolder } from '../output-folder.ts';
import type { BackupStore } from '../restic.ts';
import { restoreDisk, type RestoredDisk } from '../restore/restore-disk.ts';
import { describeMachine } from './description.ts';
import { makeImage, verifyImage } from './disk-image.ts';
import { formatNamed, whyNot, type FormatName } from './formats.ts';
import { packOva, writeManifest } from './ova.ts';
import { machineOf } from './virtual-machine.ts';

export interface ConvertOptions {
  readonly format: FormatName;
  /** One of the format's; default: its first. */
  readonly variant?: string | undefined;
  /** One file with all that VMware imports. */
  readonly ova?: boolean | undefined;
  readonly sizeBytes?: number | undefined;
  /** Hears what is done, and how far it is in percent. */
  readonly onProgress?: ((what: string, percent: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ConvertedBackup extends RestoredDisk {
  /** With whole paths; the disk is the first, or the package that it is in. */
  readonly files: readonly string[];
  /** What its user does next, one sentence. */
  readonly next: string;
}

/**
 * Makes a backup into a folder with the disk of a virtual machine and the description that its target imports. The folder
 * appears whole or not at all. Throws `ManagementError` for what the format cannot hold and a name that is taken.
 */
export async function convertBackup(
  store: BackupStore,
  manifest: BackupManifest,
  folder: string,
  options: ConvertOptions,
): Promise<ConvertedBackup> {
  const variant = variantOf(options);
  const refused = whyNot(options.format, {
    bytes: options.sizeBytes ?? manifest.disk.bytes,
    sectorBytes: manifest.disk.sectorBytes,
  });
  if (refused !== undefined) throw new ManagementError(refused);
  const target = path.resolve(folder);
  if (existsSync(target))
    throw new ManagementError(`--out: expected a name for a new folder, got ${folder}, which exists`);
  const fresh = `${target}.new`;
  await begin(fresh);
  try {
    const { files, ...restored } = await fill(fresh, target, variant, store, manifest, options);
    options.signal?.throwIfAborted();
    await rename(fresh, target);
    return { ...restored, files: files.map((file) => path.join(target, file)) };
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** The name of the variant to write. */
function variantOf({ format, variant, ova }: ConvertOptions): string {
  const names: readonly string[] = formatNamed(format).variants.map(({ name }) => name);
  const [first = ''] = names;
  if (variant !== undefined && !names.includes(variant))
    throw new ManagementError(
      `--variant: expected ${names.join(' or ')}, since the format is ${format}, got "${variant}"`,
    );
  const chosen = variant ?? first;
  if (ova === true && chosen !== 'streamOptimized')
    throw new ManagementError(
      `--ova: expected --format vmdk, whose variant streamOptimized it packs, got ${format}${variant === undefined ? '' : ` as ${variant}`}`,
    );
  return chosen;
}

async function begin(fresh: string): Promise<void> {
  await makeOutputFolder(path.dirname(fresh));
  await mkdir(fresh).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new ManagementError(
      `${fresh} exists: another program is writing it, or was killed while it wrote; if no program is writing, remove it`,
    );
  });
}

/** Writes everything into `fresh`, which will be `target`; names of files are those below it. */
async function fill(
  fresh: string,
  target: string,
  variant: string,
  store: BackupStore,
  manifest: BackupManifest,
  { format, ova, sizeBytes, onProgress, signal }: ConvertOptions,
): Promise<ConvertedBackup> {
  const name = `${manifest.client}-${manifest.id}`;
  const file = `${name}.${formatNamed(format).extension}`;
  // A disk of Parallels' is a folder.
  const inside = format === 'parallels' ? `${name}.hdd` : '';
  await mkdir(path.join(fresh, inside), { recursive: true });
  const image = path.join(fresh, inside, file);
  const raw = format === 'raw' ? image : path.join(fresh, 'disk.raw');
  const restored = await restoreDisk(store, manifest, raw, {
    sizeBytes,
    signal,
    onProgress: (bytes, total) => onProgress?.('reading the backup', (100 * bytes) / total),
  });
  if (format !== 'raw') {
    const watched = (what: string) => ({
      signal,
      onProgress: (percent: number) => onProgress?.(`${what} ${file}`, percent),
    });
    await makeImage(raw, image, { format, variant }, watched('writing'));
    await verifyImage(raw, image, format, watched('comparing'));
    await rm(raw);
  }
  const { size: fileBytes } = await stat(image);
  const machine = machineOf(manifest, { file, format, variant, bytes: restored.bytes, fileBytes });
  const description = describeMachine(machine, name, path.join(target, inside, file));
  const { next } = description;
  await writeFile(path.join(fresh, inside, description.file), description.text);
  if (variant !== 'streamOptimized')
    return { ...restored, next, files: [path.join(inside, file), path.join(inside, description.file)] };
  onProgress?.('hashing', 0);
  const sums = await writeManifest(fresh, name, [description.file, file]);
  if (ova !== true) return { ...restored, next, files: [file, description.file, sums] };
  return { ...restored, next, files: [await packOva(fresh, name, [description.file, sums, file], signal)] };
}
