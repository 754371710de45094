/** Where BIOS puts a boot sector, and a PXE stack its network boot program (PXE 2.1 section 2.2.1: 0:7C00h). */
const LOADED_AT = 0x7c00;
const SECTOR_BYTES = 512;
const GDT_AT = 0x60;
const GDT_POINTER_AT = 0x78;

/** Flat 4 GiB segments of 32 bits: present, ring 0, granularity 4 KiB (Intel SDM volume 3 section 3.4.5). */
const GDT = [0n, 0x00cf_9a00_0000_ffffn, 0x00cf_9200_0000_ffffn];
const CODE_SELECTOR = 8;
const DATA_SELECTOR = 16;

/**
 * A 512-byte boot sector, also a network boot program, that enters protected mode, writes `value` to an isa-debug-exit
 * device and halts. QEMU then ends with code 2 × value + 1.
 */
export function debugExitBootSector({ port, value }: { port: number; value: number }): Uint8Array {
  const sector = Buffer.alloc(SECTOR_BYTES);
  const realMode = Buffer.from([
    0xfa, // cli
    0x31,
    0xc0, // xor ax, ax
    0x8e,
    0xd8, // mov ds, ax
    0x0f,
    0x01,
    0x16,
    ...le16(LOADED_AT + GDT_POINTER_AT), // lgdt [pointer]
    0x0f,
    0x20,
    0xc0, // mov eax, cr0
    0x0c,
    0x01, // or al, 1
    0x0f,
    0x22,
    0xc0, // mov cr0, eax
  ]);
  const protectedMode = [
    0x66,
    0xb8,
    ...le16(DATA_SELECTOR), // mov ax, data
    0x8e,
    0xd8, // mov ds, ax
    0xb8,
    ...le32(value), // mov eax, value
    0x66,
    0xba,
    ...le16(port), // mov dx, port
    0xef, // out dx, eax
    0xf4, // hlt
    0xeb,
    0xfd, // jmp to the hlt
  ];
  // jmp far: 1 + offset 2 + selector 2.
  const farJump = [0xea, ...le16(LOADED_AT + realMode.length + 5), ...le16(CODE_SELECTOR)];
  Buffer.concat([realMode, Buffer.from(farJump), Buffer.from(protectedMode)]).copy(sector);
  for (const [index, descriptor] of GDT.entries()) sector.writeBigUInt64LE(descriptor, GDT_AT + 8 * index);
  sector.writeUInt16LE(8 * GDT.length - 1, GDT_POINTER_AT);
  sector.writeUInt32LE(LOADED_AT + GDT_AT, GDT_POINTER_AT + 2);
  sector.writeUInt16BE(0x55aa, SECTOR_BYTES - 2);
  return sector;
}

function le16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

function le32(value: number): number[] {
  return [...le16(value & 0xffff), ...le16(value >>> 16)];
}
