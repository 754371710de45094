import { describe, expect, it } from 'vitest';
import { decodeRpcHeader, decodeRpcPdu } from './codec.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeWdsPacket, decodeWdsStub } from '../../wds/wire/codec.ts';

const utf16 = (text: string): string => Buffer.from(text, 'utf16le').toString('hex');
const NTLM_NEGOTIATE = '"NTLMSSP" 00 01000000 978208e2 .. 16';
const WDS_UUID = '9473921a2e355345ae3f7cf4aafca620';
const NDR = '045d888aeb1cc9119fe808002b104860 02000000';

// The reference trace's: a second context with NTLM (auth type 0x0a, level 6), call id 4, max_xmit 5840.
const ALTER_CONTEXT = `
  05 00 0e 03 10000000 7000 2000 04000000 ; alter context, first and last, little-endian, 112 bytes, auth 32, call 4
  d016 d016 00000000 01 000000            ; max transmit and receive 5840, group, one context
  0000 01 00 ${WDS_UUID} 0100 0000 ${NDR} ; context 0: WDS v1.0, one transfer syntax
  0a 06 00 00 00000000                    ; NTLM, privacy, no padding, context 0
  ${NTLM_NEGOTIATE}`;
const BIND_ACK = `
  05 00 0c 03 10000000 3c00 0000 03000000
  d016 d016 01000000 0500 "5040" 00 00    ; secondary address of 5 bytes, padding to 4
  01 000000                               ; one result
  0000 0000 ${NDR}`;
const REQUEST = `
  05 00 00 83 10000000 3400 0000 03000000 ; request with object
  04000000 0000 0300                      ; hint, context 0, opnum 3
  0883afe11f5dc91191a408002b14a0fa        ; object
  01020304 05060708 090a0b0c`;
const FAULT = '05 00 03 03 10000000 2000 0000 04000000 20000000 0000 00 00 05000000 00000000 ; access denied';
const SEALED = `
  05 00 00 03 10000000 4000 1000 04000000
  10000000 0000 0000                      ; context 0, opnum 0
  ${'aa'.repeat(12)} 00000000             ; encrypted stub, 4 bytes of padding
  0a 06 04 00 00000000 ${'bb'.repeat(16)} ; trailer, signature`;

describe('decodeRpcPdu', () => {
  it('reads the alter context of the reference trace', () => {
    expect(decodeRpcPdu(annotated(ALTER_CONTEXT))).toMatchObject({
      header: { name: 'alter-context', callId: 4, firstFragment: true, lastFragment: true, fragmentLength: 112 },
      body: {
        type: 'bind',
        maxTransmit: 5840,
        contexts: [
          {
            contextId: 0,
            abstract: { uuid: '1a927394-352e-4553-ae3f-7cf4aafca620', version: '1.0' },
            transfers: [{ uuid: '8a885d04-1ceb-11c9-9fe8-08002b104860', version: '2.0' }],
          },
        ],
      },
      auth: { type: 10, level: 6, token: { mechanism: 'ntlm', ntlm: { type: 1 } } },
    });
  });

  it('reads answers, requests and faults', () => {
    expect(decodeRpcPdu(annotated(BIND_ACK))).toMatchObject({
      header: { name: 'bind-ack' },
      body: { type: 'bind-ack', secondaryAddress: '5040', results: [{ result: 0, reason: 0 }] },
    });
    expect(decodeRpcPdu(annotated(REQUEST))).toMatchObject({
      body: {
        type: 'request',
        opnum: 3,
        object: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa',
        stub: annotated('01020304 05060708 090a0b0c'),
      },
    });
    expect(decodeRpcPdu(annotated(FAULT))).toMatchObject({ body: { type: 'fault', status: 5 } });
  });

  it('leaves the auth padding out of a sealed stub', () => {
    expect(decodeRpcPdu(annotated(SEALED))).toMatchObject({
      body: { type: 'request', opnum: 0, stub: annotated('aa'.repeat(12)) },
      auth: { level: 6, value: annotated('bb'.repeat(16)) },
    });
  });

  it.each([
    ['a fragment that is cut', annotated(REQUEST).subarray(0, 40), 'fragment length 52 is more than the 40 bytes'],
    ['another version', annotated(REQUEST.replace('05 00 00 83', '04 00 00 83')), 'expected version 5.0, got 4.0'],
    [
      'big-endian numbers',
      annotated(REQUEST.replace('83 10000000', '83 00000000')),
      'expected little-endian integers (0x10), got data representation 0x0',
    ],
  ])('is malformed with %s', (_, bytes, reason) =>
    expect(decodeRpcPdu(bytes)).toMatchObject({ kind: 'malformed', protocol: 'rpc', reason }),
  );

  it('keeps the header when the auth trailer does not fit', () => {
    expect(decodeRpcPdu(annotated(REQUEST.replace('3400 0000', '3400 ff00')))).toMatchObject({
      header: { name: 'request' },
      auth: { kind: 'malformed', reason: 'auth length 255 and its trailer do not fit into fragment length 52' },
    });
  });

  it('is total', () => {
    expectTotal(decodeRpcHeader, [annotated(REQUEST)]);
    expectTotal(decodeRpcPdu, [ALTER_CONTEXT, BIND_ACK, REQUEST, FAULT, SEALED].map(annotated));
  });
});

