import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { linuxPartition } from './partition-table.ts';
import { compareTrees } from './tree-compare.ts';
import type { TreeDifference } from './tree-compare.ts';
import { parseWimListing } from './wim-listing.ts';
import type { TreeEntry } from './wim-listing.ts';

export type { TreeDifference } from './tree-compare.ts';

/** Files that an installation adds to the image: the file system's own folder and the boot loader. */
export const INSTALLER_FILES: ReadonlySet<string> = new Set(['/lost+found', '/boot/ldlinux.sys', '/boot/ldlinux.c32']);

/** What to compare. */
export interface DiskComparison {
  /** Raw disk with an MBR and an ext4 file system in its first Linux partition; not in use. */
  readonly disk: string;
  readonly wim: string;
  readonly imageIndex: number;
  /** Further files that the installation adds, such as a computer's key. */
  readonly added?: readonly string[];
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
export interface ComparedDisk {
  readonly filesCompared: number;
  readonly differences: TreeDifference[];
  readonly fileSystem: DiskFileSystem;
}

/**
 * Compares every file, folder and link on a disk with the image that was installed on it: type, mode, size, content,
 * link target. Needs neither root nor a mount: e2fsprogs reads the disk, wimlib lists the image.
 */
export async function compareDiskWithImage({
  disk,
  wim,
  imageIndex,
  added = [],
  workFolder,
}: DiskComparison): Promise<ComparedDisk> {
  const scratch = await mkdtemp(path.join(workFolder, 'disk-'));
  try {
    const expected = await imageTree(wim, imageIndex, scratch);
    const actual = await diskTree(disk, scratch);
    return {
      filesCompared: expected.size,
      differences: compareTrees(expected, actual, new Set([...INSTALLER_FILES, ...added])),
      fileSystem: await fileSystemOf(disk),
    };
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
  /** Raw disks with an MBR and an ext4 file system in their first Linux partition; not in use. */
  readonly disk: string;
  readonly with: string;
  /**
   * Absolute paths that must differ, such as files with the identity of one computer; all other files must be equal.
   */
  readonly changed: readonly string[];
  readonly workFolder: string;
}

/** Compares every file, folder and link on a disk with those on another one, the expected one. */
export async function compareDisks({
  disk,
  with: other,
  changed,
  workFolder,
}: DisksComparison): Promise<{ filesCompared: number; differences: TreeDifference[] }> {
  const scratch = await mkdtemp(path.join(workFolder, 'disk-'));
  try {
    const expected = await diskTree(other, scratch);
    const actual = await diskTree(disk, scratch);
    // The boot loader stores its own block addresses, so its files differ between installations.
    const found = compareTrees(expected, actual, INSTALLER_FILES).filter(
      (difference) => !INSTALLER_FILES.has(difference.path),
    );
    const differing = new Set(found.map((difference) => difference.path));
    const unchanged = changed
      .filter((name) => !differing.has(name))
      .map((name) => ({
        path: name,
        expected: 'a difference',
        actual: expected.has(name) || actual.has(name) ? 'the same on both disks' : 'not on either disk',
      }));
    return {
      filesCompared: expected.size,
      differences: [...found.filter((difference) => !changed.includes(difference.path)), ...unchanged],
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
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

async function imageTree(wim: string, imageIndex: number, scratch: string): Promise<Map<string, TreeEntry>> {
  const image = String(imageIndex);
  const refs = await sharedData(wim);
  const { stdout } = await execa('wimlib-imagex', ['dir', wim, image, '--detailed', ...refs], { maxBuffer: 1e9 });
  const tree = parseWimListing(stdout);
  const links = [...tree].filter(([, entry]) => entry.type === 'link').map(([name]) => name);
  if (links.length === 0) return tree;
  // Only wimlib can decode a link target in a reparse point, so it extracts the links and this code reads them.
  const [list, folder] = [path.join(scratch, 'links.txt'), path.join(scratch, 'links')];
  await writeFile(list, `${links.join('\n')}\n`);
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
  for (const link of links)
    tree.set(link, { type: 'link', mode: 0o777, target: await readlink(path.join(folder, link)) });
  return tree;
}

/** Tells wimlib where the data of an image in a WDS group is: in the file that the group shares. */
async function sharedData(wim: string): Promise<readonly string[]> {
  const { stdout } = await execa('wimlib-imagex', ['info', wim, '--header']);
  return /^Total Parts\s*= 1$/m.test(stdout) ? [] : [`--ref=${path.join(path.dirname(wim), 'Res.rwm')}`];
}

async function diskTree(disk: string, scratch: string): Promise<Map<string, TreeEntry>> {
  const folder = await mkdtemp(path.join(scratch, 'files-'));
  // wimlib warns that it may not set owners, which do not matter here.
  await execa('debugfs', ['-R', `rdump / ${folder}`, await debugfsDevice(disk)], { cwd: scratch });
  const tree = new Map<string, TreeEntry>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const place = path.join(entry.parentPath, entry.name);
    tree.set(`/${path.relative(folder, place)}`, await readEntry(place));
  }
  tree.set('/', await readEntry(folder));
  return tree;
}

async function readEntry(place: string): Promise<TreeEntry> {
  const found = await lstat(place);
  const mode = found.mode & 0o7777;
  if (found.isSymbolicLink()) return { type: 'link', mode, target: await readlink(place) };
  if (found.isDirectory()) return { type: 'folder', mode };
  if (!found.isFile()) return { type: 'other', mode };
  const hash = createHash('sha1');
  await pipeline(createReadStream(place), hash);
  return { type: 'file', mode, size: found.size, sha1: hash.digest('hex') };
}
