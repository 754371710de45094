import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

// wimlib on Linux has no way to set Windows attributes, so this changes them in the metadata of an uncompressed WIM
// (wimlib's include/wimlib/{header,blob_table,metadata_resource}.h): in a directory entry the attributes stand 8 bytes
// from its beginning, the name 102 bytes; the blob table has the SHA-1 of the metadata, which must be right.
const BLOB_TABLE_AT = 0x30;
const BLOB_ENTRY_BYTES = 50;
const [FLAGS_AT, OFFSET_AT, SHA1_AT] = [7, 8, 30];
const METADATA = 0x02;
const [ATTRIBUTES_BEFORE_NAME] = [102 - 8];

/** Gives the entry with this name, the first in a WIM of one image, these Windows attributes besides its own. */
export async function setAttributes(wim: string, name: string, attributes: number): Promise<void> {
  const bytes = await readFile(wim);
  const tableAt = Number(bytes.readBigUInt64LE(BLOB_TABLE_AT + 8));
  const entries = bytes.readUIntLE(BLOB_TABLE_AT, 6) / BLOB_ENTRY_BYTES;
  const entry = Array.from({ length: entries }, (_, index) => tableAt + index * BLOB_ENTRY_BYTES).find(
    (at) => bytes.readUInt8(at + FLAGS_AT) & METADATA,
  );
  if (entry === undefined) throw new Error(`${wim}: no metadata`);
  const at = Number(bytes.readBigUInt64LE(entry + OFFSET_AT));
  const metadata = bytes.subarray(at, at + bytes.readUIntLE(entry, 6));
  const nameAt = metadata.indexOf(Buffer.from(`${name}\0`, 'utf16le'));
  const attributesAt = nameAt - ATTRIBUTES_BEFORE_NAME;
  metadata.writeUInt32LE((metadata.readUInt32LE(attributesAt) & ~0x80) | attributes, attributesAt);
  bytes.set(createHash('sha1').update(metadata).digest(), entry + SHA1_AT);
  await writeFile(wim, bytes);
}