const name = (text: string): string => `${utf16(text)} .. ${66 - text.length * 2}`;
const PACKET = `
  2800 0001 d0000000   ; endpoint header: 40 bytes, version 1.0, size
  5aebded8fdefb24399fc1a8a5921c227 .. 16 ; OS deployment
  d0000000 0001 01 00 05000000 02000000  ; operation: 16 + 96 + 96 bytes, version, request, GET_CLIENT_UNATTEND, 2 variables
  ${name('VERSION')} 0000 04000000 04000000 00000000 01000000 .. 12 ; u32 1, padded to 96
  ${name('FIRMWARE')} 0000 01000000 01000000 00000000 01 .. 15 ; one byte, padded to 96`;

describe('decodeWdsPacket', () => {
  it('reads endpoint, operation and variables', () => {
    expect(decodeWdsPacket(annotated(PACKET))).toMatchObject({
      service: 'os-deployment',
      packetType: 'request',
      opcode: 5,
      variables: [
        { name: 'VERSION', type: 4, values: [1] },
        { name: 'FIRMWARE', type: 1, values: [1] },
      ],
    });
  });

  it('reads the next variable behind 16 bytes of padding too many, which some writers add', () => {
    const text = `${name('A')} 0000 40000000 10000000 00000000 ${'cc'.repeat(16)} .. 16 ${name('B')} 0000 20100000 04000000 02000000 ${utf16('x\0y\0')} .. 8`;
    const packet = `2800 0001 00000000 5aebded8fdefb24399fc1a8a5921c227 .. 16 e0000000 0001 02 00 00000000 02000000 ${text}`;
    expect(decodeWdsPacket(annotated(packet))).toMatchObject({
      packetType: 'reply',
      errorCode: 0,
      variables: [
        { name: 'A', values: [annotated('cc'.repeat(16))] },
        { name: 'B', values: ['x', 'y'] },
      ],
    });
  });

  it('keeps the variables before one that does not fit', () => {
    const packet = annotated(PACKET.replace('01000000 01000000 00000000 01', '01000000 ff000000 00000000 01'));
    expect(decodeWdsPacket(packet)).toMatchObject({
      variables: [{ name: 'VERSION' }],
      malformed: { reason: expect.stringContaining('value of FIRMWARE needs 255 bytes') as string },
    });
  });

  it('finds the packet in its NDR stub', () => {
    const packet = annotated(PACKET);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(packet.length);
    expect(decodeWdsStub(Buffer.concat([size, size, packet]), 'request')).toMatchObject({ opcode: 5 });
    expect(
      decodeWdsStub(Buffer.concat([size, annotated('00000200'), size, packet, annotated('00000000')]), 'response'),
    ).toMatchObject({ opcode: 5 });
    expect(decodeWdsStub(annotated('00000000 00000000'), 'response')).toMatchObject({
      kind: 'malformed',
      reason: 'the reply has no packet',
    });
  });

  it('is total', () => expectTotal(decodeWdsPacket, [annotated(PACKET)]));
});
