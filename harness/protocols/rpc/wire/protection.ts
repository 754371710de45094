import { AUTH_TRAILER_LENGTH, RPC_AUTH_LEVELS, type RpcAuth, type RpcPdu } from './codec.ts';
import { CALL_HEADER_LENGTH, encodeRpcPdu, type RpcPduDraft } from './encode.ts';
import type { NtlmProtected, NtlmSealer } from '../../ntlm/wire/security.ts';

// Requests and responses under packet integrity and packet privacy (MS-RPCE section 3.3.1.5.2.2). With NTLM the
// signature covers the whole PDU but itself, whether header signing was negotiated or not: impacket's rpcrt.py and
// Samba's gensec_ntlmssp do it that way, too. Sealed are stub and padding.

/** The length of NTLM's signature, the auth value of a protected PDU. */
export const NTLM_SIGNATURE_LENGTH = 16;
// Of stub and padding: Windows' and Samba's; four is the least (MS-RPCE section 2.2.2.11).
const STUB_ALIGNMENT = 16;

/** What a security context adds to each PDU. */
export interface RpcProtection {
  /** 9 SPNEGO, 10 NTLM. */
  readonly type: number;
  readonly level: number;
  readonly contextId: number;
  readonly sealer: NtlmSealer;
}

/** Whether PDUs of this auth level carry signatures. */
export const isProtected = (level: number): boolean => level >= RPC_AUTH_LEVELS.packet;

/** The bytes of a call PDU, signed and, at level privacy, sealed. */
export function protectRpcPdu(draft: RpcPduDraft, { type, level, contextId, sealer }: RpcProtection): Uint8Array {
  const pdu = encodeRpcPdu({
    ...draft,
    auth: { type, level, contextId, value: new Uint8Array(NTLM_SIGNATURE_LENGTH), align: STUB_ALIGNMENT },
  });
  const hasObject = draft.body.type === 'request' && draft.body.object !== undefined;
  const message = protectedParts(pdu, NTLM_SIGNATURE_LENGTH, hasObject);
  if (level === RPC_AUTH_LEVELS.privacy) {
    const { stub, signature } = sealer.seal(message);
    pdu.set(stub, message.before.length);
    pdu.set(signature, pdu.length - NTLM_SIGNATURE_LENGTH);
  } else pdu.set(sealer.sign(message), pdu.length - NTLM_SIGNATURE_LENGTH);
  return pdu;
}

/**
 * The stub of a protected request or response, in the clear, and whether its signature fits. `bytes` is what `pdu` was
 * decoded from. Every PDU of a direction must pass here once and in order: the cipher's state goes on with it.
 */
export function unprotectRpcPdu(
  bytes: Uint8Array,
  pdu: RpcPdu,
  auth: RpcAuth,
  sealer: NtlmSealer,
): { stub: Uint8Array; valid: boolean } {
  const message = protectedParts(
    bytes.subarray(0, pdu.header.fragmentLength),
    pdu.header.authLength,
    pdu.header.hasObject,
  );
  const opened =
    auth.level === RPC_AUTH_LEVELS.privacy
      ? sealer.unseal(message, auth.value)
      : { stub: message.stub, valid: sealer.verify(message, auth.value) };
  return { stub: opened.stub.subarray(0, Math.max(0, opened.stub.length - auth.padLength)), valid: opened.valid };
}

function protectedParts(pdu: Uint8Array, authLength: number, hasObject: boolean): NtlmProtected {
  const end = pdu.length - authLength;
  const trailer = Math.max(0, end - AUTH_TRAILER_LENGTH);
  const stub = Math.min(CALL_HEADER_LENGTH + (hasObject ? 16 : 0), trailer);
  return { before: pdu.subarray(0, stub), stub: pdu.subarray(stub, trailer), after: pdu.subarray(trailer, end) };
}
