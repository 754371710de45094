import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeWimBlobTable, decodeWimHeader } from './codec.ts';
import { decodeWimXml } from './xml.ts';

const HEADER = `
  "MSWIM" 000000    ; magic
  d0000000          ; header size 208
  000d0100          ; version 1.13
  82000200          ; flags: compressed, reparse-point fix, XPRESS
  00800000          ; chunk size 32768
  33221100554477668899aabbccddeeff ; guid
  0100 0200         ; part 1 of 2
  03000000          ; 3 images
  e80300000000 00 00 80c25ce801000000 e803000000000000 ; blob table: 1000 bytes at 8193360512
  0004000000 00 00 00 68c65ce801000000 0004000000000000 ; XML
  f6090000000000 06 00f05be801000000 0020000000000000   ; boot metadata: compressed metadata resource
  02000000          ; boot index
  2400000000 00 00 00 68ca5ce801000000 2400000000000000 ; integrity table
  .. 60             ; unused
`;
const BLOB =
  'f6090000000000 06 d000000000000000 0020000000000000 0100 02000000 0102030405060708090a0b0c0d0e0f1011121314';
const xml = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le');
const XML =
  '<WIM><TOTALBYTES>9</TOTALBYTES><IMAGE INDEX="1"><NAME>Debian &amp; co</NAME><DIRCOUNT>3</DIRCOUNT><FILECOUNT>12</FILECOUNT><TOTALBYTES>8193341942</TOTALBYTES><WINDOWS><ARCH>9</ARCH></WINDOWS></IMAGE><IMAGE INDEX="2"><TOTALBYTES>1</TOTALBYTES></IMAGE></WIM>';

describe('decodeWimHeader', () => {
  it('reads all of its 208 bytes', () => {
    expect(annotated(HEADER)).toHaveLength(208);
    expect(decodeWimHeader(annotated(HEADER))).toEqual({
      kind: 'wim',
      pipable: false,
      version: 0x10d00,
      flags: 0x20082,
      compressed: true,
      chunkSize: 32768,
      guid: '00112233-4455-6677-8899-aabbccddeeff',
      partNumber: 1,
      totalParts: 2,
      imageCount: 3,
      bootIndex: 2,
      blobTable: { size: 1000, flags: 0, offset: 8193360512, originalSize: 1000 },
      xml: { size: 1024, flags: 0, offset: 8193361512, originalSize: 1024 },
      bootMetadata: { size: 2550, flags: 6, offset: 8193306624, originalSize: 8192 },
      integrity: { size: 36, flags: 0, offset: 8193362536, originalSize: 36 },
    });
  });

  it.each([
    ['another magic', HEADER.replace('"MSWIM"', '"MZxxx"'), 'expected the magic MSWIM or WLPWM, got 4d5a787878000000'],
    ['another size', HEADER.replace('d0000000', 'd1000000'), 'the header size must be 208, got 209'],
  ])('is malformed with %s', (_, text, reason) =>
    expect(decodeWimHeader(annotated(text))).toMatchObject({ kind: 'malformed', protocol: 'wim', reason }),
  );

  it('is total', () => expectTotal(decodeWimHeader, [annotated(HEADER)]));
});

describe('decodeWimBlobTable', () => {
  it('lists blobs of 50 bytes', () => {
    expect(decodeWimBlobTable(annotated(`${BLOB} ${BLOB}`))).toMatchObject([
      {
        resource: { size: 2550, flags: 6, offset: 208 },
        partNumber: 1,
        referenceCount: 2,
        sha1: '0102030405060708090a0b0c0d0e0f1011121314',
      },
      {},
    ]);
    expect(decodeWimBlobTable(annotated(BLOB).subarray(0, 49))).toMatchObject({
      reason: 'SHA-1 needs 20 bytes but only 19 remain',
    });
  });

  it('is total', () => expectTotal(decodeWimBlobTable, [annotated(BLOB)]));
});

describe('decodeWimXml', () => {
  it('lists the images', () => {
    expect(decodeWimXml(xml(XML))).toEqual([
      { index: 1, name: 'Debian & co', totalBytes: 8193341942, fileCount: 12, directoryCount: 3, architecture: 9 },
      { index: 2, name: '', totalBytes: 1 },
    ]);
    expect(decodeWimXml(xml('<WIM></WIM>'))).toEqual([]);
  });

  it.each([
    ['is cut', xml(XML.slice(0, -3)), 'the XML data does not end with </WIM>'],
    ['is not UTF-16', Buffer.from(`${XML} `), 'the XML data must be UTF-16 but has an odd'],
    ['defines entities', xml(`<!DOCTYPE x [<!ENTITY a "b">]>${XML}`), 'the XML data has a document type'],
    ['is another document', xml('<HTML></WIM>'), 'the XML data'],
    ['has an image without number', xml('<WIM><IMAGE><NAME>x</NAME></IMAGE></WIM>'), 'image element 1 has no INDEX'],
  ])('is malformed when it %s', (_, bytes, reason) =>
    expect(decodeWimXml(bytes)).toMatchObject({ kind: 'malformed', reason: expect.stringContaining(reason) as string }),
  );

  it('is total', () => expectTotal(decodeWimXml, [xml(XML)]));
});
