import { execa } from 'execa';
import { bytesOf } from './read-bytes.ts';

/** Bytes from `from` up to but not including `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** The blocks of an ext4 that are in use, by its bitmaps. */
export async function ext4Used(file: string, bytes: number): Promise<ByteRange[]> {
  const { stdout } = await execa('dumpe2fs', [file]);
  const blockBytes = Number(/^Block size:\s*(\d+)$/m.exec(stdout)?.[1]);
  const blocks = Number(/^Block count:\s*(\d+)$/m.exec(stdout)?.[1]);
  const used: ByteRange[] = [];
  let next = 0;
  const add = (from: number, to: number): void => {
    if (to > from) used.push({ from: from * blockBytes, to: Math.min(to * blockBytes, bytes) });
  };
  // Groups are in the order of their blocks, and so are the ranges in each.
  for (const [, ranges] of stdout.matchAll(/^ {2}Free blocks: (.*)$/gm))
    for (const range of (ranges ?? '').split(', ').filter((text) => text !== '')) {
      const [first = 0, last = first] = range.split('-').map(Number);
      add(next, first);
      next = last + 1;
    }
  add(next, blocks);
  return used;
}

/** The clusters of an NTFS that are in use, by its bitmap, and the copy of the boot sector behind the last of them. */
export async function ntfsUsed(file: string, bytes: number): Promise<ByteRange[]> {
  const boot = await bytesOf(file, 0, 512);
  const sectorBytes = boot.readUInt16LE(11);
  const perCluster = boot.readUInt8(13);
  // Above 128 it is the power of two, negative.
  const clusterBytes = sectorBytes * (perCluster > 128 ? 2 ** (256 - perCluster) : perCluster);
  const sectors = Number(boot.readBigUInt64LE(40));
  const clusters = Math.floor((sectors * sectorBytes) / clusterBytes);
  // Inode 6 is $Bitmap.
  const { stdout } = await execa('ntfscat', ['--force', '--inode', '6', file], {
    encoding: 'buffer',
    maxBuffer: 1e9,
    stripFinalNewline: false,
  });
  return [
    ...inUse(clusters, (cluster) => (((stdout[cluster >> 3] ?? 0) >> (cluster & 7)) & 1) === 1, 0, clusterBytes),
    ...(sectors * sectorBytes < bytes ? [{ from: sectors * sectorBytes, to: (sectors + 1) * sectorBytes }] : []),
  ];
}

/** The clusters of a FAT that are in use, and what is in front of them: boot sectors, tables, the root of FAT12 and FAT16. */
export async function fatUsed(file: string): Promise<ByteRange[]> {
  const boot = await bytesOf(file, 0, 512);
  const [sectorBytes, reserved, rootEntries] = [11, 14, 17].map((at) => boot.readUInt16LE(at)) as [
    number,
    number,
    number,
  ];
  const clusterBytes = boot.readUInt8(13) * sectorBytes;
  const tableSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36);
  const sectors = boot.readUInt16LE(19) || boot.readUInt32LE(32);
  const rootSectors = Math.ceil((rootEntries * 32) / sectorBytes);
  const dataAt = (reserved + boot.readUInt8(16) * tableSectors + rootSectors) * sectorBytes;
  const clusters = Math.floor((sectors * sectorBytes - dataAt) / clusterBytes);
  const table = await bytesOf(file, reserved * sectorBytes, tableSectors * sectorBytes);
  // The number of clusters alone decides the type (FAT specification, section 3.5).
  const entry =
    clusters < 4085
      ? (at: number): number => (table.readUInt16LE(Math.floor(at * 1.5)) >> (at & 1 ? 4 : 0)) & 0xfff
      : clusters < 65_525
        ? (at: number): number => table.readUInt16LE(at * 2)
        : (at: number): number => table.readUInt32LE(at * 4) & 0x0fff_ffff;
  // The first cluster has the number 2.
  return [{ from: 0, to: dataAt }, ...inUse(clusters, (cluster) => entry(cluster + 2) !== 0, dataAt, clusterBytes)];
}

/** Ranges of units in use, those side by side as one. */
function inUse(count: number, isUsed: (unit: number) => boolean, at: number, unitBytes: number): ByteRange[] {
  const found: ByteRange[] = [];
  for (let unit = 0; unit < count; unit++) {
    if (!isUsed(unit)) continue;
    const first = unit;
    while (unit < count && isUsed(unit)) unit++;
    found.push({ from: at + first * unitBytes, to: at + unit * unitBytes });
  }
  return found;
}
