import {
  compareDisks,
  compareDiskWithImage,
  fileHashesOnDisk,
  type ComparedDisk,
} from '../../../vm-images/comparison/disk-compare.ts';
import { compareWholeDisks, type ComparedWholeDisk } from '../../../vm-images/comparison/whole-disk/whole-disk.ts';
import type { ComparedTrees } from '../../../vm-images/comparison/tree-compare.ts';
import { resolveRunFolder } from '../../lab/private-files.ts';
import type { AfterPlan, Plan, VmPlan } from '../../plan/plan.ts';
import { rawDisk, type DiskFile } from './disks.ts';

/** Everything that was compared on one disk. */
export type Compared = ComparedTrees & {
  readonly fileSystem?: ComparedDisk['fileSystem'] | undefined;
  /** Of a whole disk. */
  readonly partitions?: ComparedWholeDisk['partitions'] | undefined;
};

interface RawDisk {
  readonly client: VmPlan;
  /** Its disk as a raw file. */
  readonly raw: string;
  /** For scratch files. */
  readonly workFolder: string;
  /** The disk that another client left, by its name. */
  readonly otherDisk: (name: string) => Promise<DiskFile | undefined>;
}

/**
 * Compares a disk with the image or the other disk that the scenario names, with the disk that it is a copy of, and its single files
 * with their hashes.
 */
export async function compareDisk(
  { client: { name }, raw, workFolder, otherDisk }: RawDisk,
  { compareDiskWith, restoredFrom, files = {}, ignore = [] }: AfterPlan,
  plan: Plan,
): Promise<Compared> {
  const compared: Compared[] = [];
  const rawOf = async (other: string): Promise<string> => {
    const disk = await otherDisk(other);
    if (!disk) throw new Error(`comparing the disk of ${name} with that of ${other}: there is no such client`);
    return rawDisk(disk, `${workFolder}/${other}.raw`);
  };
  if (compareDiskWith && 'image' in compareDiskWith) {
    const { image, ...choice } = compareDiskWith;
    const wim = resolveRunFolder(`${imagesRoot(plan)}/${image.replaceAll('\\', '/')}`);
    compared.push(await compareDiskWithImage({ disk: raw, wim, ...choice, ignore, workFolder }));
  } else if (compareDiskWith) {
    const other = await rawOf(compareDiskWith.client);
    compared.push(await compareDisks({ disk: raw, with: other, changed: compareDiskWith.changed, ignore, workFolder }));
  }
  if (restoredFrom !== undefined)
    compared.push(await compareWholeDisks({ disk: raw, with: await rawOf(restoredFrom), workFolder }));
  return together([...compared, await compareNamedFiles(raw, files)]);
}

async function compareNamedFiles(raw: string, files: NonNullable<AfterPlan['files']>): Promise<ComparedTrees> {
  const named = Object.entries(files);
  const actual =
    named.length === 0
      ? new Map<string, string>()
      : await fileHashesOnDisk(
          raw,
          named.map(([path]) => path),
        );
  const differences = named.flatMap(([path, expected]) => {
    const found = actual.get(path);
    if (found === expected) return [];
    return [
      {
        path,
        expected: `SHA-256 ${expected}`,
        actual: found === undefined ? 'no such file' : `SHA-256 ${found}`,
      },
    ];
  });
  return { filesCompared: named.length, differences, ignored: [], notCompared: [] };
}

function together(compared: readonly Compared[]): Compared {
  return {
    filesCompared: compared.reduce((sum, one) => sum + one.filesCompared, 0),
    differences: compared.flatMap((one) => one.differences),
    ignored: compared.flatMap((one) => one.ignored),
    notCompared: compared.flatMap((one) => one.notCompared),
    fileSystem: compared.find((one) => one.fileSystem !== undefined)?.fileSystem,
    partitions: compared.find((one) => one.partitions !== undefined)?.partitions,
  };
}

/** So many differences stand in the sentence; all are in the Result. */
const MOST_TOLD = 3;

/** What is wrong with a disk, in one sentence; undefined when nothing is. */
export function differencesText(
  { differences, filesCompared, ignored, partitions }: Compared,
  { compareDiskWith, restoredFrom }: AfterPlan,
): string | undefined {
  if (restoredFrom !== undefined && (partitions ?? []).length === 0)
    return `nothing of the disk was compared with that of ${restoredFrom}, which has no partition`;
  if (compareDiskWith && filesCompared === 0)
    return `nothing on the disk was compared: \`ignore\` leaves out all of its ${ignored.length} paths`;
  if (differences.length === 0) return undefined;
  const told = differences
    .slice(0, MOST_TOLD)
    .map(({ path, expected, actual }) => `${path}: expected ${expected}, found ${actual}`);
  const more = differences.length - told.length;
  const paths = new Set(differences.map(({ path }) => path)).size;
  const where =
    restoredFrom === undefined
      ? `is not as it should be in ${paths} of ${filesCompared} paths`
      : `differs from that of ${restoredFrom} in ${paths} places`;
  return `the disk ${where}: ${told.join('; ')}${more > 0 ? `; and ${more} more (result.json has all)` : ''}`;
}

/** Root of the share that the image service serves. */
function imagesRoot(plan: Plan): string {
  const shared =
    plan.services.find((service) => service.kind === 'smb')?.config ??
    plan.services.find((service) => service.kind === 'active-directory')?.config.shares?.[0];
  if (shared === undefined) throw new Error('comparing a disk with an image needs an image service in the scenario');
  return shared.root;
}
