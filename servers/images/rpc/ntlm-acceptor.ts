import { randomBytes } from 'node:crypto';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { exportedSessionKey, ntlmMicFits } from '../../../harness/protocols/ntlm/wire/security.ts';
import { encodeAvPairs, encodeNtlmChallenge } from '../../../harness/protocols/ntlm/wire/encode.ts';
import {
  decodeNtlm,
  NTLM_FLAGS,
  type NtlmAuthenticate,
  type NtlmChallenge,
  type NtlmNegotiate,
} from '../../../harness/protocols/ntlm/wire/codec.ts';

/** An account that may log on, or may no longer. */
export interface RpcAccount {
  readonly name: string;
  readonly password: string;
  readonly locked?: boolean | undefined;
  readonly expired?: boolean | undefined;
}

/** The server's names, and the accounts that it knows. */
export interface NtlmRealm {
  readonly serverName: string;
  readonly domain: string;
  readonly accounts: readonly RpcAccount[];
}

/** A logon that a server decided about; `status` is the NTSTATUS by Samba's name, as the file server's event has it. */
export interface RpcLogon {
  readonly domain: string;
  readonly user: string;
  readonly status:
    | 'NT_STATUS_OK'
    | 'NT_STATUS_NO_SUCH_USER'
    | 'NT_STATUS_WRONG_PASSWORD'
    | 'NT_STATUS_ACCOUNT_LOCKED_OUT'
    | 'NT_STATUS_PASSWORD_EXPIRED'
    | 'NT_STATUS_INVALID_PARAMETER';
  readonly sessionKey?: Uint8Array;
  /** NTLM flags that both sides agreed on for their messages. */
  readonly flags: number;
  /** Details beyond the status, as text. */
  readonly detail?: string | undefined;
}

// Flags that the server requires of a Windows 7 client: NTLMv2 session security, and nothing older.
const REQUIRED = NTLM_FLAGS.unicode | NTLM_FLAGS.extendedSessionSecurity;
const OFFERED =
  REQUIRED |
  NTLM_FLAGS.requestTarget |
  NTLM_FLAGS.sign |
  NTLM_FLAGS.seal |
  NTLM_FLAGS.ntlm |
  NTLM_FLAGS.alwaysSign |
  NTLM_FLAGS.version |
  NTLM_FLAGS.key128 |
  NTLM_FLAGS.key56 |
  NTLM_FLAGS.keyExchange;

// 100 ns since 1601 (MS-DTYP section 2.3.3).
const FILETIME_OF_UNIX_EPOCH = 116_444_736_000_000_000n;

/** The server's side of one NTLM logon: NEGOTIATE in, CHALLENGE out, AUTHENTICATE in (MS-NLMP section 3.2.5.1). */
export class NtlmAcceptor {
  readonly #realm: NtlmRealm;
  #negotiate: Uint8Array = new Uint8Array(0);
  #challenge: Uint8Array = new Uint8Array(0);
  #decodedChallenge: NtlmChallenge | undefined;

  constructor(realm: NtlmRealm) {
    this.#realm = realm;
  }

  /** The CHALLENGE for a NEGOTIATE, or why there is none. */
  challenge(negotiate: Uint8Array): Uint8Array | { readonly refused: string } {
    const message = decodeNtlm(negotiate);
    if (isMalformed(message)) return { refused: `NTLM: ${message.reason}` };
    if (message.type !== 1) return { refused: `NTLM: expected a NEGOTIATE, got a message of type ${message.type}` };
    if ((message.flags & REQUIRED) !== REQUIRED)
      return { refused: 'NTLM: expected Unicode and extended session security in NEGOTIATE' };
    this.#negotiate = Uint8Array.from(negotiate);
    this.#challenge = this.#newChallenge(message);
    const decoded = decodeNtlm(this.#challenge);
    this.#decodedChallenge = !isMalformed(decoded) && decoded.type === 2 ? decoded : undefined;
    return this.#challenge;
  }

  /** Whether the user who answers the challenge is who it says. */
  logon(authenticate: Uint8Array): RpcLogon {
    const message = decodeNtlm(authenticate);
    const invalid = (detail: string): RpcLogon => ({
      domain: '',
      user: '',
      status: 'NT_STATUS_INVALID_PARAMETER',
      flags: 0,
      detail: `NTLM: ${detail}`,
    });
    if (isMalformed(message)) return invalid(message.reason);
    if (message.type !== 3) return invalid(`expected an AUTHENTICATE, got a message of type ${message.type}`);
    if (!this.#decodedChallenge) return invalid('an AUTHENTICATE without a challenge before it');
    if ((message.flags & REQUIRED) !== REQUIRED)
      return {
        ...invalid('expected extended session security in AUTHENTICATE'),
        user: message.user,
        domain: message.domain,
      };
    return this.#decide(message, authenticate, this.#decodedChallenge);
  }

  #decide(message: NtlmAuthenticate, authenticate: Uint8Array, challenge: NtlmChallenge): RpcLogon {
    const { user, domain, flags } = message;
    const refused = (status: RpcLogon['status'], detail?: string): RpcLogon => ({
      user,
      domain,
      status,
      flags,
      detail,
    });
    const account = this.#realm.accounts.find(({ name }) => name.toLowerCase() === user.toLowerCase());
    if (!account) return refused('NT_STATUS_NO_SUCH_USER');
    const sessionKey = exportedSessionKey(challenge, message, account.password);
    if (!sessionKey) return refused('NT_STATUS_WRONG_PASSWORD');
    if (!ntlmMicFits(sessionKey, { negotiate: this.#negotiate, challenge: this.#challenge, authenticate }, message))
      return refused(
        'NT_STATUS_INVALID_PARAMETER',
        'NTLM: the message integrity code is wrong: a message was changed in transit',
      );
    if (account.locked) return refused('NT_STATUS_ACCOUNT_LOCKED_OUT');
    if (account.expired) return refused('NT_STATUS_PASSWORD_EXPIRED');
    return { user, domain, status: 'NT_STATUS_OK', flags, sessionKey };
  }

  #newChallenge({ flags }: NtlmNegotiate): Uint8Array {
    const { serverName, domain } = this.#realm;
    const time = Buffer.alloc(8);
    time.writeBigUInt64LE(BigInt(Date.now()) * 10_000n + FILETIME_OF_UNIX_EPOCH);
    const targetInfo = encodeAvPairs([
      { id: 2, value: domain },
      { id: 1, value: serverName },
      { id: 4, value: domain.toLowerCase() },
      { id: 3, value: serverName.toLowerCase() },
      { id: 7, value: time },
    ]);
    return encodeNtlmChallenge({
      flags: ((flags & OFFERED) | NTLM_FLAGS.targetInfo | NTLM_FLAGS.targetTypeDomain) >>> 0,
      targetName: domain,
      serverChallenge: randomBytes(8),
      targetInfo,
    });
  }
}
