import { execa } from 'execa';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ComparedTrees, TreeDifference } from '../tree-compare.ts';
import { compareBytes } from './compare-bytes.ts';
import { compareTables, readDiskTable, tableTrouble, type DiskTable, type TablePartition } from './disk-table.ts';
import { compareFacts, type FactTree } from './file-facts.ts';
import { compareIdentity, fileSystemOf, READERS, type FileSystemKind } from './file-system.ts';
import { bytesOf } from './read-bytes.ts';
import type { ByteRange } from './used-ranges.ts';

/** Two disks as raw files, not in use; the one that is expected is `with`. */
export interface WholeDisks {
  readonly disk: string;
  readonly with: string;
  /** For copies of partitions and of their files; left empty. */
  readonly workFolder: string;
}

/** How much of one partition was compared. */
export interface ComparedPartition {
  /** 0 for a disk without a table. */
  readonly number: number;
  readonly fileSystem: FileSystemKind;
  /** Its size on the expected disk. */
  readonly bytes: number;
  /** By how much it is larger on the other disk; absent for the same size. */
  readonly largerByBytes?: number;
  /** Bytes that were compared one by one: those in use. 0 where a file system grew with its partition. */
  readonly bytesCompared: number;
  /** Files, folders and links. */
  readonly filesCompared: number;
}

/** What the comparison of two whole disks found. */
export interface ComparedWholeDisk extends ComparedTrees {
  readonly partitions: readonly ComparedPartition[];
}

/** What a backup keeps of a disk's beginning. */
const BOOT_AREA_BYTES = 2 ** 20;
/** The disk's signature and the four entries of an MBR: sfdisk tells of these. */
const MBR_TABLE: ByteRange = { from: 440, to: 510 };

/**
 * Compares a disk with the one that it is a copy of: partition table, boot code in front of the first partition, and each
 * partition, byte for byte where it is in use, and file by file with all that its file system says of a file. A larger disk may
 * have larger partitions; what grew is compared file by file, and must be sound. Needs neither root nor a mount.
 */
