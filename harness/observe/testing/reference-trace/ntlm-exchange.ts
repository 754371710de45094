import { joinBytes } from '../../../packet/bytes.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { ntlmMic, ntlmResponseKey, NtlmSealer, ntlmV2Response } from '../../../protocols/ntlm/wire/security.ts';
import { decodeNtlm } from '../../../protocols/ntlm/wire/codec.ts';
import { Rc4 } from '../../../protocols/ntlm/wire/rc4.ts';
import { encodeUtf16 } from '../../../packet/text.ts';
import { filler, le, u8, zeros } from './link-frames.ts';
import { FILE_TIME } from './trace-time.ts';

/** Who logs on in step 2; the password is the one of all bundled scenarios. */
const DOMAIN = 'SYSTEM';
const USER = 'administrateur';
const PASSWORD = 'Passw0rd.lab';
const WORKSTATION = 'MININT-222';

// NegotiateFlags (MS-NLMP section 2.2.2.5) as Windows 7 and Windows Server 2008 R2 write them.
const CLIENT_FLAGS = 0xe208_8297;
const CHALLENGE_FLAGS = 0xe289_8215;
const AGREED_FLAGS = 0xe288_8215;
const SEAL = 0x20;
/** 6.1 build 7600, NTLMSSP revision 15. */
const VERSION = u8(6, 1, 0xb0, 0x1d, 0, 0, 0, 15);
const SIGNATURE = Uint8Array.from('NTLMSSP\0', (char) => char.charCodeAt(0));
const MIC_AT = 72;

/** The three messages of a logon, and what is signed and sealed after it. */
export interface NtlmExchange {
  readonly negotiate: Uint8Array;
  readonly challenge: Uint8Array;
  readonly authenticate: Uint8Array;
  /** `firstSequence`: 1 after a SPNEGO exchange that signed its mechanism list. */
  readonly client: (firstSequence?: number) => NtlmSealer;
  readonly server: (firstSequence?: number) => NtlmSealer;
}

/** A logon with NTLMv2 for the service `target`; `seed` makes challenges and keys differ between two of them. */
export function ntlmExchange(target: string, seed: number, sealing: boolean): NtlmExchange {
  const more = sealing ? SEAL : 0;
  const negotiate = joinBytes([SIGNATURE, le(1, 4), le(CLIENT_FLAGS, 4), zeros(16), VERSION]);
  const serverInfo = [
    av(2, encodeUtf16(DOMAIN)),
    av(1, encodeUtf16('SRVWDS')),
    av(4, encodeUtf16('system.internal')),
    av(3, encodeUtf16('srvwds.system.internal')),
    av(5, encodeUtf16('system.internal')),
    av(7, fileTime()),
  ];
  const challenge = challengeMessage(filler(8, seed), joinBytes([...serverInfo, av(0)]), CHALLENGE_FLAGS + more);
  const decoded = decodeNtlm(challenge);
  if (isMalformed(decoded) || decoded.type !== 2) throw new Error('the challenge that was built does not decode');

  // Flags: an integrity code follows. Then the client's MachineID, no channel bindings, and the name of the service.
  const targetInfo = joinBytes([
    ...serverInfo,
    av(6, le(2, 4)),
    av(8, joinBytes([le(48, 4), zeros(4), le(1, 4), zeros(4), filler(32, seed + 1)])),
    av(10, zeros(16)),
    av(9, encodeUtf16(target)),
    av(0),
  ]);
  const { ntResponse, baseKey } = ntlmV2Response(ntlmResponseKey(PASSWORD, USER, DOMAIN), decoded, {
    fileTime: FILE_TIME,
    clientChallenge: filler(8, seed + 2),
    targetInfo,
  });
  const sessionKey = filler(16, seed + 3);
  const authenticate = authenticateMessage(ntResponse, new Rc4(baseKey).apply(sessionKey), AGREED_FLAGS + more);
  authenticate.set(ntlmMic(sessionKey, negotiate, challenge, authenticate), MIC_AT);
  return {
    negotiate,
    challenge,
    authenticate,
    client: (firstSequence) => new NtlmSealer(sessionKey, AGREED_FLAGS + more, 'client-to-server', firstSequence),
    server: (firstSequence) => new NtlmSealer(sessionKey, AGREED_FLAGS + more, 'server-to-client', firstSequence),
  };
}

// MS-NLMP section 2.2.1.2: 56 bytes, then what the descriptors point at.
function challengeMessage(serverChallenge: Uint8Array, targetInfo: Uint8Array, flags: number): Uint8Array {
  const name = encodeUtf16(DOMAIN);
  return joinBytes([
    SIGNATURE,
    le(2, 4),
    described(name.length, 56),
    le(flags, 4),
    serverChallenge,
    zeros(8),
    described(targetInfo.length, 56 + name.length),
    VERSION,
    name,
    targetInfo,
  ]);
}

// MS-NLMP section 2.2.1.3: 88 bytes, then domain, user, workstation, responses and key, in the order of Windows.
function authenticateMessage(ntResponse: Uint8Array, encryptedSessionKey: Uint8Array, flags: number): Uint8Array {
  const parts = [
    encodeUtf16(DOMAIN),
    encodeUtf16(USER),
    encodeUtf16(WORKSTATION),
    zeros(24),
    ntResponse,
    encryptedSessionKey,
  ] as const;
  let at = 88;
  const [domain, user, workstation, lm, nt, key] = parts.map((part) => {
    const descriptor = described(part.length, at);
    at += part.length;
    return descriptor;
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return joinBytes([
    SIGNATURE,
    le(3, 4),
    lm,
    nt,
    domain,
    user,
    workstation,
    key,
    le(flags, 4),
    VERSION,
    zeros(16),
    ...parts,
  ]);
}

function described(length: number, offset: number): Uint8Array {
  return joinBytes([le(length, 2), le(length, 2), le(offset, 4)]);
}

function av(id: number, value: Uint8Array = zeros(0)): Uint8Array {
  return joinBytes([le(id, 2), le(value.length, 2), value]);
}

function fileTime(): Uint8Array {
  const bytes = zeros(8);
  new DataView(bytes.buffer).setBigUint64(0, FILE_TIME, true);
  return bytes;
}
