import { execa } from 'execa';

/** A partition of a raw disk file. */
export interface Partition {
  /** Two hex digits in an MBR, a GUID in a GPT. */
  readonly type: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** File systems of a system, by the types of an MBR and of a GPT (sfdisk --list-types). */
const FILE_SYSTEMS: Readonly<Record<string, 'ext4' | 'ntfs'>> = {
  83: 'ext4',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'ext4',
  7: 'ntfs',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': 'ntfs',
};

interface Table {
  readonly partitiontable: {
    readonly sectorsize: number;
    readonly partitions?: readonly { readonly start: number; readonly size: number; readonly type: string }[];
  };
}

/** The partitions of a raw disk file with an MBR or a GPT; empty if it has no partition table. */
export async function partitionsOf(disk: string): Promise<Partition[]> {
  const { stdout, stderr, failed } = await execa('sfdisk', ['--json', disk], { reject: false, env: { LC_ALL: 'C' } });
  if (failed) {
    if (stderr.includes('does not contain a recognized partition table')) return [];
    throw new Error(`reading the partition table of ${disk}: ${stderr}`);
  }
  const { sectorsize, partitions = [] } = (JSON.parse(stdout) as Table).partitiontable;
  return partitions.map(({ start, size, type }) => ({
    type: type.toUpperCase(),
    offsetBytes: start * sectorsize,
    sizeBytes: size * sectorsize,
  }));
}

/** A partition with a system on it. */
export interface SystemPartition extends Partition {
  readonly fileSystem: 'ext4' | 'ntfs';
}

/**
 * The partition of a raw disk file that has the system: the first Linux one, or else the largest of Windows, which has
 * smaller ones beside it for its start and its recovery.
 */
export async function systemPartition(disk: string): Promise<SystemPartition> {
  const partitions = await partitionsOf(disk);
  const systems = partitions.flatMap((partition): SystemPartition[] => {
    const fileSystem = FILE_SYSTEMS[partition.type];
    return fileSystem === undefined ? [] : [{ ...partition, fileSystem }];
  });
  const found =
    systems.find(({ fileSystem }) => fileSystem === 'ext4') ??
    systems.toSorted((one, other) => other.sizeBytes - one.sizeBytes)[0];
  if (!found)
    throw new Error(
      `${disk}: expected a partition with a file system of Linux or Windows (type ${Object.keys(FILE_SYSTEMS).join(', ')}), found ${partitions.map(({ type }) => type).join(', ') || 'no partition table'}; see whether the installation got as far as partitioning`,
    );
  return found;
}