export async function compareWholeDisks(disks: WholeDisks): Promise<ComparedWholeDisk> {
  const scratch = await mkdtemp(path.join(disks.workFolder, 'whole-'));
  try {
    return await compared(disks, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function compared({ disk, with: other }: WholeDisks, scratch: string): Promise<ComparedWholeDisk> {
  const [expected, actual] = [await readDiskTable(other), await readDiskTable(disk)];
  const [expectedBytes, actualBytes] = [(await stat(other)).size, (await stat(disk)).size];
  const larger = actualBytes > expectedBytes;
  const trouble = actual.label === 'none' ? undefined : await tableTrouble(disk);
  const differences: TreeDifference[] = [
    ...(actualBytes < expectedBytes
      ? [{ path: 'disk', expected: `at least ${expectedBytes} bytes`, actual: `${actualBytes} bytes` }]
      : []),
    ...compareTables(expected, actual, larger),
    ...(trouble === undefined ? [] : [{ path: 'partition table', expected: 'no errors', actual: trouble }]),
  ];
  if (expected.label !== 'none')
    differences.push(...(await compareBytes(other, disk, await bootArea(other, expected), 'boot code')).differences);
  const pairs =
    expected.label === 'none'
      ? [{ number: 0, from: { at: 0, bytes: expectedBytes }, to: { at: 0, bytes: actualBytes } }]
      : expected.partitions.flatMap((one) => {
          const found = actual.partitions.find(({ number }) => number === one.number);
          return found === undefined || isExtended(one, expected)
            ? []
            : [{ number: one.number, from: placeOf(one, expected), to: placeOf(found, actual) }];
        });
  const partitions: ComparedPartition[] = [];
  for (const pair of pairs) {
    const [one, two] = [path.join(scratch, 'expected'), path.join(scratch, 'actual')];
    await extract(other, pair.from, one);
    await extract(disk, pair.to, two);
    const result = await comparePartition(one, two, pair, scratch);
    partitions.push(result.partition);
    differences.push(...result.differences);
    await Promise.all([rm(one), rm(two)]);
  }
  return {
    filesCompared: partitions.reduce((sum, { filesCompared }) => sum + filesCompared, 0),
    differences,
    ignored: [],
    notCompared: [],
    partitions,
  };
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

const placeOf = ({ start, size }: TablePartition, { sectorsize }: DiskTable): Place => ({
  at: start * sectorsize,
  bytes: size * sectorsize,
});

/** Types of an MBR's partition that holds others (sfdisk --list-types). */
const EXTENDED: ReadonlySet<string> = new Set(['5', 'f', '85']);
const isExtended = ({ type }: TablePartition, { label }: DiskTable): boolean => label === 'dos' && EXTENDED.has(type);

/** What lies in front of the first partition, but for the table itself: code of boot loaders. */
async function bootArea(disk: string, { label, partitions, sectorsize }: DiskTable): Promise<ByteRange[]> {
  const first = Math.min(...partitions.map(({ start }) => start * sectorsize), BOOT_AREA_BYTES);
  const beforeTable = { from: 0, to: MBR_TABLE.from };
  if (label !== 'gpt') return [beforeTable, { from: MBR_TABLE.to, to: first }];
  // UEFI 2.10 section 5.3.2: where the entries are, and how many of which size.
  const header = await bytesOf(disk, sectorsize, sectorsize);
  const entriesAt = Number(header.readBigUInt64LE(72)) * sectorsize;
  const entriesEnd = entriesAt + header.readUInt32LE(80) * header.readUInt32LE(84);
  return [
    beforeTable,
    { from: MBR_TABLE.to, to: sectorsize },
    ...(entriesEnd < first ? [{ from: entriesEnd, to: first }] : []),
  ];
}

/** A partition as a sparse file. */
async function extract(disk: string, { at, bytes }: Place, file: string): Promise<void> {
  await execa('dd', [
    `if=${disk}`,
    `of=${file}`,
    'bs=1M',
    `skip=${at}`,
    `count=${bytes}`,
    'iflag=skip_bytes,count_bytes',
    'conv=sparse',
    'status=none',
  ]);
}

async function comparePartition(
  one: string,
  two: string,
  { number, from, to }: { readonly number: number; readonly from: Place; readonly to: Place },
  scratch: string,
): Promise<{ readonly partition: ComparedPartition; readonly differences: readonly TreeDifference[] }> {
  const where = number === 0 ? 'disk' : `partition ${number}`;
  const [kind, found] = [await fileSystemOf(one), await fileSystemOf(two)];
  const grown = to.bytes > from.bytes;
  const partition = {
    number,
    fileSystem: kind,
    bytes: from.bytes,
    ...(grown ? { largerByBytes: to.bytes - from.bytes } : {}),
    bytesCompared: 0,
    filesCompared: 0,
  };
  if (kind !== found)
    return {
      partition,
      differences: [{ path: where, expected: `file system ${kind}`, actual: `file system ${found}` }],
    };
  const { used, trouble, staysAsLarge } = READERS[kind];
  const inPlace = !grown || staysAsLarge === true;
  const bytes = inPlace
    ? await compareBytes(one, two, await used(one, from.bytes), where)
    : { bytes: 0, differences: [] };
  const wrong = inPlace ? undefined : await trouble?.(two);
  const read = await readBoth(one, two, kind, scratch);
  return {
    partition: { ...partition, bytesCompared: bytes.bytes, filesCompared: read.filesCompared },
    differences: [
      ...bytes.differences,
      ...(wrong === undefined ? [] : [{ path: where, expected: 'a sound file system', actual: wrong }]),
      ...read.differencesAt(where),
    ],
  };
}

/** Identity and files of both; of the other one as far as it can be read, since it may be damaged. */
async function readBoth(
  one: string,
  two: string,
  kind: FileSystemKind,
  scratch: string,
): Promise<{ readonly filesCompared: number; readonly differencesAt: (where: string) => readonly TreeDifference[] }> {
  const read = async (file: string) => ({
    identity: await READERS[kind].identity(file),
    files: (await READERS[kind].files?.(file, scratch)) ?? (new Map() satisfies FactTree),
  });
  const expected = await read(one);
  const filesCompared = expected.files.size;
  try {
    const actual = await read(two);
    return {
      filesCompared,
      differencesAt: (where) => [
        ...compareIdentity(expected.identity, actual.identity, where),
        ...compareFacts(expected.files, actual.files, `${where}: `),
      ],
    };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      filesCompared,
      differencesAt: (where) => [{ path: where, expected: 'a file system that can be read', actual: why }],
    };
  }
}
