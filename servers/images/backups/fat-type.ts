/** The file systems that are called FAT, by the width of an entry in their table. */
export type FatType = 'FAT12' | 'FAT16' | 'FAT32';

/** Where the boot sector has what tells them apart (Microsoft's FAT specification 1.03, page 9). */
const BOOT = {
  sectorBytes: 11,
  clusterSectors: 13,
  reservedSectors: 14,
  tables: 16,
  rootEntries: 17,
  sectors16: 19,
  tableSectors16: 22,
  sectors32: 32,
  signature: 38,
  type: 54,
  type32: 82,
} as const;
/** The same, page 14: FAT12 has fewer clusters than this. */
const FAT16_CLUSTERS = 4085;
const ROOT_ENTRY_BYTES = 32;
/** Of an extended boot sector: its type is there. */
const SIGNATURE = 0x29;

/**
 * The type of a FAT file system, by its first sector. The number of clusters decides, and not the text that says a type; FAT32 alone has no
 * 16-bit size of its tables, also where it has few clusters, as busybox makes it and Linux reads it.
 */
export function fatTypeOf(sector: Buffer): FatType | undefined {
  const tableSectors = sector.readUInt16LE(BOOT.tableSectors16);
  if (tableSectors === 0) return 'FAT32';
  const sectorBytes = sector.readUInt16LE(BOOT.sectorBytes);
  const clusterSectors = sector.readUInt8(BOOT.clusterSectors);
  if (sectorBytes === 0 || clusterSectors === 0) return undefined;
  const sectors = sector.readUInt16LE(BOOT.sectors16) || sector.readUInt32LE(BOOT.sectors32);
  const rootSectors = Math.ceil((sector.readUInt16LE(BOOT.rootEntries) * ROOT_ENTRY_BYTES) / sectorBytes);
  const reserved = sector.readUInt16LE(BOOT.reservedSectors);
  const data = sectors - reserved - sector.readUInt8(BOOT.tables) * tableSectors - rootSectors;
  return Math.floor(data / clusterSectors) < FAT16_CLUSTERS ? 'FAT12' : 'FAT16';
}

/**
 * Whether partclone reads this FAT file system as it is. It goes by the text in the boot sector alone, and 0.3.36 takes each 12-bit entry for one of
 * 16 bits, so that it leaves out clusters of files without a word: of 41 files on 8 MiB, 12 had zeros (partclone's issue 268).
 */
export function isFatOfPartclone(sector: Buffer): boolean {
  const text = (at: number): string => sector.toString('latin1', at, at + 5);
  switch (fatTypeOf(sector)) {
    case 'FAT16':
      return sector.readUInt8(BOOT.signature) === SIGNATURE && text(BOOT.type) === 'FAT16';
    case 'FAT32':
      return text(BOOT.type32) === 'FAT32';
    default:
      return false;
  }
}
