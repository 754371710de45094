import { guidBytes } from '../../../packet/addresses.ts';
import { ByteWriter } from '../../../packet/byte-writer.ts';
import { RPC_HEADER_LENGTH, type RpcBody, type RpcSyntax } from './codec.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { encodeText } from '../../../packet/text.ts';

/** A PDU to write; the counterpart of `RpcPdu`. */
export interface RpcPduDraft {
  readonly name:
    | 'request'
    | 'response'
    | 'fault'
    | 'bind'
    | 'bind-ack'
    | 'bind-nak'
    | 'alter-context'
    | 'alter-context-response'
    | 'auth3';
  readonly callId: number;
  /** Default: first and last, a PDU in one fragment. */
  readonly firstFragment?: boolean;
  readonly lastFragment?: boolean;
  readonly headerSign?: boolean;
  /** PFC_DID_NOT_EXECUTE of a fault: the call can be made again. */
  readonly didNotExecute?: boolean;
  /** `other` of an auth3, whose body is four bytes that mean nothing. */
  readonly body: RpcBody;
  /**
   * The trailer; `align` pads the body so that the trailer begins at a multiple of it, counted from the body's stub or,
   * without one, from the PDU.
   */
  readonly auth?: {
    readonly type: number;
    readonly level: number;
    readonly contextId: number;
    readonly value: Uint8Array;
    readonly align?: number;
  };
}

const TYPES: Readonly<Record<RpcPduDraft['name'], number>> = {
  request: 0,
  response: 2,
  fault: 3,
  bind: 11,
  'bind-ack': 12,
  'bind-nak': 13,
  'alter-context': 14,
  'alter-context-response': 15,
  auth3: 16,
};

/** Bytes between a request's or response's header and its stub: hint, context, opnum or cancel count. */
export const CALL_HEADER_LENGTH = RPC_HEADER_LENGTH + 8;

// MS-RPCE section 2.2.2.11: a trailer is aligned to four bytes.
const TRAILER_ALIGNMENT = 4;
const LARGEST_FRAGMENT = 0xffff;

/** The bytes of one PDU, little-endian. */
export function encodeRpcPdu(draft: RpcPduDraft): Uint8Array {
  const { body, auth } = draft;
  const hasObject = body.type === 'request' && body.object !== undefined;
  const flags =
    (draft.firstFragment === false ? 0 : 1) |
    (draft.lastFragment === false ? 0 : 2) |
    (draft.headerSign ? 4 : 0) |
    (draft.didNotExecute ? 0x20 : 0) |
    (hasObject ? 0x80 : 0);
  const pdu = new ByteWriter()
    .u8(5)
    .u8(0)
    .u8(TYPES[draft.name])
    .u8(flags)
    .u8(0x10)
    .zeros(3)
    .u16le(0)
    .u16le(auth?.value.length ?? 0)
    .u32le(draft.callId);
  writeBody(pdu, body);
  if (auth) {
    const from = 'stub' in body ? CALL_HEADER_LENGTH + (hasObject ? 16 : 0) : 0;
    const align = auth.align ?? TRAILER_ALIGNMENT;
    const padding = (align - ((pdu.length - from) % align)) % align;
    pdu.zeros(padding).u8(auth.type).u8(auth.level).u8(padding).u8(0).u32le(auth.contextId).bytes(auth.value);
  }
  if (pdu.length > LARGEST_FRAGMENT)
    throw new EncodeError('rpc', 'fragment length', `at most ${LARGEST_FRAGMENT}`, pdu.length);
  return pdu.patchU16le(8, pdu.length).done();
}

function writeBody(pdu: ByteWriter, body: RpcBody): void {
  switch (body.type) {
    case 'bind':
      pdu.u16le(body.maxTransmit).u16le(body.maxReceive).u32le(body.associationGroup).u8(body.contexts.length).zeros(3);
      for (const { contextId, abstract, transfers } of body.contexts) {
        pdu.u16le(contextId).u8(transfers.length).zeros(1).bytes(syntaxBytes(abstract));
        for (const transfer of transfers) pdu.bytes(syntaxBytes(transfer));
      }
      return;
    case 'bind-ack': {
      // A C string, terminator included (C706 section 12.6.3.1); of an alter-context response it is empty, without one.
      const address = body.secondaryAddress === '' ? new Uint8Array(0) : encodeText(`${body.secondaryAddress}\0`);
      pdu
        .u16le(body.maxTransmit)
        .u16le(body.maxReceive)
        .u32le(body.associationGroup)
        .u16le(address.length)
        .bytes(address)
        .align(4)
        .u8(body.results.length)
        .zeros(3);
      for (const { result, reason, transfer } of body.results)
        pdu.u16le(result).u16le(reason).bytes(syntaxBytes(transfer));
      return;
    }
    case 'bind-nak':
      // One version is supported: 5.0.
      pdu.u16le(body.reason).u8(1).u8(5).u8(0).zeros(3);
      return;
    case 'request':
      pdu.u32le(body.allocationHint).u16le(body.contextId).u16le(body.opnum);
      if (body.object !== undefined) pdu.bytes(guidBytes(body.object));
      pdu.bytes(body.stub);
      return;
    case 'response':
      pdu.u32le(body.allocationHint).u16le(body.contextId).zeros(2).bytes(body.stub);
      return;
    case 'fault':
      pdu.u32le(0).u16le(body.contextId).zeros(2).u32le(body.status).zeros(4);
      return;
    case 'other':
      pdu.zeros(4);
  }
}

/** A syntax: UUID and major and minor version, 20 bytes. */
function syntaxBytes({ uuid, version }: RpcSyntax): Uint8Array {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return new ByteWriter().bytes(guidBytes(uuid)).u16le(major).u16le(minor).done();
}
