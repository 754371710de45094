import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { joinBytes } from '../../../packet/bytes.ts';
import { md4 } from './md4.ts';
import { NTLM_FLAGS, ntlmAvFlags, type NtlmAuthenticate, type NtlmChallenge } from './codec.ts';
import { Rc4 } from './rc4.ts';
import { encodeText, encodeUtf16 } from '../../../packet/text.ts';

// NTLMv2 with extended session security and nothing older: what every Windows since Vista does by itself. MS-NLMP
// sections
// 3.3.2 (responses), 3.4.3 to 3.4.5 (sealing, signatures, keys); its section 4.2.4 has the vectors.

const hmacMd5 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  createHmac('md5', key).update(joinBytes(parts)).digest();
const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

/**
 * Key of a user's NTLMv2 responses: the password as NT hash, bound to the user and the domain that the user named
 * (NTOWFv2).
 */
export function ntlmResponseKey(password: string, user: string, domain: string): Uint8Array {
  return hmacMd5(md4(encodeUtf16(password)), encodeUtf16(user.toUpperCase() + domain));
}

// NTProofStr, then what the client put under it: time, its challenge, the target information.
const PROOF_LENGTH = 16;

/**
 * The exported session key of an NTLMv2 logon; all keys of the connection are derived from it. `undefined` when the
 * password does not give the NT proof of this AUTHENTICATE, and for a response that is not NTLMv2's.
 */
export function exportedSessionKey(
  challenge: NtlmChallenge,
  authenticate: NtlmAuthenticate,
  password: string,
): Uint8Array | undefined {
  const { ntResponse, user, domain, encryptedSessionKey } = authenticate;
  if (ntResponse.length <= 24) return undefined;
  const responseKey = ntlmResponseKey(password, user, domain);
  const proof = ntResponse.subarray(0, PROOF_LENGTH);
  if (!equal(hmacMd5(responseKey, challenge.serverChallenge, ntResponse.subarray(PROOF_LENGTH)), proof))
    return undefined;
  const baseKey = hmacMd5(responseKey, proof);
  if ((authenticate.flags & NTLM_FLAGS.keyExchange) === 0) return baseKey;
  return encryptedSessionKey.length === 16 ? new Rc4(baseKey).apply(encryptedSessionKey) : undefined;
}

/** What a client answers to a challenge: the NT response, and the key that comes with it (MS-NLMP section 3.3.2). */
export function ntlmV2Response(
  responseKey: Uint8Array,
  challenge: NtlmChallenge,
  clientPart: { readonly fileTime: bigint; readonly clientChallenge: Uint8Array; readonly targetInfo: Uint8Array },
): { ntResponse: Uint8Array; baseKey: Uint8Array } {
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, clientPart.fileTime, true);
  const temp = joinBytes([
    Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0),
    new Uint8Array(time.buffer),
    clientPart.clientChallenge,
    new Uint8Array(4),
    clientPart.targetInfo,
    new Uint8Array(4),
  ]);
  const proof = hmacMd5(responseKey, challenge.serverChallenge, temp);
  return { ntResponse: joinBytes([proof, temp]), baseKey: hmacMd5(responseKey, proof) };
}

/** Where the message integrity code stands in an AUTHENTICATE that has one (MS-NLMP section 2.2.1.3). */
export const NTLM_MIC_OFFSET = 72;
const MIC_LENGTH = 16;
/** MsvAvFlags: the client put a message integrity code into AUTHENTICATE. */
const MIC_PRESENT = 2;

/** The integrity code over a whole exchange, AUTHENTICATE with zeros in its place (MS-NLMP section 3.1.5.1.2). */
export function ntlmMic(
  sessionKey: Uint8Array,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  authenticate: Uint8Array,
): Uint8Array {
  const zeroed = Uint8Array.from(authenticate);
  zeroed.fill(0, NTLM_MIC_OFFSET, NTLM_MIC_OFFSET + MIC_LENGTH);
  return hmacMd5(sessionKey, negotiate, challenge, zeroed);
}

