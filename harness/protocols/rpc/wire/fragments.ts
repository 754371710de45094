import { CALL_HEADER_LENGTH, encodeRpcPdu, type RpcPduDraft } from './encode.ts';
import { AUTH_TRAILER_LENGTH } from './codec.ts';
import { isProtected, NTLM_SIGNATURE_LENGTH, protectRpcPdu, type RpcProtection } from './protection.ts';

/** A request or a response before it is cut into fragments. */
export interface RpcCall {
  readonly callId: number;
  readonly contextId: number;
  /** Of a request; a response has none. */
  readonly opnum?: number;
  readonly stub: Uint8Array;
}

// Smaller fragments would carry almost nothing beside header, trailer and signature.
const SMALLEST_PART = 16;

/**
 * The PDUs of a call, none larger than the other side's maximum receive fragment (C706 section 12.6.3.3), protected in
 * their order.
 */
export function encodeRpcCall(
  { callId, contextId, opnum, stub }: RpcCall,
  maxFragment: number,
  protection?: RpcProtection,
): Uint8Array[] {
  const sealed = protection && isProtected(protection.level) ? protection : undefined;
  const room = maxFragment - CALL_HEADER_LENGTH - (sealed ? AUTH_TRAILER_LENGTH + NTLM_SIGNATURE_LENGTH : 0);
  // A multiple of 16, so that only the last fragment is padded.
  const part = Math.max(SMALLEST_PART, room - (room % SMALLEST_PART));
  const pdus: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < stub.length; at += part) {
    const piece = stub.subarray(at, at + part);
    const common = { contextId, allocationHint: stub.length - at, stub: piece };
    const draft: RpcPduDraft = {
      name: opnum === undefined ? 'response' : 'request',
      callId,
      firstFragment: at === 0,
      lastFragment: at + part >= stub.length,
      body: opnum === undefined ? { type: 'response', ...common } : { type: 'request', opnum, ...common },
    };
    pdus.push(sealed ? protectRpcPdu(draft, sealed) : encodeRpcPdu(draft));
  }
  return pdus;
}
