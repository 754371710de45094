import { open } from 'node:fs/promises';

const SECTOR_BYTES = 512;
// MBR: four entries of 16 bytes from 446, signature 55 AA at 510; in an entry the type at 4, the first sector at 8, the
// count at 12.
const TABLE_AT = 446;
const ENTRY_BYTES = 16;
const LINUX = 0x83;

/** A partition of a disk with an MBR. */
export interface Partition {
  /** From 1, as in /dev/sda1. */
  readonly number: number;
  readonly type: number;
  readonly active: boolean;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** The partitions in a disk's first sector; empty if it has no partition table. */
export function partitionsOf(sector: Uint8Array): Partition[] {
  if (sector.byteLength < SECTOR_BYTES || sector[510] !== 0x55 || sector[511] !== 0xaa) return [];
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  return [0, 1, 2, 3].flatMap((index) => {
    const at = TABLE_AT + index * ENTRY_BYTES;
    const type = view.getUint8(at + 4);
    if (type === 0) return [];
    return [
      {
        number: index + 1,
        type,
        active: view.getUint8(at) === 0x80,
        offsetBytes: view.getUint32(at + 8, true) * SECTOR_BYTES,
        sizeBytes: view.getUint32(at + 12, true) * SECTOR_BYTES,
      },
    ];
  });
}

/** The first Linux partition of a raw disk file. */
export async function linuxPartition(disk: string): Promise<Partition> {
  await using handle = await open(disk, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SECTOR_BYTES), 0, SECTOR_BYTES, 0);
  const partitions = partitionsOf(buffer.subarray(0, bytesRead));
  const found = partitions.find((partition) => partition.type === LINUX);
  if (!found)
    throw new Error(
      `${disk}: expected a partition of type 0x83 (Linux), found ${partitions.map(({ type }) => `0x${type.toString(16)}`).join(', ') || 'no partition table'}; see whether the installation got as far as partitioning`,
    );
  return found;
}
