import { ByteWriter } from '../../../packet/byte-writer.ts';
import { NTLM_SIGNATURE } from './codec.ts';
import { encodeText, encodeUtf16 } from '../../../packet/text.ts';

// MS-NLMP sections 2.2.1.1 to 2.2.1.3, with UNICODE negotiated. Version: 6.1.7601, NTLM revision 15, as Windows 7
// writes it.
const VERSION = Uint8Array.of(6, 1, 0xb1, 0x1d, 0, 0, 0, 15);

export interface NtlmNegotiateDraft {
  readonly flags: number;
}

/** A NEGOTIATE that names neither domain nor workstation. */
export function encodeNtlmNegotiate({ flags }: NtlmNegotiateDraft): Uint8Array {
  return start(1).u32le(flags).zeros(16).bytes(VERSION).done();
}

export interface NtlmChallengeDraft {
  readonly flags: number;
  readonly targetName: string;
  /** 8 bytes. */
  readonly serverChallenge: Uint8Array;
  /** Attributes as `encodeAvPairs` writes them. */
  readonly targetInfo: Uint8Array;
}

export function encodeNtlmChallenge({
  flags,
  targetName,
  serverChallenge,
  targetInfo,
}: NtlmChallengeDraft): Uint8Array {
  const name = encodeUtf16(targetName);
  const payload = 56;
  const message = start(2);
  descriptor(message, name, payload);
  message.u32le(flags).bytes(serverChallenge).zeros(8);
  descriptor(message, targetInfo, payload + name.length);
  return message.bytes(VERSION).bytes(name).bytes(targetInfo).done();
}

export interface NtlmAuthenticateDraft {
  readonly flags: number;
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly ntResponse: Uint8Array;
  readonly lmResponse: Uint8Array;
  readonly encryptedSessionKey: Uint8Array;
}

/** An AUTHENTICATE with room for a message integrity code, still zero: bytes 72 to 88. */
export function encodeNtlmAuthenticate(draft: NtlmAuthenticateDraft): Uint8Array {
  const values = [
    draft.lmResponse,
    draft.ntResponse,
    encodeUtf16(draft.domain),
    encodeUtf16(draft.user),
    encodeUtf16(draft.workstation),
    draft.encryptedSessionKey,
  ];
  const message = start(3);
  let offset = 88;
  for (const value of values) {
    descriptor(message, value, offset);
    offset += value.length;
  }
  message.u32le(draft.flags).bytes(VERSION).zeros(16);
  for (const value of values) message.bytes(value);
  return message.done();
}

/** Attributes of target information by id (MS-NLMP section 2.2.2.1), texts in UTF-16, and the end mark after them. */
export function encodeAvPairs(
  pairs: readonly { readonly id: number; readonly value: string | Uint8Array }[],
): Uint8Array {
  const bytes = new ByteWriter();
  for (const { id, value } of pairs) {
    const data = typeof value === 'string' ? encodeUtf16(value) : value;
    bytes.u16le(id).u16le(data.length).bytes(data);
  }
  return bytes.u32le(0).done();
}

const start = (type: number): ByteWriter => new ByteWriter().bytes(encodeText(NTLM_SIGNATURE)).u32le(type);

function descriptor(message: ByteWriter, value: Uint8Array, offset: number): void {
  message.u16le(value.length).u16le(value.length).u32le(offset);
}
