import { randomBytes } from 'node:crypto';
import { isMalformed } from '../packet/malformed.ts';
import { NTLM_MIC_OFFSET, ntlmMic, ntlmResponseKey, ntlmV2Response } from '../protocols/ntlm/wire/security.ts';
import { encodeAvPairs, encodeNtlmAuthenticate, encodeNtlmNegotiate } from '../protocols/ntlm/wire/encode.ts';
import { decodeNtlm, NTLM_FLAGS } from '../protocols/ntlm/wire/codec.ts';
import { Rc4 } from '../protocols/ntlm/wire/rc4.ts';

/** An account to log on with. */
export interface Credentials {
  readonly domain: string;
  readonly user: string;
  readonly password: string;
}

const FLAGS =
  NTLM_FLAGS.unicode |
  NTLM_FLAGS.requestTarget |
  NTLM_FLAGS.sign |
  NTLM_FLAGS.seal |
  NTLM_FLAGS.ntlm |
  NTLM_FLAGS.alwaysSign |
  NTLM_FLAGS.extendedSessionSecurity |
  NTLM_FLAGS.targetInfo |
  NTLM_FLAGS.version |
  NTLM_FLAGS.key128 |
  NTLM_FLAGS.keyExchange |
  NTLM_FLAGS.key56;
// MsvAvFlags with the promise of an integrity code, and the id under which they stand (MS-NLMP section 2.2.2.1).
const AV_FLAGS = 6;
const MIC_PROMISED = Uint8Array.of(2, 0, 0, 0);
const AV_TIMESTAMP = 7;

/** What a logon leaves with the client. */
export interface NtlmAnswer {
  readonly authenticate: Uint8Array;
  readonly sessionKey: Uint8Array;
  readonly flags: number;
}

/** The first message of a logon. */
export function ntlmNegotiate(): Uint8Array {
  return encodeNtlmNegotiate({ flags: FLAGS >>> 0 });
}

/**
 * The answer to a challenge, with an integrity code when the server sent its time, as Windows does (MS-NLMP section
 * 3.1.5.1.2).
 */
export function ntlmAnswer(
  negotiate: Uint8Array,
  challenge: Uint8Array,
  { domain, user, password }: Credentials,
): NtlmAnswer {
  const message = decodeNtlm(challenge);
  if (isMalformed(message) || message.type !== 2)
    throw new Error(
      `NTLM: expected a CHALLENGE, got ${isMalformed(message) ? message.reason : `a message of type ${message.type}`}`,
    );
  const time = message.targetInfo.find(({ id, data }) => id === AV_TIMESTAMP && data.length === 8)?.data; // a FILETIME
  const pairs = message.targetInfo.map(({ id, data }) => ({ id, value: data }));
  const targetInfo = encodeAvPairs(time ? [...pairs, { id: AV_FLAGS, value: MIC_PROMISED }] : pairs);
  const fileTime = time ? new DataView(time.buffer, time.byteOffset, 8).getBigUint64(0, true) : 0n;
  const { ntResponse, baseKey } = ntlmV2Response(ntlmResponseKey(password, user, domain), message, {
    fileTime,
    clientChallenge: randomBytes(8),
    targetInfo,
  });
  const sessionKey = randomBytes(16);
  const flags = (message.flags & FLAGS) >>> 0;
  const authenticate = encodeNtlmAuthenticate({
    flags,
    domain,
    user,
    workstation: 'MININT',
    lmResponse: new Uint8Array(24),
    ntResponse,
    encryptedSessionKey: new Rc4(baseKey).apply(sessionKey),
  });
  if (time) authenticate.set(ntlmMic(sessionKey, negotiate, challenge, authenticate), NTLM_MIC_OFFSET);
  return { authenticate, sessionKey, flags };
}
