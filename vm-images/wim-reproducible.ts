import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

// WIM header (wimlib include/wimlib/header.h): GUID at 0x18; resource header of the XML at 0x48 with 7 bytes of size
// and the offset at 0x50.
const HEADER_BYTES = 208;
const GUID_AT = 0x18;
const XML_RESOURCE_AT = 0x48;

/** The WIM's XML with its times replaced: wimlib writes `0x` and eight digits, and the length must not change. */
export function fixedTimes(xml: string): string {
  return xml.replace(
    /<(HIGHPART|LOWPART)>0x[0-9A-Fa-f]{8}</g,
    (_, part: string) => `<${part}>${part === 'HIGHPART' ? '0x01CD3F9A' : '0x00000000'}<`,
  );
}

/**
 * Removes from a WIM the differences between two captures of the same tree: the GUID becomes a hash of the XML, and the
 * times in the XML become one fixed time. The integrity table covers neither GUID nor XML. One difference remains: the
 * order in which wimlib stores the reparse data of symbolic links with different targets, some hundred bytes before the
 * metadata.
 */
export async function makeReproducible(file: string): Promise<void> {
  await using handle = await open(file, 'r+');
  const header = Buffer.alloc(HEADER_BYTES);
  await handle.read(header, 0, HEADER_BYTES, 0);
  const xmlBytes = header.readUIntLE(XML_RESOURCE_AT, 6);
  const xmlAt = Number(header.readBigUInt64LE(XML_RESOURCE_AT + 8));
  const xml = Buffer.alloc(xmlBytes);
  await handle.read(xml, 0, xmlBytes, xmlAt);
  const fixed = Buffer.from(fixedTimes(xml.toString('utf16le')), 'utf16le');
  if (fixed.length !== xmlBytes)
    throw new Error(`${file}: XML with fixed times has ${fixed.length} bytes, expected ${xmlBytes}`);
  await handle.write(fixed, 0, fixed.length, xmlAt);
  await handle.write(createHash('md5').update(fixed).digest(), 0, 16, GUID_AT);
}
