import { joinBytes } from '../../../packet/bytes.ts';
import { encodeWimBlobTable, encodeWimHeader, encodeWimXml } from '../wire/encode.ts';
import { WIM_FLAGS, type WimBlob } from '../wire/codec.ts';

const GUID = '00112233-4455-6677-8899-aabbccddeeff';
const plain = (offset: number, size: number, flags = 0) => ({ size, flags, offset, originalSize: size });
const NONE = plain(0, 0);

/** A WIM of a set: resources of `body` bytes, a table, a list. */
function part(partNumber: number, flags: number, body: number, blobs: readonly WimBlob[], xml: string): Uint8Array {
  const table = encodeWimBlobTable(blobs);
  const list = encodeWimXml(xml);
  const end = 208 + body;
  const header = {
    pipable: false,
    version: 0x10d00,
    flags,
    chunkSize: 0,
    guid: GUID,
    partNumber,
    totalParts: 2,
    imageCount: partNumber === 1 ? 1 : 0,
    blobTable: plain(end, table.length),
    xml: plain(end + table.length, list.length),
    bootMetadata: NONE,
    bootIndex: 0,
    integrity: NONE,
  };
  return joinBytes([encodeWimHeader(header), new Uint8Array(body).fill(partNumber), table, list]);
}

/**
 * A WDS image group: an image with a folder tree of 10 000 bytes, and Res.rwm with 200 000 bytes of data, of which the
 * image needs those from 50 000 to 150 000 (counted from the end of the header).
 */
export function wimGroup(): { readonly image: Uint8Array; readonly shared: Uint8Array } {
  const blob = (partNumber: number, offset: number, size: number, sha1: string, flags = 0): WimBlob => ({
    resource: plain(208 + offset, size, flags),
    partNumber,
    referenceCount: 1,
    sha1: sha1.repeat(40),
  });
  const data = [
    blob(2, 0, 50_000, 'a'),
    blob(2, 50_000, 60_000, 'b'),
    blob(2, 110_000, 40_000, 'c'),
    blob(2, 150_000, 50_000, 'd'),
  ];
  return {
    image: part(
      1,
      WIM_FLAGS.metadataOnly,
      10_000,
      [blob(1, 0, 10_000, 'e', 2), ...data.slice(1, 3)],
      '<WIM><IMAGE INDEX="1"><NAME>one</NAME><TOTALBYTES>100000</TOTALBYTES></IMAGE></WIM>',
    ),
    shared: part(2, WIM_FLAGS.resourceOnly, 200_000, data, '<WIM><TOTALBYTES>200000</TOTALBYTES></WIM>'),
  };
}
