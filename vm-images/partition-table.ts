import { execa } from 'execa';

/** A partition of a raw disk file. */
export interface Partition {
  /** Two hex digits in an MBR, a GUID in a GPT. */
  readonly type: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Linux file systems: the type of an MBR, and that of a GPT (sfdisk --list-types). */
const LINUX: ReadonlySet<string> = new Set(['83', '0FC63DAF-8483-4772-8E79-3D69D8477DE4']);

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

/** The first Linux partition of a raw disk file. */
export async function linuxPartition(disk: string): Promise<Partition> {
  const partitions = await partitionsOf(disk);
  const found = partitions.find(({ type }) => LINUX.has(type));
  if (!found)
    throw new Error(
      `${disk}: expected a partition with a Linux file system (type ${[...LINUX].join(' or ')}), found ${partitions.map(({ type }) => type).join(', ') || 'no partition table'}; see whether the installation got as far as partitioning`,
    );
  return found;
}
