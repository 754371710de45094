import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeRename } from './rename.ts';
import { encodeUtf16 } from '../../../packet/text.ts';
import { annotated } from '../../../packet/testing/annotated.ts';

const rename = (data: Uint8Array) => decodeRename({ infoType: 1, informationClass: 10, data });

describe('FileRenameInformation', () => {
  it('is read as Linux writes it', () => {
    // MS-FSCC 2.4.42.2: replace if exists, 7 reserved, root directory, length of the name, name.
    expect(rename(annotated('01 00000000000000 0000000000000000 0a000000 61002e0077006900 6d00'))).toEqual({
      replaceIfExists: true,
      name: 'a.wim',
    });
  });

  it('is told from other information of a file, and from information of a file system', () => {
    const data = new Uint8Array(24);
    expect(decodeRename({ infoType: 1, informationClass: 4, data })).toBeUndefined();
    expect(decodeRename({ infoType: 2, informationClass: 10, data })).toBeUndefined();
  });

  it('says what is wrong with a name that is longer than the message', () => {
    const lies = Uint8Array.from([...new Uint8Array(16), 200, 0, 0, 0, 0x61, 0]);
    expect(rename(lies)).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('200') as string });
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        const found = rename(data);
        expect(found && (isMalformed(found) || typeof found.name === 'string')).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.boolean(), (name, replaceIfExists) => {
        const bytes = encodeUtf16(name);
        const head = new Uint8Array(20);
        head[0] = replaceIfExists ? 1 : 0;
        head[16] = bytes.length;
        expect(rename(Uint8Array.from([...head, ...bytes]))).toEqual({ replaceIfExists, name });
      }),
    );
  });
});
