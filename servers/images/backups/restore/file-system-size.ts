import { open, truncate, type FileHandle } from 'node:fs/promises';
import type { BackupPartition } from '../../backup-store/manifest.ts';
import { runProgram } from '../programs.ts';

// File systems in a file of their own, made larger or smaller to fit their partition on another disk.

/** The file system cannot be made that small. */
export class FileSystemTooLargeError extends Error {
  override readonly name = 'FileSystemTooLargeError';
  /** What it needs at least, as far as its own program knows. */
  readonly leastBytes: number;

  constructor(leastBytes: number) {
    super(`expected a partition of at least ${leastBytes} bytes`);
    this.leastBytes = leastBytes;
  }
}

/** A swap area's header lies in its first page, whose last bytes are a signature (mkswap(8)). */
const SWAP_PAGE_BYTES = 4096;
const SWAP_SIGNATURE = 'SWAPSPACE2';
const SWAP_LAST_PAGE_OFFSET = 1028;
const EXT_SUPERBLOCK_OFFSET = 1024;
const EXT_LOG_BLOCK_SIZE_OFFSET = 24;

/**
 * Makes `file` as large as its partition is now to be, and what it holds with it where that can be done: ext2 to ext4,
 * NTFS and swap. What cannot grow (FAT, or a stream of raw bytes) keeps its size in a larger partition; false then.
 * Throws `FileSystemTooLargeError`.
 */
export async function fitFileSystem(
  format: BackupPartition['format'],
  file: string,
  before: number,
  bytes: number,
): Promise<boolean> {
  switch (format) {
    case 'extfs':
      await fitExt(file, before, bytes);
      return true;
    case 'ntfs':
      await fitNtfs(file, before, bytes);
      return true;
    case 'swap':
      await truncate(file, bytes);
      return fitSwap(file, bytes);
    default:
      if (bytes < before) throw new FileSystemTooLargeError(before);
      await truncate(file, bytes);
      return false;
  }
}

async function fitExt(file: string, before: number, bytes: number): Promise<void> {
  // resize2fs insists on a check; 1: the check has corrected something.
  await runProgram('e2fsck', ['-fp', file], { accept: [0, 1] });
  if (bytes < before) {
    const least =
      Number(/: (\d+)$/m.exec(await runProgram('resize2fs', ['-P', file]))?.[1]) * (await extBlockBytes(file));
    if (least > bytes) throw new FileSystemTooLargeError(least);
  } else await truncate(file, bytes);
  await runProgram('resize2fs', [file, `${Math.floor(bytes / 512)}s`]);
  await truncate(file, bytes);
}

async function extBlockBytes(file: string): Promise<number> {
  const field = await withFile(file, async (handle) => {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, EXT_SUPERBLOCK_OFFSET + EXT_LOG_BLOCK_SIZE_OFFSET);
    return buffer.readUInt32LE();
  });
  return 1024 << field;
}

async function fitNtfs(file: string, before: number, bytes: number): Promise<void> {
  if (bytes < before) {
    const words = await runProgram('ntfsresize', ['--no-progress-bar', '--force', '--info', file]);
    // It names the least size where there is something to gain; "is full" says that there is none.
    const least = Number(/You might resize at (\d+) bytes/.exec(words)?.[1] ?? before);
    if (least > bytes) throw new FileSystemTooLargeError(least);
  } else await truncate(file, bytes);
  // Forced twice: what partclone wrote has no state that it would have to ask about.
  await runProgram('ntfsresize', ['--no-progress-bar', '-ff', '--size', String(bytes), file], { input: 'y\n' });
  await truncate(file, bytes);
}

/** Tells a swap area its new number of pages; pages of another size, or another byte order, stay as they are. */
function fitSwap(file: string, bytes: number): Promise<boolean> {
  return withFile(file, async (handle) => {
    const { buffer } = await handle.read(Buffer.alloc(SWAP_PAGE_BYTES), 0, SWAP_PAGE_BYTES, 0);
    const signature = buffer.toString('latin1', SWAP_PAGE_BYTES - SWAP_SIGNATURE.length);
    if (signature !== SWAP_SIGNATURE || buffer.readUInt32LE(1024) !== 1) return false;
    buffer.writeUInt32LE(Math.floor(bytes / SWAP_PAGE_BYTES) - 1, SWAP_LAST_PAGE_OFFSET);
    await handle.write(buffer, 0, SWAP_PAGE_BYTES, 0);
    return true;
  });
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'r+');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}
