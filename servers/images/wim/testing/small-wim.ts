import { createHash } from 'node:crypto';
import { encodeWimBlobTable, encodeWimHeader, encodeWimXml } from '../../../../harness/protocols/wim/wire/encode.ts';
import type { WimBlob, WimHeader } from '../../../../harness/protocols/wim/wire/codec.ts';

type Header = Parameters<typeof encodeWimHeader>[0];

/** What a test changes of a WIM that is in order. */
export interface WimChanges {
  readonly header?: (header: Header) => Partial<WimHeader>;
  readonly blobs?: (blobs: readonly WimBlob[]) => readonly WimBlob[];
  readonly xml?: string;
}

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

/**
 * A small WIM: one image with a folder tree of 64 bytes (no real one) and two files' data; nobody but our verifier
 * reads it.
 */
export function smallWim({ header, blobs, xml }: WimChanges = {}): Buffer {
  const parts = [Buffer.alloc(64, 1), Buffer.alloc(1000, 2), Buffer.alloc(3000, 3)];
  let at = 208;
  const entries = parts.map((bytes, index): WimBlob => {
    const resource = { size: bytes.length, flags: index === 0 ? 2 : 0, offset: at, originalSize: bytes.length };
    at += bytes.length;
    return { resource, partNumber: 1, referenceCount: 1, sha1: sha1(bytes) };
  });
  const table = encodeWimBlobTable(blobs?.(entries) ?? entries);
  const list = encodeWimXml(
    xml ??
      '<WIM><IMAGE INDEX="1"><NAME>one</NAME><TOTALBYTES>4000</TOTALBYTES><WINDOWS><ARCH>9</ARCH></WINDOWS></IMAGE></WIM>',
  );
  const resource = (offset: number, size: number) => ({ size, flags: 0, offset, originalSize: size });
  const good: Header = {
    pipable: false,
    version: 0x10d00,
    flags: 0x80,
    chunkSize: 0,
    guid: '00112233-4455-6677-8899-aabbccddeeff',
    partNumber: 1,
    totalParts: 1,
    imageCount: 1,
    blobTable: resource(at, table.length),
    xml: resource(at + table.length, list.length),
    bootMetadata: resource(0, 0),
    bootIndex: 0,
    integrity: resource(0, 0),
  };
  return Buffer.concat([encodeWimHeader({ ...good, ...header?.(good) }), ...parts, table, list]);
}
