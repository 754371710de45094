import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRpcPdu, RPC_SYNTAXES, type RpcPdu } from './codec.ts';
import { encodeRpcPdu, type RpcPduDraft } from './encode.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { NtlmSealer } from '../../ntlm/wire/security.ts';
import { encodeRpcCall, type RpcCall } from './fragments.ts';
import { unprotectRpcPdu, type RpcProtection } from './protection.ts';

function decoded(bytes: Uint8Array): RpcPdu {
  const pdu = decodeRpcPdu(bytes);
  if (isMalformed(pdu)) throw new Error(pdu.reason);
  return pdu;
}

const { wdsControl, ndr } = RPC_SYNTAXES;
const DRAFTS: readonly RpcPduDraft[] = [
  {
    name: 'bind',
    callId: 1,
    headerSign: true,
    body: {
      type: 'bind',
      maxTransmit: 5840,
      maxReceive: 4280,
      associationGroup: 7,
      contexts: [
        { contextId: 0, abstract: wdsControl, transfers: [ndr] },
        { contextId: 9, abstract: wdsControl, transfers: [ndr, ndr] },
      ],
    },
  },
  {
    name: 'alter-context',
    callId: 2,
    body: { type: 'bind', maxTransmit: 5840, maxReceive: 5840, associationGroup: 0, contexts: [] },
    auth: { type: 10, level: 6, contextId: 5, value: Uint8Array.of(1, 2, 3) },
  },
  {
    name: 'bind-ack',
    callId: 1,
    body: {
      type: 'bind-ack',
      maxTransmit: 5840,
      maxReceive: 5840,
      associationGroup: 0x1234,
      secondaryAddress: '5040',
      results: [
        { result: 0, reason: 0, transfer: ndr },
        { result: 2, reason: 1, transfer: ndr },
      ],
    },
    auth: { type: 9, level: 5, contextId: 0, value: new Uint8Array(99) },
  },
  {
    name: 'alter-context-response',
    callId: 3,
    body: { type: 'bind-ack', maxTransmit: 1, maxReceive: 2, associationGroup: 3, secondaryAddress: '', results: [] },
  },
  { name: 'bind-nak', callId: 4, body: { type: 'bind-nak', reason: 4 } },
  {
    name: 'auth3',
    callId: 4,
    body: { type: 'other' },
    auth: { type: 10, level: 6, contextId: 0, value: new Uint8Array(300) },
  },
  {
    name: 'request',
    callId: 5,
    firstFragment: false,
    lastFragment: false,
    body: {
      type: 'request',
      allocationHint: 4,
      contextId: 1,
      opnum: 0,
      object: wdsControl.uuid,
      stub: Uint8Array.of(1, 2, 3, 4),
    },
  },
  {
    name: 'response',
    callId: 5,
    body: { type: 'response', allocationHint: 2, contextId: 1, stub: Uint8Array.of(1, 2) },
  },
  { name: 'fault', callId: 0xffffffff, didNotExecute: true, body: { type: 'fault', contextId: 1, status: 0x1c010002 } },
];

describe('encodeRpcPdu', () => {
  it.each(DRAFTS.map((draft) => [draft.name, draft] as const))('writes a %s that decodes to itself', (_, draft) => {
    const { header, body, auth } = decoded(encodeRpcPdu(draft));
    expect(header).toMatchObject({
      name: draft.name,
      callId: draft.callId,
      firstFragment: draft.firstFragment ?? true,
      lastFragment: draft.lastFragment ?? true,
      headerSign: draft.headerSign ?? false,
    });
    expect(body).toEqual(draft.body);
    if (draft.auth) expect(auth).toMatchObject(draft.auth);
    else expect(auth).toBeUndefined();
  });

  it('refuses what no fragment length can tell', () => {
    expect(() =>
      encodeRpcPdu({
        name: 'response',
        callId: 1,
        body: { type: 'response', allocationHint: 0, contextId: 0, stub: new Uint8Array(65_535) },
      }),
    ).toThrow('rpc fragment length: expected at most 65535');
  });
});

describe('encodeRpcCall', () => {
  const key = new Uint8Array(16).fill(0x55);
  const flags = 0xe2888235;
  const protection = (level: number): RpcProtection => ({
    type: 10,
    level,
    contextId: 3,
    sealer: new NtlmSealer(key, flags, 'client-to-server'),
  });

  it('cuts a call into fragments that fit, and every level gives the stub back', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 100, max: 5840 }),
        fc.constantFrom(1, 2, 5, 6),
        fc.option(fc.nat(5), { nil: undefined }),
        (stub, maxFragment, level, opnum) => {
          const call: RpcCall = { callId: 9, contextId: 2, stub, ...(opnum === undefined ? {} : { opnum }) };
          const opener = new NtlmSealer(key, flags, 'client-to-server');
          const pdus = encodeRpcCall(call, maxFragment, protection(level)).map((bytes) => ({
            bytes,
            pdu: decoded(bytes),
          }));
          const stubs = pdus.map(({ bytes, pdu }) => {
            if (isMalformed(pdu.body) || !('stub' in pdu.body) || isMalformed(pdu.auth)) throw new Error('malformed');
            expect(bytes.length).toBeLessThanOrEqual(maxFragment);
            if (!pdu.auth) return pdu.body.stub;
            const opened = unprotectRpcPdu(bytes, pdu, pdu.auth, opener);
            expect(opened.valid).toBe(true);
            return opened.stub;
          });
          expect(Buffer.concat(stubs).equals(stub)).toBe(true);
          expect(pdus.map(({ pdu }) => pdu.header.firstFragment)).toEqual(pdus.map((_, i) => i === 0));
          expect(pdus.map(({ pdu }) => pdu.header.lastFragment)).toEqual(pdus.map((_, i) => i === pdus.length - 1));
          expect(pdus.every(({ pdu }) => (pdu.auth !== undefined) === level >= 4)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('opens nothing that was changed on its way', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const [bytes = new Uint8Array(0)] = encodeRpcCall(
          { callId: 9, contextId: 2, opnum: 0, stub: new Uint8Array(100) },
          5840,
          protection(6),
        );
        const place = 10 + (at % (bytes.length - 10));
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        const pdu = decodeRpcPdu(bytes);
        if (isMalformed(pdu) || !pdu.auth || isMalformed(pdu.auth)) return;
        expect(
          unprotectRpcPdu(bytes, pdu, { ...pdu.auth, level: 6 }, new NtlmSealer(key, flags, 'client-to-server')).valid,
        ).toBe(false);
      }),
    );
  });
});
