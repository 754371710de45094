import { randomBytes } from 'node:crypto';
import { encodeRpcPdu, type RpcPduDraft } from '../../../harness/protocols/rpc/wire/encode.ts';
import { RPC_SYNTAXES } from '../../../harness/protocols/rpc/wire/codec.ts';
import { encodeEptMapRequest } from '../../../harness/protocols/rpc/wire/endpoint-mapper.ts';
import { encodeNtlmNegotiate } from '../../../harness/protocols/ntlm/wire/encode.ts';
import { encodeRpcCall } from '../../../harness/protocols/rpc/wire/fragments.ts';
import { encodeSpnegoInit } from '../../../harness/protocols/ntlm/wire/spnego-encode.ts';
import { encodeWdsPacket, encodeWdsRequestStub } from '../../../harness/protocols/wds/wire/encode.ts';
import type { WdsVariable } from '../../../harness/protocols/wds/wire/codec.ts';

const { wdsControl, endpointMapper, ndr } = RPC_SYNTAXES;
const variables: WdsVariable[] = [
  { name: 'VERSION', type: 4, values: [1] },
  { name: 'CLIENT_MAC', type: 0x20, values: ['001122334455'] },
  { name: 'CLIENT_GUID', type: 0x20, values: ['11223344556677578058C2C04F503931'] },
  { name: 'ARCHITECTURE', type: 4, values: [9] },
];
// Unicode, extended session security and the like, as Windows 7 asks.
const negotiate = encodeNtlmNegotiate({ flags: 0xe2088297 });
const stubOf = (code: number): Uint8Array =>
  encodeWdsRequestStub(
    encodeWdsPacket({ endpoint: 'd8deeb5a-effd-43b2-99fc-1a8a5921c227', packetType: 'request', code, variables }),
  );

function presentation(name: 'bind' | 'alter-context', callId: number, auth?: RpcPduDraft['auth']): Uint8Array {
  const contexts = [
    { contextId: 0, abstract: wdsControl, transfers: [ndr] },
    { contextId: 1, abstract: endpointMapper, transfers: [ndr] },
  ];
  return encodeRpcPdu({
    name,
    callId,
    body: { type: 'bind', maxTransmit: 5840, maxReceive: 5840, associationGroup: 0, contexts },
    ...(auth ? { auth } : {}),
  });
}

/** What clients send in sessions that work, PDU by PDU: material to change at random. */
export const SESSIONS: readonly (readonly Uint8Array[])[] = [
  [
    presentation('bind', 1),
    ...[3, 5, 2].flatMap((code, i) =>
      encodeRpcCall({ callId: 2 + i, contextId: 0, opnum: 0, stub: stubOf(code) }, 5840),
    ),
  ],
  [
    presentation('bind', 1),
    ...encodeRpcCall({ callId: 2, contextId: 0, opnum: 0, stub: stubOf(3) }, 200),
    ...encodeRpcCall(
      { callId: 3, contextId: 1, opnum: 3, stub: encodeEptMapRequest({ interface: wdsControl, transfer: ndr }) },
      5840,
    ),
  ],
  [
    presentation('bind', 1, { type: 10, level: 6, contextId: 5, value: negotiate }),
    encodeRpcPdu({
      name: 'auth3',
      callId: 1,
      body: { type: 'other' },
      auth: {
        type: 10,
        level: 6,
        contextId: 5,
        value: Buffer.concat([Buffer.from('NTLMSSP\0\x03\0\0\0', 'latin1'), randomBytes(200)]),
      },
    }),
    presentation('alter-context', 2, { type: 9, level: 5, contextId: 6, value: encodeSpnegoInit(negotiate) }),
  ],
];
