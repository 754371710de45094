import type { BackupManifest, BackupPartition } from '../backup-store/manifest.ts';
import { DamagedBackupError } from './restic.ts';

// What a partition's stream may fill: the programs that write it know no limit, and the next partition lies behind.

/** Beginning of partclone's image, version 0002 (its partclone.h: image_head_v2, then file_system_info_v2), integers in its byte order. */
const IMAGE = { magic: 'partclone-image\0', version: 30, order: 34, deviceBytes: 52, bytes: 60 } as const;
const IMAGE_VERSION = '0002';
/** As a processor with its low byte first, which all that save are, writes it. */
const LITTLE_ENDIAN = 0xc0de;

/** Watches a stream as it comes: gives each piece back, or throws `DamagedBackupError` before one is written to where it does not belong. */
export function streamLimit(
  { disk }: Pick<BackupManifest, 'disk'>,
  { format, bytes, sectors }: BackupPartition,
): (piece: Buffer) => Buffer {
  const partitionBytes = sectors * disk.sectorBytes;
  const isImage = format !== 'raw' && format !== 'swap';
  let come = 0;
  let head: Buffer = Buffer.alloc(0);
  return (piece) => {
    come += piece.length;
    if (come > bytes)
      throw new DamagedBackupError(`expected a stream of ${bytes} bytes, as the manifest says, got more`);
    if (!isImage || head.length === IMAGE.bytes) return piece;
    head = Buffer.concat([head, piece]);
    // Nothing of an image is let through before it has said how large it is.
    if (head.length < IMAGE.bytes) return Buffer.alloc(0);
    const whole = head;
    head = head.subarray(0, IMAGE.bytes);
    checkImage(head, partitionBytes);
    return whole;
  };
}

function checkImage(head: Buffer, partitionBytes: number): void {
  const version = head.toString('latin1', IMAGE.version, IMAGE.order);
  if (
    !head.toString('latin1').startsWith(IMAGE.magic) ||
    version !== IMAGE_VERSION ||
    head.readUInt16LE(IMAGE.order) !== LITTLE_ENDIAN
  )
    throw new DamagedBackupError(`expected an image of partclone, version ${IMAGE_VERSION}, got something else`);
  const deviceBytes = head.readBigUInt64LE(IMAGE.deviceBytes);
  if (deviceBytes > partitionBytes)
    throw new DamagedBackupError(
      `expected an image for a partition of ${partitionBytes} bytes, got one for ${deviceBytes}`,
    );
}
