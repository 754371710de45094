import { guidBytes } from '../../../packet/addresses.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { encodeUtf16 } from '../../../packet/text.ts';
import { WIM_BLOB_ENTRY_LENGTH, WIM_HEADER_LENGTH, type WimBlob, type WimHeader, type WimResource } from './codec.ts';
import type { WimIntegrity } from './integrity.ts';

// The counterparts of the decoders in codec.ts and integrity.ts.

const MAGIC = { plain: 'MSWIM\0\0\0', pipable: 'WLPWM\0\0\0' } as const;

/** A header's 208 bytes. */
export function encodeWimHeader(header: Omit<WimHeader, 'kind' | 'compressed'>): Uint8Array {
  const bytes = new Uint8Array(WIM_HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(Array.from(header.pipable ? MAGIC.pipable : MAGIC.plain, (letter) => letter.charCodeAt(0)));
  view.setUint32(0x08, WIM_HEADER_LENGTH, true);
  view.setUint32(0x0c, header.version, true);
  view.setUint32(0x10, header.flags, true);
  view.setUint32(0x14, header.chunkSize, true);
  bytes.set(guidBytes(header.guid), 0x18);
  view.setUint16(0x28, header.partNumber, true);
  view.setUint16(0x2a, header.totalParts, true);
  view.setUint32(0x2c, header.imageCount, true);
  setResource(view, 0x30, header.blobTable);
  setResource(view, 0x48, header.xml);
  setResource(view, 0x60, header.bootMetadata);
  view.setUint32(0x78, header.bootIndex, true);
  setResource(view, 0x7c, header.integrity);
  return bytes;
}

/** Blob table entries of 50 bytes, in the order given. */
export function encodeWimBlobTable(blobs: readonly WimBlob[]): Uint8Array {
  const bytes = new Uint8Array(blobs.length * WIM_BLOB_ENTRY_LENGTH);
  const view = new DataView(bytes.buffer);
  blobs.forEach(({ resource, partNumber, referenceCount, sha1 }, i) => {
    const at = i * WIM_BLOB_ENTRY_LENGTH;
    setResource(view, at, resource);
    view.setUint16(at + 24, partNumber, true);
    view.setUint32(at + 26, referenceCount, true);
    bytes.set(sha1Bytes(sha1), at + 30);
  });
  return bytes;
}

/** The integrity table with its hashes. */
export function encodeWimIntegrity({ chunkSize, sha1 }: Pick<WimIntegrity, 'chunkSize' | 'sha1'>): Uint8Array {
  const bytes = new Uint8Array(12 + sha1.length * 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, sha1.length, true);
  view.setUint32(8, chunkSize, true);
  sha1.forEach((hash, i) => {
    bytes.set(sha1Bytes(hash), 12 + i * 20);
  });
  return bytes;
}

/** XML data as a WIM stores it: UTF-16LE after a byte order mark. */
export function encodeWimXml(text: string): Uint8Array {
  return encodeUtf16(`\ufeff${text}`);
}

function setResource(view: DataView, at: number, { size, flags, offset, originalSize }: WimResource): void {
  for (const [field, value] of Object.entries({ size, offset, originalSize })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new EncodeError('wim', field, 'a whole number of bytes below 2^53', value);
  }
  view.setBigUint64(at, BigInt(size) | (BigInt(flags) << 56n), true);
  view.setBigUint64(at + 8, BigInt(offset), true);
  view.setBigUint64(at + 16, BigInt(originalSize), true);
}

function sha1Bytes(sha1: string): Uint8Array {
  if (!/^[0-9a-f]{40}$/.test(sha1)) throw new EncodeError('wim', 'SHA-1', '40 hexadecimal digits', sha1);
  return Uint8Array.from({ length: 20 }, (_, i) => parseInt(sha1.slice(i * 2, i * 2 + 2), 16));
}
