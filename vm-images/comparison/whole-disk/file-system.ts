import { execa } from 'execa';
import type { TreeDifference } from '../tree-compare.ts';
import { ext4Facts } from './ext4-facts.ts';
import { fatFacts } from './fat-facts.ts';
import { ntfsFacts } from './ntfs-facts.ts';
import type { FactTree } from './file-facts.ts';
import { bytesOf } from './read-bytes.ts';
import { ext4Used, fatUsed, ntfsUsed, type ByteRange } from './used-ranges.ts';

/** What is in a partition, by its content; `unknown` is compared byte for byte. */
export type FileSystemKind = 'ext4' | 'ntfs' | 'vfat' | 'swap' | 'unknown';

/** What can be told of one kind of file system in a file. */
export interface FileSystemReader {
  /** What its maker gave it: ids, labels, features. */
  readonly identity: (file: string) => Promise<Readonly<Record<string, string>>>;
  /** The bytes that mean something. */
  readonly used: (file: string, bytes: number) => Promise<readonly ByteRange[]>;
  /** Absent for what holds no files. */
  readonly files?: (file: string, scratch: string) => Promise<FactTree>;
  /** What a checker of the file system says against it. */
  readonly trouble?: (file: string) => Promise<string | undefined>;
  /** It does not grow with its partition: its bytes are where they were. */
  readonly staysAsLarge?: true;
}

const FAT_IDS = ['serial number', 'label'] as const;

export const READERS: Readonly<Record<FileSystemKind, FileSystemReader>> = {
  ext4: {
    identity: ext4Identity,
    used: ext4Used,
    files: ext4Facts,
    trouble: (file) => complaint('e2fsck', ['-fn', file]),
  },
  ntfs: {
    identity: ntfsIdentity,
    used: ntfsUsed,
    files: ntfsFacts,
    trouble: (file) => complaint('ntfsresize', ['--info', '--force', '--no-progress-bar', file]),
  },
  vfat: { identity: fatIdentity, used: fatUsed, files: fatFacts, staysAsLarge: true },
  swap: { identity: swapIdentity, used: () => Promise.resolve([{ from: 0, to: PAGE_BYTES }]) },
  unknown: {
    identity: () => Promise.resolve({}),
    used: (_, bytes) => Promise.resolve([{ from: 0, to: bytes }]),
    staysAsLarge: true,
  },
};

const PAGE_BYTES = 4096;
// Where each says what it is, as blkid(8) looks for it.
const SIGNATURES: readonly (readonly [kind: FileSystemKind, at: number, text: string])[] = [
  ['swap', PAGE_BYTES - 10, 'SWAPSPACE2'],
  ['ntfs', 3, 'NTFS    '],
  ['vfat', 82, 'FAT32   '],
  ['vfat', 54, 'FAT16   '],
  ['vfat', 54, 'FAT12   '],
  ['ext4', 1080, '\x53\xef'],
];

export async function fileSystemOf(file: string): Promise<FileSystemKind> {
  const start = await bytesOf(file, 0, PAGE_BYTES);
  return SIGNATURES.find(([, at, text]) => start.toString('latin1', at, at + text.length) === text)?.[0] ?? 'unknown';
}

/** Differences of what two file systems are called and made of. */
export function compareIdentity(
  expected: Readonly<Record<string, string>>,
  actual: Readonly<Record<string, string>>,
  where: string,
): TreeDifference[] {
  return Object.keys({ ...expected, ...actual }).flatMap((name) =>
    expected[name] === actual[name]
      ? []
      : [{ path: where, expected: `${name} ${expected[name] ?? 'none'}`, actual: `${name} ${actual[name] ?? 'none'}` }],
  );
}

async function ext4Identity(file: string): Promise<Record<string, string>> {
  const { stdout } = await execa('debugfs', ['-R', 'stats -h', file]);
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(stdout)?.[1]?.trim() ?? '';
  // resize_inode goes when nothing is left of the room that it kept.
  const features = field('Filesystem features')
    .split(' ')
    .filter((name) => name !== 'resize_inode');
  return {
    UUID: field('Filesystem UUID'),
    label: field('Filesystem volume name'),
    'block size': field('Block size'),
    'inode size': field('Inode size'),
    features: features.toSorted().join(' '),
  };
}

async function ntfsIdentity(file: string): Promise<Record<string, string>> {
  const boot = await bytesOf(file, 0, 512);
  const { stdout } = await execa('ntfslabel', ['--no-action', '--force', file]);
  return {
    'serial number': boot.toString('hex', 72, 80),
    label: stdout.trim(),
    'cluster size': `${boot.readUInt16LE(11)} × ${boot.readUInt8(13)}`,
  };
}

async function fatIdentity(file: string): Promise<Record<string, string>> {
  const boot = await bytesOf(file, 0, 512);
  const at = boot.toString('latin1', 82, 87) === 'FAT32' ? 67 : 39;
  const values = [boot.readUInt32LE(at).toString(16).padStart(8, '0'), boot.toString('latin1', at + 4, at + 15).trim()];
  return Object.fromEntries(FAT_IDS.map((name, index) => [name, values[index] ?? '']));
}

async function swapIdentity(file: string): Promise<Record<string, string>> {
  const page = await bytesOf(file, 0, PAGE_BYTES);
  return {
    version: String(page.readUInt32LE(1024)),
    UUID: page.toString('hex', 1036, 1052),
    label: page.toString('utf8', 1052, 1068).replace(/\0.*$/s, ''),
  };
}

/** The last line of a program that finds something wrong. */
async function complaint(program: string, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, all } = await execa(program, args, { all: true, reject: false });
  return exitCode === 0 ? undefined : `${program}: ${all.trim().split('\n').slice(-3).join(' ')}`;
}
