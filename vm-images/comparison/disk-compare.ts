import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ext4Tree } from './ext4-tree.ts';
import { ntfsTree } from './ntfs-tree.ts';
import { systemPartition, type Partition } from './partition-table.ts';
import { compareTrees, type ComparedTrees } from './tree-compare.ts';
import type { TreeEntry } from './wim-listing.ts';
import { sharedParts, wimTree, type ImageChoice } from './wim-tree.ts';

/** What to compare. */
export interface DiskComparison extends ImageChoice {
  /** Raw disk with an MBR or a GPT, not in use; `systemPartition` says where its system is. */
  readonly disk: string;
  readonly wim: string;
  /** Glob patterns of paths that are not compared. */
  readonly ignore: readonly string[];
  /** Scratch folder for copies of the disk's files; left empty. */
  readonly workFolder: string;
}

/** The file system that an installation made on a disk. */
export interface DiskFileSystem {
  readonly uuid: string;
  readonly blocks: number;
  readonly blockSize: number;
}

/** What the comparison of a disk with an image found. */
export interface ComparedDisk extends ComparedTrees {
  /** Absent for NTFS. */
  readonly fileSystem?: DiskFileSystem;
}

/**
 * Compares every file, folder and link on a disk with the image that was installed on it: type, size, content, link
 * target, time of the last change, and what the image holds of owner and mode, or of Windows attributes. Needs neither
 * root nor a mount: e2fsprogs reads ext4, wimlib NTFS and the image.
 */
export async function compareDiskWithImage({
  disk,
  wim,
  ignore,
  workFolder,
  ...choice
}: DiskComparison): Promise<ComparedDisk> {
  const scratch = await mkdtemp(path.join(workFolder, 'disk-'));
  try {
    const partition = await systemPartition(disk);
    const parts = await sharedParts(wim);
    const image = await wimTree(wim, choice, parts, scratch);
    if (partition.fileSystem === 'ntfs') {
      // wimlib takes no part of a set for a whole one.
      const actual = await ntfsTree(disk, partition, parts.length === 0 ? wim : undefined, scratch);
      return compareTrees(image, actual, ignore);
    }
    const device = debugfsDevice(disk, partition);
    const actual = await ext4Tree(device, scratch);
    return { ...compareTrees(asOnExt4(image), actual, ignore), fileSystem: await fileSystemOf(device) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Content of a small file on a disk; undefined if there is no such file. */
export async function fileOnDisk(disk: string, file: string): Promise<Buffer | undefined> {
  const device = await ext4Device(disk);
  const { stdout: facts } = await execa('debugfs', ['-R', `stat "${file}"`, device]);
  if (!/^Inode: \d+\s+Type: regular/m.test(facts)) return undefined;
  const { stdout } = await execa('debugfs', ['-R', `cat "${file}"`, device], {
    encoding: 'buffer',
    stripFinalNewline: false,
  });
  return Buffer.from(stdout);
}

/** Two disks of one origin. */
export interface DisksComparison {
  /** Raw disks with an MBR or a GPT, not in use; `systemPartition` says where their systems are. */
  readonly disk: string;
  readonly with: string;
  /**
   * Absolute paths that must differ, such as files with the identity of one computer; all other files must be equal.
   */
  readonly changed: readonly string[];
  /** Glob patterns of paths that are not compared. */
  readonly ignore: readonly string[];
  readonly workFolder: string;
}

/**
 * Compares every file, folder and link on a disk with those on another one, the expected one. Not their times: each disk
 * has a history of its own.
 */
export async function compareDisks({
  disk,
  with: other,
  changed,
  ignore,
  workFolder,
}: DisksComparison): Promise<ComparedTrees> {
  const scratch = await mkdtemp(path.join(workFolder, 'disk-'));
  try {
    const expected = await diskTree(other, scratch);
    const actual = withoutTimes(await diskTree(disk, scratch));
    const compared = compareTrees(expected, actual, ignore);
    const differing = new Set(compared.differences.map((difference) => difference.path));
    const unchanged = changed
      .filter((name) => !differing.has(name))
      .map((name) => ({
        path: name,
        expected: 'a difference',
        actual: expected.has(name) || actual.has(name) ? 'the same on both disks' : 'not on either disk',
      }));
    return {
      ...compared,
      differences: [...compared.differences.filter((difference) => !changed.includes(difference.path)), ...unchanged],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function withoutTimes(tree: ReadonlyMap<string, TreeEntry>): Map<string, TreeEntry> {
  return new Map([...tree].map(([name, { modifiedS: _, ...entry }]) => [name, entry]));
}

/** SHA-256 of single files on a disk, by path; a missing file has no entry. */
export async function fileHashesOnDisk(disk: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const device = await ext4Device(disk);
  const hashes = new Map<string, string>();
  for (const file of paths) {
    if (/["\n]/.test(file))
      throw new Error(`${JSON.stringify(file)}: debugfs takes no path with a quote or a line break`);
    // debugfs always exits with 0, and `cat` prints folders too.
    const { stdout } = await execa('debugfs', ['-R', `stat "${file}"`, device]);
    if (!/^Inode: \d+\s+Type: regular/m.test(stdout)) continue;
    const hash = createHash('sha256');
    const debugfs = execa('debugfs', ['-R', `cat "${file}"`, device], { buffer: false });
    await pipeline(debugfs.stdout, hash);
    await debugfs;
    hashes.set(file, hash.digest('hex'));
  }
  return hashes;
}

async function fileSystemOf(device: string): Promise<DiskFileSystem> {
  const { stdout } = await execa('debugfs', ['-R', 'stats -h', device]);
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    uuid: field('Filesystem UUID'),
    blocks: Number(field('Block count')),
    blockSize: Number(field('Block size')),
  };
}

function debugfsDevice(disk: string, { offsetBytes }: Partition): string {
  return `${disk}?offset=${offsetBytes}`;
}

/** Single files are read by debugfs alone. */
async function ext4Device(disk: string): Promise<string> {
  const partition = await systemPartition(disk);
  if (partition.fileSystem !== 'ext4')
    throw new Error(`${disk}: expected an ext4 file system, to read single files of it, found ${partition.fileSystem}`);
  return debugfsDevice(disk, partition);
}

// What a time on ext4 can be (the kernel's fs/ext4/ext4.h, EXT4_TIMESTAMP_MIN, EXT4_EXTRA_TIMESTAMP_MAX); the kernel
// takes the nearest one for every other.
const [EARLIEST_S, LATEST_S] = [-(2 ** 31), 2 ** 34 - 2 ** 31 - 1];

/** A tree as ext4 can hold it. */
function asOnExt4(tree: ReadonlyMap<string, TreeEntry>): ReadonlyMap<string, TreeEntry> {
  const nearest = (seconds: number): number => Math.min(Math.max(seconds, EARLIEST_S), LATEST_S);
  return new Map(
    [...tree].map(([name, entry]) => [
      name,
      entry.modifiedS === undefined ? entry : { ...entry, modifiedS: nearest(entry.modifiedS) },
    ]),
  );
}

/** The system on a disk. */
async function diskTree(disk: string, scratch: string): Promise<Map<string, TreeEntry>> {
  const partition = await systemPartition(disk);
  return partition.fileSystem === 'ext4'
    ? ext4Tree(debugfsDevice(disk, partition), scratch)
    : ntfsTree(disk, partition, undefined, scratch);
}
