import { describe, expect, it } from 'vitest';
import { isMalformed } from '../../../packet/malformed.ts';
import {
  decodeNetbiosHeader,
  decodeReadResponse,
  decodeSmbHeader,
  decodeSmbMessage,
  decodeWriteRequest,
  type SmbMessage,
} from './codec.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

/** An SMB2 header (MS-SMB2 section 2.2.1.2), fields in wire order. */
const header = ({
  command = '0000',
  flags = '00000000',
  status = '00000000',
  next = '00000000',
  id = '0500000000000000',
  session = '11000020 00040000',
} = {}): string => `
  fe "SMB"          ; protocol identifier
  4000 0100         ; structure size 64, credit charge 1
  ${status}         ; status
  ${command} 0a00   ; command, credits 10
  ${flags} ${next}  ; flags, next command
  ${id}             ; message id
  fffe0000 07000000 ; process id, tree id 7
  ${session}        ; session id
  .. 16             ; signature
`;
const RESPONSE = '01000000';
const message = (text: string): SmbMessage => {
  const messages = decodeSmbMessage(annotated(text));
  if (isMalformed(messages) || !messages[0]) throw new Error('no message');
  return messages[0];
};
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('hex');
const FILE_ID = '0102030405060708 1112131415161718';
const FILE_ID_TEXT = FILE_ID.replace(' ', '');

const NEGOTIATE_REQUEST = `${header()}
  2400 0500 0100 0000      ; size 36, 5 dialects, signing enabled, reserved
  7f000000                 ; capabilities
  33221100554477668899aabbccddeeff ; client guid
  70000000 0100 0000       ; contexts at 112, one of them
  0202 1002 0003 0203 1103 ; dialects
  0000                     ; padding to 112
  0200 0400 00000000 0100 0200 ; encryption context, 4 bytes: one cipher, AES-128-GCM
`;
const CREATE_REQUEST = `${header({ command: '0500' })}
  39 00 00 09       ; size 57, security flags, oplock level batch
  02000000          ; impersonation
  .. 16             ; create flags, reserved
  89001200          ; desired access
  80000000          ; file attributes
  07000000 01000000 ; share access, disposition open
  60000000          ; options
  7800 1200         ; name at 120, 18 bytes
  90000000 18000000 ; contexts at 144, 24 bytes
  ${utf16('res\\a.wim')} ; name
  .. 6              ; padding to 144
  00000000 1000 0400 0000 0000 00000000 ; one context without data: name of 4 bytes at 16
  "MxAc" 00000000
`;
const CREATE_RESPONSE = `${header({ command: '0500', flags: RESPONSE })}
  5900 00 00 01000000 ; size 89, oplock none, flags, opened
  0080 3ed5 deb1 9d01 ; creation time: 1970-01-01 (116444736000000000 in units of 100 ns)
  .. 24             ; other times
  0000004000000000  ; allocation size
  76c25ce801000000  ; end of file 8193360502
  10000000 00000000 ; attributes: directory; reserved
  ${FILE_ID} 00000000 00000000
`;
const READ_REQUEST = `${header({ command: '0800' })}
  3100 50 00        ; size 49, padding, flags
  f6090000          ; length 2550
  00 f0 5b e8 01 00 00 00 ; offset 8193306624, beyond 4 GiB
  ${FILE_ID}
  01000000 00000000 00000000 0000 0000 00 ; minimum count, channel, remaining, channel info, one byte of buffer
`;
const READ_RESPONSE = `${header({ command: '0800', flags: RESPONSE })}
  1100 50 00 04000000 00000000 00000000 ; size 17, data at 80, 4 bytes
  deadbeef`;
const WRITE_REQUEST = `${header({ command: '0900' })}
  3100 7000 02000000 ; size 49, data at 112, 2 bytes
  ffffffffffffffff   ; offset: all ones
  ${FILE_ID} 00000000 00000000 0000 0000 00000000
  abcd`;
