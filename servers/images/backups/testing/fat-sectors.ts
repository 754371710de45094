import type { FatType } from '../fat-type.ts';

// Boot sectors of FAT for tests of those who tell its types apart: the hypervisor's program, and the agent's in the client.

/** A boot sector as mkfs.vfat writes it; for FAT12 and FAT16 with so many clusters, of 4 sectors each, and a root folder of 512 entries. */
function bootSector(type: string, clusters: number, { spare = 0, large = false } = {}): Buffer {
  const sector = Buffer.alloc(512);
  sector.writeUInt16LE(512, 11);
  sector.writeUInt8(4, 13);
  sector.writeUInt16LE(1, 14);
  sector.writeUInt8(2, 16);
  sector.writeUInt16LE(512, 17);
  const sectors = 1 + 2 * 16 + 32 + 4 * clusters + spare;
  if (large) sector.writeUInt32LE(sectors, 32);
  else sector.writeUInt16LE(sectors, 19);
  sector.writeUInt16LE(16, 22);
  sector.writeUInt8(0x29, 38);
  sector.write(type, 54);
  return sector;
}

/** One of FAT32, which has no 16-bit size of its tables. */
function fat32(): Buffer {
  const sector = bootSector('', 4000);
  sector.writeUInt16LE(0, 22);
  sector.writeUInt8(0, 38);
  sector.write('FAT32   ', 82);
  return sector;
}

/** What it is, the sector, its type, and whether partclone reads it as it is. */
export const FAT_SECTORS: readonly (readonly [string, Buffer, FatType | undefined, boolean])[] = [
  ['the most clusters that FAT12 has', bootSector('FAT12   ', 4084), 'FAT12', false],
  ['the same, and a part of another cluster', bootSector('FAT12   ', 4084, { spare: 3 }), 'FAT12', false],
  ['the fewest that FAT16 has', bootSector('FAT16   ', 4085), 'FAT16', true],
  ['many sectors', bootSector('FAT16   ', 60_000, { large: true }), 'FAT16', true],
  ['FAT12 that says FAT16', bootSector('FAT16   ', 2000), 'FAT12', false],
  ['FAT16 that says FAT12', bootSector('FAT12   ', 5000), 'FAT16', false],
  ['FAT16 that says no type', bootSector('FAT     ', 5000), 'FAT16', false],
  ['FAT32 with few clusters', fat32(), 'FAT32', true],
  ['no boot sector of FAT', Buffer.alloc(512, 0).fill(1, 22, 24), undefined, false],
];