/** Whether the three messages arrived unchanged; true when the client promised no integrity code. */
export function ntlmMicFits(
  sessionKey: Uint8Array,
  messages: { readonly negotiate: Uint8Array; readonly challenge: Uint8Array; readonly authenticate: Uint8Array },
  decoded: NtlmAuthenticate,
): boolean {
  if ((ntlmAvFlags(decoded) & MIC_PRESENT) === 0) return true;
  const { negotiate, challenge, authenticate } = messages;
  return equal(
    ntlmMic(sessionKey, negotiate, challenge, authenticate),
    authenticate.subarray(NTLM_MIC_OFFSET, NTLM_MIC_OFFSET + MIC_LENGTH),
  );
}

/** A message whose middle is sealed and that is signed as a whole: a PDU's headers, its stub, its trailer. */
export interface NtlmProtected {
  readonly before: Uint8Array;
  readonly stub: Uint8Array;
  readonly after: Uint8Array;
}

export type NtlmDirection = 'client-to-server' | 'server-to-client';

/**
 * Signs and seals the messages of one direction of a connection, in their order: both the RC4 state and the sequence
 * number go on from message to message (MS-NLMP section 3.4.4.2). A message that was not seen makes the rest
 * unreadable.
 */
export class NtlmSealer {
  readonly #signingKey: Uint8Array;
  readonly #stream: Rc4;
  readonly #keyExchange: boolean;
  #sequence: number;

  /**
   * `firstSequence`: 1 after a SPNEGO exchange that used mechListMICs. These were signed with number 0; after them the
   * cipher restarts and the numbers go on (MS-SPNG section 3.3.5.1; Samba refuses a connection that begins at 0 again).
   */
  constructor(sessionKey: Uint8Array, negotiatedFlags: number, direction: NtlmDirection, firstSequence = 0) {
    this.#sequence = firstSequence;
    // MS-NLMP section 3.4.5.3: without 128-bit keys only a part of the session key is used.
    const strength = negotiatedFlags & NTLM_FLAGS.key128 ? 16 : negotiatedFlags & NTLM_FLAGS.key56 ? 7 : 5;
    this.#signingKey = directionKey(sessionKey, direction, 'signing');
    this.#stream = new Rc4(directionKey(sessionKey.subarray(0, strength), direction, 'sealing'));
    this.#keyExchange = (negotiatedFlags & NTLM_FLAGS.keyExchange) !== 0;
  }

  /** The signature of a message that stays readable. */
  sign(message: NtlmProtected): Uint8Array {
    return this.#signature(message);
  }

  /** Whether a readable message has this signature. */
  verify(message: NtlmProtected, signature: Uint8Array): boolean {
    return equal(this.#signature(message), signature);
  }

  /** Encrypts the stub and signs the message as it was before. */
  seal(message: NtlmProtected): { stub: Uint8Array; signature: Uint8Array } {
    const stub = this.#stream.apply(message.stub);
    return { stub, signature: this.#signature(message) };
  }

  /** Decrypts the stub and compares the signature. */
  unseal(message: NtlmProtected, signature: Uint8Array): { stub: Uint8Array; valid: boolean } {
    const stub = this.#stream.apply(message.stub);
    return { stub, valid: equal(this.#signature({ ...message, stub }), signature) };
  }

  // Version 1, eight bytes of checksum (encrypted when a key was exchanged), sequence number.
  #signature({ before, stub, after }: NtlmProtected): Uint8Array {
    const signature = new DataView(new ArrayBuffer(16));
    const sequence = new Uint8Array(4);
    new DataView(sequence.buffer).setUint32(0, this.#sequence, true);
    const checksum = hmacMd5(this.#signingKey, sequence, before, stub, after).subarray(0, 8);
    const bytes = new Uint8Array(signature.buffer);
    signature.setUint32(0, 1, true);
    bytes.set(this.#keyExchange ? this.#stream.apply(checksum) : checksum, 4);
    bytes.set(sequence, 12);
    this.#sequence = (this.#sequence + 1) >>> 0;
    return bytes;
  }
}

function directionKey(sessionKey: Uint8Array, direction: NtlmDirection, purpose: 'signing' | 'sealing'): Uint8Array {
  const magic = `session key to ${direction} ${purpose} key magic constant\0`;
  return createHash('md5').update(sessionKey).update(encodeText(magic)).digest();
}
