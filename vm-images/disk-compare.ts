import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ext4Tree } from './ext4-tree.ts';
import { linuxPartition } from './partition-table.ts';
import { compareTrees, type ComparedTrees } from './tree-compare.ts';
import { LISTING_ENVIRONMENT, parseWimListing, type TreeEntry } from './wim-listing.ts';

/** An image of a WIM: by its index, by its name, or the first. */
export interface ImageChoice {
  readonly index?: number;
  readonly name?: string;
}

/** What to compare. */
export interface DiskComparison extends ImageChoice {
  /** Raw disk with an MBR or a GPT and an ext4 file system in its first Linux partition; not in use. */
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
  readonly fileSystem: DiskFileSystem;
}

/**
 * Compares every file, folder and link on a disk with the image that was installed on it: type, size, content, link
 * target, time of the last change, and what the image holds of owner and mode. Needs neither root nor a mount: e2fsprogs
 * reads the disk, wimlib lists the image.
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
    const expected = await imageTree(wim, choice, scratch);
    const actual = await ext4Tree(await debugfsDevice(disk), scratch);
    return { ...compareTrees(expected, actual, ignore), fileSystem: await fileSystemOf(disk) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Content of a small file on a disk; undefined if there is no such file. */
export async function fileOnDisk(disk: string, file: string): Promise<Buffer | undefined> {
  const device = await debugfsDevice(disk);
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
  /** Raw disks with an MBR or a GPT and an ext4 file system in their first Linux partition; not in use. */
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
    const expected = await ext4Tree(await debugfsDevice(other), scratch);
    const actual = withoutTimes(await ext4Tree(await debugfsDevice(disk), scratch));
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
  const device = await debugfsDevice(disk);
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

async function fileSystemOf(disk: string): Promise<DiskFileSystem> {
  const { stdout } = await execa('debugfs', ['-R', 'stats -h', await debugfsDevice(disk)]);
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    uuid: field('Filesystem UUID'),
    blocks: Number(field('Block count')),
    blockSize: Number(field('Block size')),
  };
}

async function debugfsDevice(disk: string): Promise<string> {
  return `${disk}?offset=${(await linuxPartition(disk)).offsetBytes}`;
}

// What a time on ext4 can be (the kernel's fs/ext4/ext4.h, EXT4_TIMESTAMP_MIN, EXT4_EXTRA_TIMESTAMP_MAX); the kernel
// takes the nearest one for every other.
const [EARLIEST_S, LATEST_S] = [-(2 ** 31), 2 ** 34 - 2 ** 31 - 1];

async function imageTree(wim: string, choice: ImageChoice, scratch: string): Promise<Map<string, TreeEntry>> {
  const image = String(await imageIndex(wim, choice));
  const refs = await sharedData(wim);
  const { stdout } = await execa('wimlib-imagex', ['dir', wim, image, '--detailed', ...refs], {
    maxBuffer: 1e9,
    env: LISTING_ENVIRONMENT,
  });
  const tree = parseWimListing(stdout);
  for (const [name, entry] of tree)
    if (entry.modifiedS !== undefined)
      tree.set(name, { ...entry, modifiedS: Math.min(Math.max(entry.modifiedS, EARLIEST_S), LATEST_S) });
  const links = [...tree].filter(([, entry]) => entry.type === 'link');
  if (links.length === 0) return tree;
  // Only wimlib can decode a link target in a reparse point, so it extracts the links and this code reads them.
  const [list, folder] = [path.join(scratch, 'links.txt'), path.join(scratch, 'links')];
  await writeFile(list, links.map(([name]) => `${name}\n`).join(''));
  await execa('wimlib-imagex', [
    'extract',
    wim,
    image,
    `@${list}`,
    `--dest-dir=${folder}`,
    '--preserve-dir-structure',
    '--no-globs',
    '--no-acls',
    '--no-attributes',
    ...refs,
  ]);
  for (const [name, entry] of links) tree.set(name, { ...entry, target: await readlink(path.join(folder, name)) });
  return tree;
}

/** Index of the image that is wanted. */
async function imageIndex(wim: string, { index, name }: ImageChoice): Promise<number> {
  const { stdout } = await execa('wimlib-imagex', ['info', wim], { env: LISTING_ENVIRONMENT });
  const names = stdout.split(/^(?=Index:)/m).flatMap((block) => {
    const found = /^Index:\s+(\d+)$/m.exec(block)?.[1];
    return found === undefined ? [] : [{ index: Number(found), name: /^Name:\s+(.*)$/m.exec(block)?.[1] ?? '' }];
  });
  const wanted = names.find((one) => (name === undefined ? one.index === (index ?? 1) : one.name === name));
  if (!wanted)
    throw new Error(
      `${wim}: expected image ${name === undefined ? (index ?? 1) : `“${name}”`}, found ${names.map((one) => `${one.index} “${one.name}”`).join(', ') || 'no image'}`,
    );
  return wanted.index;
}

/** Tells wimlib where the data of an image in a WDS group is: in the file that the group shares. */
async function sharedData(wim: string): Promise<readonly string[]> {
  const { stdout } = await execa('wimlib-imagex', ['info', wim, '--header']);
  return /^Total Parts\s*= 1$/m.test(stdout) ? [] : [`--ref=${path.join(path.dirname(wim), 'Res.rwm')}`];
}
