import { guidAt } from '../../../packet/addresses.ts';
import { Cursor, size64 } from '../../../packet/cursor.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';

// The Windows Imaging Format, little-endian (the published WIM format; wimlib header.h).

export const WIM_HEADER_LENGTH = 208;
/** Length of a blob table entry in bytes. */
export const WIM_BLOB_ENTRY_LENGTH = 50;

/** Bits of `WimHeader.flags`. */
export const WIM_FLAGS = {
  compressed: 2,
  readOnly: 4,
  spanned: 8,
  resourceOnly: 0x10,
  metadataOnly: 0x20,
  writeInProgress: 0x40,
  rpFix: 0x80,
  xpress: 0x20000,
  lzx: 0x40000,
  lzms: 0x80000,
} as const;
/** Bits of `WimResource.flags`. */
export const WIM_RESOURCE_FLAGS = { free: 1, metadata: 2, compressed: 4, spanned: 8, solid: 0x10 } as const;

/** Where a resource is in the file. */
export interface WimResource {
  /** As stored. */
  readonly size: number;
  readonly flags: number;
  readonly offset: number;
  /** Uncompressed. */
  readonly originalSize: number;
}

export interface WimHeader {
  readonly kind: 'wim';
  /** The pipable variant has another magic and its resources in another order. */
  readonly pipable: boolean;
  /** 0x10d00; 0xe00 for solid files (ESD). */
  readonly version: number;
  readonly flags: number;
  readonly compressed: boolean;
  readonly chunkSize: number;
  readonly guid: string;
  readonly partNumber: number;
  readonly totalParts: number;
  readonly imageCount: number;
  readonly blobTable: WimResource;
  readonly xml: WimResource;
  readonly bootMetadata: WimResource;
  /** 1-based image that boots; 0 for none. */
  readonly bootIndex: number;
  readonly integrity: WimResource;
}

/** One file's or image's data. */
export interface WimBlob {
  readonly resource: WimResource;
  readonly partNumber: number;
  readonly referenceCount: number;
  /** SHA-1 of the uncompressed data. */
  readonly sha1: string;
}

/** The header from the first bytes of a file; more than 208 may be given. */
export function decodeWimHeader(bytes: Uint8Array): WimHeader | Malformed {
  const cursor = new Cursor(bytes, 'wim');
  const magic = cursor.take(8, 'magic');
  const headerSize = cursor.u32le('header size');
  if (cursor.failure) return cursor.failure;
  const pipable = hex(magic) === '574c50574d000000'; // "WLPWM"
  if (!pipable && hex(magic) !== '4d5357494d000000')
    return cursor.fail(`expected the magic MSWIM or WLPWM, got ${hex(magic)}`, 0);
  if (headerSize !== WIM_HEADER_LENGTH)
    return cursor.fail(`the header size must be ${WIM_HEADER_LENGTH}, got ${headerSize}`, 8);
  const version = cursor.u32le('version');
  const flags = cursor.u32le('flags');
  const chunkSize = cursor.u32le('chunk size');
  const guid = guidAt(cursor.take(16, 'guid'));
  const partNumber = cursor.u16le('part number');
  const totalParts = cursor.u16le('total parts');
  const imageCount = cursor.u32le('image count');
  const blobTable = resource(cursor);
  const xml = resource(cursor);
  const bootMetadata = resource(cursor);
  const bootIndex = cursor.u32le('boot index');
  const integrity = resource(cursor);
  cursor.skip(60, 'unused');
  const compressed = (flags & WIM_FLAGS.compressed) !== 0;
  return settled(cursor, {
    kind: 'wim',
    pipable,
    version,
    flags,
    compressed,
    chunkSize,
    guid,
    partNumber,
    totalParts,
    imageCount,
    blobTable,
    xml,
    bootMetadata,
    bootIndex,
    integrity,
  });
}

const settled = <T>(cursor: Cursor, value: T): T | Malformed => cursor.failure ?? value;

/** The blob table's bytes as entries of 50 bytes. */
export function decodeWimBlobTable(bytes: Uint8Array): WimBlob[] | Malformed {
  const cursor = new Cursor(bytes, 'wim');
  const blobs: WimBlob[] = [];
  while (cursor.remaining > 0) {
    const blob = {
      resource: resource(cursor),
      partNumber: cursor.u16le('part number'),
      referenceCount: cursor.u32le('reference count'),
      sha1: hex(cursor.take(20, 'SHA-1')),
    };
    if (cursor.failure) return cursor.failure;
    blobs.push(blob);
  }
  return blobs;
}

// 24 bytes: size in 56 bits, flags in the top 8, offset, original size.
function resource(cursor: Cursor): WimResource {
  const word = cursor.u64le('resource size and flags');
  const size = Number(word & 0xffffffffffffffn);
  return {
    size,
    flags: Number(word >> 56n),
    offset: size64(cursor, 'resource offset'),
    originalSize: size64(cursor, 'original size'),
  };
}
