import { encodeUtf16 } from '../../../packet/text.ts';

/**
 * A WIM of `size` bytes with header and image list in place, and a pattern between them; `architectures` of its images
 * by Windows' numbers, where they say any.
 */
export function wimBytes(
  size: number,
  names: readonly string[] = ['PE'],
  architectures: readonly (number | undefined)[] = [],
): Uint8Array {
  const windows = architectures.map((code) => (code === undefined ? '' : `<WINDOWS><ARCH>${code}</ARCH></WINDOWS>`));
  const images = names
    .map(
      (name, i) =>
        `<IMAGE INDEX="${i + 1}"><NAME>${name}</NAME><TOTALBYTES>1234</TOTALBYTES>${windows[i] ?? ''}</IMAGE>`,
    )
    .join('');
  const xml = encodeUtf16(`\ufeff<WIM><TOTALBYTES>${size}</TOTALBYTES>${images}</WIM>`);
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31) & 0xff);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 208);
  bytes.set([0x4d, 0x53, 0x57, 0x49, 0x4d, 0, 0, 0]);
  view.setUint32(8, 208, true);
  view.setUint32(12, 0x10d00, true);
  view.setUint32(16, 2 | 0x20000, true);
  view.setUint32(20, 32_768, true);
  view.setUint16(40, 1, true);
  view.setUint16(42, 1, true);
  view.setUint32(44, names.length, true);
  view.setBigUint64(0x48, BigInt(xml.length), true);
  view.setBigUint64(0x50, BigInt(size - xml.length), true);
  view.setBigUint64(0x58, BigInt(xml.length), true);
  view.setUint32(0x78, 1, true);
  bytes.set(xml, size - xml.length);
  return bytes;
}
