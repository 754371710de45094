import { execa } from 'execa';
import type { TreeDifference } from '../tree-compare.ts';

/** A partition as the table of its disk has it. */
export interface TablePartition {
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid?: string;
  readonly name?: string;
  readonly attrs?: string;
  readonly bootable?: boolean;
}

/** What is on a disk's first sectors. Numbers are of sectors. */
export interface DiskTable {
  /** `gpt`, `dos`, …; `none` for a disk without a table. */
  readonly label: string;
  /** The disk's GUID, or the signature of an MBR. */
  readonly id?: string;
  readonly firstlba?: number;
  readonly sectorsize: number;
  readonly partitions: readonly TablePartition[];
}

export async function readDiskTable(disk: string): Promise<DiskTable> {
  const { stdout, stderr, exitCode } = await execa('sfdisk', ['--json', disk], { reject: false });
  if (exitCode !== 0) {
    if (/does not contain a recognized partition table/.test(stderr))
      return { label: 'none', sectorsize: 512, partitions: [] };
    throw new Error(`reading the partition table of ${disk}: ${stderr.trim()}`);
  }
  const { partitiontable: table } = JSON.parse(stdout) as {
    partitiontable: Omit<DiskTable, 'partitions' | 'sectorsize'> & {
      readonly sectorsize?: number;
      readonly partitions?: readonly (Omit<TablePartition, 'number'> & { readonly node: string })[];
    };
  };
  return {
    ...table,
    sectorsize: table.sectorsize ?? 512,
    // The name of the disk, and then the number.
    partitions: (table.partitions ?? []).map(({ node, ...one }) => ({
      ...one,
      number: Number(node.slice(disk.length).replace(/^p/, '')),
    })),
  };
}

/** What sfdisk says against a table: overlapping partitions, a damaged GPT, or its second copy that is not at the end of the disk. */
export async function tableTrouble(disk: string): Promise<string | undefined> {
  const { all, exitCode } = await execa('sfdisk', ['--verify', disk], { all: true, reject: false });
  const lines = all.replaceAll(`${disk}:`, '').split('\n');
  // Of a damaged copy it warns, and then finds no errors.
  const wrong = lines.filter((line) => TROUBLE.test(line) && !/^No errors detected/.test(line));
  return exitCode === 0 && wrong.length === 0 ? undefined : wrong.join(' ') || all.trim();
}

const TROUBLE = /corrupt|mismatch|not on the end|overlap|invalid|errors? detected/i;

type Value = string | number | boolean | undefined;
const SAME = ['start', 'type', 'uuid', 'name', 'attrs', 'bootable'] as const;

/** Differences of two tables. `larger`: the disk is larger, and so may its partitions be. */
export function compareTables(expected: DiskTable, actual: DiskTable, larger: boolean): TreeDifference[] {
  const told = (path: string, name: string, one: Value, other: Value): TreeDifference[] =>
    one === other ? [] : [{ path, expected: `${name} ${words(one)}`, actual: `${name} ${words(other)}` }];
  const numbers = new Set([...expected.partitions, ...actual.partitions].map(({ number }) => number));
  return [
    ...(['label', 'id', 'firstlba'] as const).flatMap((key) =>
      told('partition table', key, expected[key], actual[key]),
    ),
    ...[...numbers].flatMap((number) => {
      const [one, other] = [expected, actual].map(({ partitions }) =>
        partitions.find((part) => part.number === number),
      );
      const path = `partition ${number}`;
      if (one === undefined || other === undefined)
        return [{ path, expected: one ? 'a partition' : 'nothing', actual: other ? 'a partition' : 'missing' }];
      return [
        ...SAME.flatMap((key) => told(path, key, one[key], other[key])),
        ...(larger && other.size > one.size ? [] : told(path, 'size', one.size, other.size)),
      ];
    }),
  ];
}

const words = (value: Value): string => String(value ?? 'none');