const DFS_REQUEST = `${header({ command: '0b00' })}
  3900 0000 94010600 ; size 57, FSCTL_DFS_GET_REFERRALS
  ffffffffffffffffffffffffffffffff ; no file
  78000000 14000000  ; input at 120, 20 bytes
  00000000 00000000 00000000 ; max input, output offset and count
  00100000 01000000 00000000 ; max output 4096, is FSCTL
  0400 ${utf16('\\srv\\rem')} 0000 ; level 4, path, NUL
`;
const ERROR_RESPONSE = `${header({ command: '0b00', flags: RESPONSE, status: '250200c0' })} 0900 0000 00000000 00`;
const SESSION_RESPONSE = `${header({ command: '0100', flags: RESPONSE, status: '160000c0' })} 0900 0100 4800 0300 a1b2c3`;
const TREE_CONNECT = `${header({ command: '0300' })} 0900 0000 4800 1a00 ${utf16('\\\\srv\\RemInst')}`;
const SMB1_NEGOTIATE = `
  ff "SMB" 72 00000000 18 53c8 .. 20 ; SMB1 header
  00 2200                            ; no words, 34 bytes
  02 "NT LM 0.12" 00 02 "SMB 2.002" 00 02 "SMB 2.???" 00
`;
const ENCRYPTED = `fd "SMB" .. 32 80000000 0000 0100 2a00000000000000 ; transform header: original size 128`;
const COMPOUND = `${header({ command: '0500', next: '88000000', flags: RESPONSE, status: '340000c0' })} 0900 0000 00000000 00 .. 63
  ${header({ command: '0600', flags: '05000000', status: '340000c0', id: '0600000000000000' })} 0900 0000 00000000 00`;
const SAMPLES = [
  NEGOTIATE_REQUEST,
  CREATE_REQUEST,
  CREATE_RESPONSE,
  READ_REQUEST,
  READ_RESPONSE,
  WRITE_REQUEST,
  DFS_REQUEST,
  ERROR_RESPONSE,
  SESSION_RESPONSE,
  TREE_CONNECT,
  SMB1_NEGOTIATE,
  ENCRYPTED,
  COMPOUND,
];

describe('decodeSmbHeader', () => {
  it('reads the sync header', () => {
    expect(decodeSmbHeader(annotated(READ_RESPONSE).subarray(0, 64))).toEqual({
      kind: 'smb2',
      command: 'read',
      commandNumber: 8,
      status: 0,
      statusName: 'STATUS_SUCCESS',
      response: true,
      async: false,
      related: false,
      signed: false,
      dfs: false,
      creditCharge: 1,
      credits: 10,
      nextCommand: 0,
      messageId: 5n,
      treeId: 7,
      sessionId: '0x0000040020000011',
    });
  });

  it('reads the async header: an id in place of the tree', () => {
    expect(decodeSmbHeader(annotated(header({ flags: '03000000', status: '03010000' })))).toMatchObject({
      async: true,
      asyncId: 0x700000000n + 0xfeffn,
      statusName: 'STATUS_PENDING',
    });
    expect(decodeSmbHeader(annotated(header({ flags: '03000000' })))).not.toHaveProperty('treeId');
  });

  it('recognises encrypted and compressed messages', () => {
    expect(decodeSmbHeader(annotated(ENCRYPTED))).toEqual({
      kind: 'smb-encrypted',
      sessionId: '0x000000000000002a',
      originalLength: 128,
    });
    expect(decodeSmbHeader(annotated('fc "SMB" 00100000 0200 0000 00000000'))).toEqual({
      kind: 'smb-compressed',
      originalLength: 4096,
      algorithm: 2,
      chained: false,
    });
  });

  it('names what it got instead of a protocol identifier', () => {
    expect(decodeSmbHeader(annotated('"GET / HTTP"'))).toMatchObject({
      kind: 'malformed',
      reason: 'expected a protocol identifier FE, FF, FD or FC "SMB", got 0x47455420',
    });
  });

  it('reads the framing in front of it', () => {
    expect(decodeNetbiosHeader(annotated('00 010203'))).toEqual({ type: 0, length: 0x010203 });
    expect(decodeNetbiosHeader(annotated('81 000044'))).toMatchObject({
      reason: 'expected type 0 (message) or 0x85 (keep-alive), got 0x81',
    });
  });
});

