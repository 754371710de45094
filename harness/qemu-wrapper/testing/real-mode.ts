/** Where BIOS puts a boot sector. */
export const LOADED_AT = 0x7c00;
/** The data register of the first serial port. */
export const COM1 = 0x3f8;

const SECTOR_BYTES = 512;

/** 16 bits as the processor reads them. */
export function word(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

/** A boot sector of code and data, each with its offset in it. */
export function bootSector(parts: readonly (readonly [offset: number, bytes: readonly number[]])[]): Uint8Array {
  const sector = Buffer.alloc(SECTOR_BYTES);
  for (const [offset, bytes] of parts) sector.set(bytes, offset);
  sector.writeUInt16BE(0x55aa, SECTOR_BYTES - 2);
  return sector;
}
