import {
  compareDisks,
  compareDiskWithImage,
  fileHashesOnDisk,
  type ComparedDisk,
} from '../../../vm-images/comparison/disk-compare.ts';
import type { ComparedTrees } from '../../../vm-images/comparison/tree-compare.ts';
import { resolveRunFolder } from '../../lab/private-files.ts';
import type { AfterPlan, Plan, VmPlan } from '../../plan/plan.ts';
import { rawDisk, type DiskFile } from './disks.ts';

/** Everything that was compared on one disk. */
export type Compared = ComparedTrees & { readonly fileSystem?: ComparedDisk['fileSystem'] | undefined };

interface RawDisk {
  readonly client: VmPlan;
  /** Its disk as a raw file. */
  readonly raw: string;
  /** For scratch files. */
  readonly workFolder: string;
  /** The disk that another client left, by its name. */
  readonly otherDisk: (name: string) => Promise<DiskFile | undefined>;
}

/** Compares a disk with the image or the other disk that the scenario names, and its single files with their hashes. */
export async function compareDisk(
  { client: { name }, raw, workFolder, otherDisk }: RawDisk,
  { compareDiskWith, files = {}, ignore = [] }: AfterPlan,
  plan: Plan,
): Promise<Compared> {
  const compared: Compared[] = [];
  if (compareDiskWith && 'image' in compareDiskWith) {
    const { image, ...choice } = compareDiskWith;
    const wim = resolveRunFolder(`${imagesRoot(plan)}/${image.replaceAll('\\', '/')}`);
    compared.push(await compareDiskWithImage({ disk: raw, wim, ...choice, ignore, workFolder }));
  } else if (compareDiskWith) {
    const other = await otherDisk(compareDiskWith.client);
    if (!other)
      throw new Error(`comparing the disk of ${name} with that of ${compareDiskWith.client}: there is no such client`);
    compared.push(
      await compareDisks({
        disk: raw,
        with: await rawDisk(other, `${workFolder}/${compareDiskWith.client}.raw`),
        changed: compareDiskWith.changed,
        ignore,
        workFolder,
      }),
    );
  }
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
  };
}

/** So many differences stand in the sentence; all are in the Result. */
const MOST_TOLD = 3;

/** What is wrong with a disk, in one sentence; undefined when nothing is. */
export function differencesText(
  { differences, filesCompared, ignored }: Compared,
  { compareDiskWith }: AfterPlan,
): string | undefined {
  if (compareDiskWith && filesCompared === 0)
    return `nothing on the disk was compared: \`ignore\` leaves out all of its ${ignored.length} paths`;
  if (differences.length === 0) return undefined;
  const told = differences
    .slice(0, MOST_TOLD)
    .map(({ path, expected, actual }) => `${path}: expected ${expected}, found ${actual}`);
  const more = differences.length - told.length;
  const paths = new Set(differences.map(({ path }) => path)).size;
  return `the disk is not as it should be in ${paths} of ${filesCompared} paths: ${told.join('; ')}${more > 0 ? `; and ${more} more (result.json has all)` : ''}`;
}

/** Root of the share that the image service serves. */
function imagesRoot(plan: Plan): string {
  const shared =
    plan.services.find((service) => service.kind === 'smb')?.config ??
    plan.services.find((service) => service.kind === 'active-directory')?.config.shares?.[0];
  if (shared === undefined) throw new Error('comparing a disk with an image needs an image service in the scenario');
  return shared.root;
}
