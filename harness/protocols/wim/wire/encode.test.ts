import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeWimBlobTable, encodeWimHeader, encodeWimIntegrity, encodeWimXml } from './encode.ts';
import { decodeWimIntegrity, integrityChunks } from './integrity.ts';
import { decodeWimXml } from './xml.ts';
import { decodeWimBlobTable, decodeWimHeader, type WimBlob, type WimResource } from './codec.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

const size = fc.maxSafeInteger().map(Math.abs);
const resource: fc.Arbitrary<WimResource> = fc.record({
  size: fc.nat(2 ** 48),
  flags: fc.nat(255),
  offset: size,
  originalSize: size,
});
const sha1 = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const blob: fc.Arbitrary<WimBlob> = fc.record({
  resource,
  partNumber: fc.nat(0xffff),
  referenceCount: fc.nat(0xffff_ffff),
  sha1,
});
const u32 = fc.nat(0xffff_ffff);
const header = fc.record({
  pipable: fc.boolean(),
  version: u32,
  flags: u32,
  chunkSize: u32,
  guid: fc.uuid(),
  partNumber: fc.nat(0xffff),
  totalParts: fc.nat(0xffff),
  imageCount: u32,
  blobTable: resource,
  xml: resource,
  bootMetadata: resource,
  bootIndex: u32,
  integrity: resource,
});

describe('what is encoded is decoded', () => {
  it('header', () => {
    fc.assert(
      fc.property(header, (wim) => {
        expect(decodeWimHeader(encodeWimHeader(wim))).toEqual({
          kind: 'wim',
          compressed: (wim.flags & 2) !== 0,
          ...wim,
        });
      }),
    );
  });

  it('blob table', () => {
    fc.assert(
      fc.property(fc.array(blob), (blobs) => {
        expect(decodeWimBlobTable(encodeWimBlobTable(blobs))).toEqual(blobs);
      }),
    );
  });

  it('integrity table', () => {
    fc.assert(
      fc.property(fc.record({ chunkSize: fc.integer({ min: 1, max: 0xffff_ffff }), sha1: fc.array(sha1) }), (table) => {
        expect(decodeWimIntegrity(encodeWimIntegrity(table))).toEqual({ kind: 'wim-integrity', ...table });
      }),
    );
  });

  it('XML, whatever a name holds', () => {
    fc.assert(
      fc.property(
        fc.string().filter((name) => !/[\p{Cc}\ufffe\uffff]/u.test(name)),
        (name) => {
          const escaped = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
          expect(
            decodeWimXml(
              encodeWimXml(`<WIM><IMAGE INDEX="1"><NAME>${escaped}</NAME><TOTALBYTES>1</TOTALBYTES></IMAGE></WIM>`),
            ),
          ).toMatchObject([{ index: 1, name: name.trim() }]);
        },
      ),
    );
  });
});

it('refuses sizes and hashes that the format cannot carry', () => {
  const bad = (change: Partial<WimResource>) => () =>
    encodeWimBlobTable([
      {
        resource: { size: 1, flags: 0, offset: 208, originalSize: 1, ...change },
        partNumber: 1,
        referenceCount: 1,
        sha1: '0'.repeat(40),
      },
    ]);
  expect(bad({ offset: Infinity })).toThrow('wim offset: expected a whole number of bytes below 2^53');
  expect(bad({ size: -1 })).toThrow('wim size');
  expect(() => encodeWimIntegrity({ chunkSize: 1, sha1: ['zz'] })).toThrow(
    'wim SHA-1: expected 40 hexadecimal digits, got "zz"',
  );
});

const INTEGRITY = '20000000 01000000 00008000 0102030405060708090a0b0c0d0e0f1011121314';

describe('decodeWimIntegrity', () => {
  it('lists a SHA-1 a chunk', () => {
    expect(decodeWimIntegrity(annotated(INTEGRITY))).toEqual({
      kind: 'wim-integrity',
      chunkSize: 0x800000,
      sha1: ['0102030405060708090a0b0c0d0e0f1011121314'],
    });
  });

  it.each([
    ['claims entries that are not there', INTEGRITY.replace('01000000', 'ffffff0f'), 'table size 32 does not fit'],
    ['has chunks without bytes', INTEGRITY.replace('00008000', '00000000'), 'a chunk must have at least one byte'],
    ['is cut', INTEGRITY.slice(0, -2), 'entries needs 20 bytes but only 19 remain'],
  ])('is malformed when it %s', (_, text, reason) => {
    expect(decodeWimIntegrity(annotated(text))).toMatchObject({
      kind: 'malformed',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it('is total', () => expectTotal(decodeWimIntegrity, [annotated(INTEGRITY)]));
});

describe('integrityChunks', () => {
  it('begins behind the header, and the last chunk is what is left', () => {
    expect(integrityChunks({ chunkSize: 100, sha1: ['a', 'b'] }, 208 + 150)).toEqual([
      { offset: 208, length: 100, sha1: 'a' },
      { offset: 308, length: 50, sha1: 'b' },
    ]);
    expect(integrityChunks({ chunkSize: 100, sha1: ['a'] }, 208 + 150)).toBeUndefined();
  });

  it('covers every byte once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(100_000), (chunkSize, bytes) => {
        const count = Math.ceil(bytes / chunkSize);
        const chunks = integrityChunks({ chunkSize, sha1: Array.from({ length: count }, () => '') }, 208 + bytes) ?? [];
        expect(chunks.reduce((at, chunk) => (chunk.offset === at ? at + chunk.length : NaN), 208)).toBe(208 + bytes);
      }),
    );
  });
});