describe('decodeSmbMessage', () => {
  it.each([
    [
      'NEGOTIATE request with its contexts',
      NEGOTIATE_REQUEST,
      {
        type: 'negotiate-request',
        dialects: [0x202, 0x210, 0x300, 0x302, 0x311],
        clientGuid: '00112233-4455-6677-8899-aabbccddeeff',
        contexts: [{ type: 2, name: 'encryption' }],
      },
    ],
    [
      'CREATE request',
      CREATE_REQUEST,
      {
        type: 'create-request',
        name: 'res\\a.wim',
        disposition: 1,
        oplockLevel: 9,
        options: 0x60,
        contexts: [{ name: 'MxAc' }],
      },
    ],
    [
      'CREATE response',
      CREATE_RESPONSE,
      {
        type: 'create-response',
        endOfFile: 8193360502,
        allocationSize: 0x40000000,
        directory: true,
        fileId: FILE_ID_TEXT,
        creationTimeUs: 0,
        action: 1,
      },
    ],
    [
      'READ request beyond 4 GiB',
      READ_REQUEST,
      { type: 'read-request', offset: 8193306624, length: 2550, fileId: FILE_ID_TEXT, minimumCount: 1 },
    ],
    [
      'READ response',
      READ_RESPONSE,
      { type: 'read-response', dataOffset: 80, dataLength: 4, data: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) },
    ],
    [
      'WRITE request, with an offset that no double holds',
      WRITE_REQUEST,
      { type: 'write-request', offset: Infinity, dataLength: 2, data: Uint8Array.of(0xab, 0xcd) },
    ],
    [
      'DFS referral',
      DFS_REQUEST,
      {
        type: 'ioctl-request',
        controlName: 'FSCTL_DFS_GET_REFERRALS',
        fsctl: true,
        dfsReferral: { maxReferralLevel: 4, path: '\\srv\\rem' },
      },
    ],
    ['ERROR response', ERROR_RESPONSE, { type: 'error-response' }],
    [
      'SESSION_SETUP response that asks for more',
      SESSION_RESPONSE,
      {
        type: 'session-setup-response',
        guest: true,
        anonymous: false,
        securityBuffer: Uint8Array.of(0xa1, 0xb2, 0xc3),
      },
    ],
    ['TREE_CONNECT request', TREE_CONNECT, { type: 'tree-connect-request', path: '\\\\srv\\RemInst' }],
    [
      'SMB1 NEGOTIATE request',
      SMB1_NEGOTIATE,
      { type: 'smb1-negotiate-request', dialects: ['NT LM 0.12', 'SMB 2.002', 'SMB 2.???'] },
    ],
  ])('reads a %s', (_, text, body) => {
    expect(message(text)).toMatchObject({ body });
  });

  it('reads a compound message by message', () => {
    const messages = decodeSmbMessage(annotated(COMPOUND));
    expect(messages).toMatchObject([
      {
        offset: 0,
        header: { command: 'create', statusName: 'STATUS_OBJECT_NAME_NOT_FOUND', related: false },
        body: { type: 'error-response' },
      },
      { offset: 136, header: { command: 'close', related: true, messageId: 6n }, body: { type: 'error-response' } },
    ]);
  });

  it.each([
    ['40000000', 'next command 64 must be a multiple of 8 from 64 to less than the 64 bytes left'],
    ['01000000', 'next command 1 must be a multiple of 8 from 64 to less than the 64 bytes left'],
  ])('keeps a message whose NextCommand leads nowhere: %s', (next, reason) => {
    expect(message(header({ next }))).toMatchObject({
      header: { command: 'negotiate' },
      compoundMalformed: { reason },
    });
  });

  it.each([
    [
      'a name outside the message',
      CREATE_REQUEST.replace('7800 1200', '7800 ff7f'),
      'name claims bytes 120 to 32887 but there are only 168',
    ],
    ['a wrong structure size', READ_REQUEST.replace('3100 50', '3200 50'), 'structure size must be 49, got 50'],
    ['a body that is cut', header({ command: '0300' }) + '0900 0000', 'path offset needs 2 bytes but only 0 remain'],
    [
      'a context chain that runs in circles',
      CREATE_REQUEST.replace('00000000 1000 0400', '04000000 1000 0400'),
      /claim|remain/,
    ],
  ])('says what is wrong with %s', (_, text, reason) => {
    const { body } = message(text) as { body: unknown };
    expect(body).toMatchObject({
      kind: 'malformed',
      protocol: 'smb2',
      reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
    });
  });

  it('takes encrypted messages as they are', () =>
    expect(message(ENCRYPTED)).toMatchObject({ kind: 'smb-opaque', header: { kind: 'smb-encrypted' } }));

  it('is total', () => expectTotal(decodeSmbMessage, SAMPLES.map(annotated)));
});

describe('bulk data', () => {
  it('is located from the first 80 bytes of a READ response', () => {
    expect(decodeReadResponse(annotated(READ_RESPONSE).subarray(0, 80))).toEqual({
      dataOffset: 80,
      dataLength: 4,
      remaining: 0,
    });
    expect(decodeReadResponse(annotated(READ_RESPONSE).subarray(0, 79))).toMatchObject({ kind: 'malformed' });
  });

  it('is located from the first 112 bytes of a WRITE request', () => {
    expect(decodeWriteRequest(annotated(WRITE_REQUEST).subarray(0, 112))).toEqual({
      fileId: FILE_ID_TEXT,
      offset: Infinity,
      dataOffset: 112,
      dataLength: 2,
      remaining: 0,
    });
  });

  it('is total', () => {
    expectTotal(decodeReadResponse, [annotated(READ_RESPONSE)]);
    expectTotal(decodeWriteRequest, [annotated(WRITE_REQUEST)]);
  });
});
