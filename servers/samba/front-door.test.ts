import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frontDoorRequest, negotiatedDialect } from './front-door.ts';

function reply(dialect: number): Buffer {
  const bytes = Buffer.alloc(4 + 64 + 65);
  bytes.writeUInt32BE(bytes.length - 4);
  bytes.writeUInt32BE(0xfe534d42, 4);
  bytes.writeUInt16LE(65, 68);
  bytes.writeUInt16LE(dialect, 72);
  return bytes;
}

it('asks as Windows 7 does, with a length that fits', () => {
  const request = frontDoorRequest();
  expect(request.readUInt32BE(0)).toBe(request.length - 4);
  expect(request.subarray(4, 9).toString('latin1')).toBe('\xffSMB\x72');
  expect(request.toString('latin1')).toMatch(/\x02SMB 2\.\?\?\?\0$/); // eslint-disable-line no-control-regex -- the wire has them
});

it('reads the dialect of an answer, waits for one that is cut, and knows what is none', () => {
  expect(negotiatedDialect(reply(0x02ff))).toBe(0x02ff);
  expect(negotiatedDialect(reply(0x0210).subarray(0, 73))).toBeUndefined();
  expect(negotiatedDialect(Buffer.alloc(100))).toBe('not smb2');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      negotiatedDialect(bytes);
    }),
  );
});
