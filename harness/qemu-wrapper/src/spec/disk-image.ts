import { open } from 'node:fs/promises';
import type { DiskSpec } from './vm-spec.ts';

/** A disk in a file, as a VM's disk may begin. */
export interface DiskImage {
  readonly format: DiskSpec['format'];
  /** What a guest sees of it. */
  readonly bytes: number;
}

/** A file that a VM's disk cannot begin with; the message says why, and what to do. */
export class DiskImageError extends Error {
  override readonly name = 'DiskImageError';
}

// QEMU's docs/interop/qcow2.txt, "Header"; all numbers are big-endian.
const QCOW2 = Buffer.from('QFI\xfb', 'latin1');
const HEADER_BYTES = 104;
const AT = { version: 4, backingFile: 8, size: 24, encryption: 32, incompatible: 72 } as const;
/** Bits of incompatible features. */
const [CORRUPT, DATA_FILE] = [1 << 1, 1 << 2];

/** Formats whose files are no raw disks, by what they begin with. */
const OTHERS: readonly (readonly [name: string, magic: string])[] = [
  ['a VMDK', 'KDMV'],
  ['a VMDK', '# Disk DescriptorFile'],
  ['a VHDX', 'vhdxfile'],
  ['a VHD', 'conectix'],
  ['a Parallels disk', 'WithoutFreeSpace'],
  ['a Parallels disk', 'WithouFreSpacExt'],
  ['a VDI', '<<< '],
  ['a QED disk', 'QED\0'],
];

/**
 * What a disk's file is, by its content. A qcow2 must have everything in itself: one that continues another file would show a
 * guest what that one holds.
 */
export async function readDiskImage(file: string): Promise<DiskImage> {
  await using handle = await open(file, 'r');
  const header = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
  if (header.subarray(0, QCOW2.length).equals(QCOW2)) return qcow2(header, bytesRead);
  const other = OTHERS.find(([, magic]) => header.toString('latin1').startsWith(magic))?.[0];
  if (other !== undefined) throw new DiskImageError(`${other}; make a qcow2 of it: qemu-img convert -O qcow2`);
  const { size } = await handle.stat();
  if (size === 0 || size % 512 !== 0)
    throw new DiskImageError(`a file of ${size} bytes, which is neither a qcow2 nor sectors of 512 bytes`);
  return { format: 'raw', bytes: size };
}

function qcow2(header: Buffer, bytesRead: number): DiskImage {
  const version = header.readUInt32BE(AT.version);
  if (bytesRead < AT.incompatible || (version !== 2 && version !== 3))
    throw new DiskImageError(`a qcow2 of version ${version}, or the beginning of one; expected version 2 or 3`);
  if (header.readBigUInt64BE(AT.backingFile) !== 0n)
    throw new DiskImageError('a qcow2 that continues another file; make it whole: qemu-img convert -O qcow2');
  if (header.readUInt32BE(AT.encryption) !== 0) throw new DiskImageError('a qcow2 that is encrypted');
  const incompatible = version === 3 ? Number(header.readBigUInt64BE(AT.incompatible)) : 0;
  if (incompatible & DATA_FILE)
    throw new DiskImageError('a qcow2 whose data are in another file; make it whole: qemu-img convert -O qcow2');
  if (incompatible & CORRUPT) throw new DiskImageError('a qcow2 that QEMU found damaged; see qemu-img check');
  return { format: 'qcow2', bytes: Number(header.readBigUInt64BE(AT.size)) };
}
