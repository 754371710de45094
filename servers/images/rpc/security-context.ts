import { RPC_AUTH_TYPES } from '../../../harness/protocols/rpc/wire/codec.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { NtlmSealer } from '../../../harness/protocols/ntlm/wire/security.ts';
import type { RpcProtection } from '../../../harness/protocols/rpc/wire/protection.ts';
import {
  encodeSpnegoResponse,
  MECHANISM_OIDS,
  SPNEGO_STATES,
} from '../../../harness/protocols/ntlm/wire/spnego-encode.ts';
import { decodeSecurityToken, MECHANISMS, type SecurityToken } from '../../../harness/protocols/ntlm/wire/spnego.ts';
import { NtlmAcceptor, type NtlmRealm, type RpcLogon } from './ntlm-acceptor.ts';

/** Outcome of a client's token: a token for the client, a decided logon, neither, or both. */
export interface TokenOutcome {
  readonly reply?: Uint8Array;
  readonly logon?: RpcLogon;
  /** Why the context cannot come about. */
  readonly refused?: string;
}

/** What an established context gives to its calls. */
export interface EstablishedSecurity {
  readonly logon: RpcLogon;
  /** Unseals the client's messages, in the order in which they were sent. */
  readonly fromClient: NtlmSealer;
  /** Seals messages to the client. */
  readonly toClient: RpcProtection;
}

/** One security context of a connection: NTLM raw, or within SPNEGO (MS-RPCE section 2.2.1.1.7). */
export class SecurityContext {
  readonly contextId: number;
  readonly type: number;
  readonly level: number;
  readonly #acceptor: NtlmAcceptor;
  #step: 'negotiate' | 'authenticate' | 'over' = 'negotiate';
  /** As the client sent it: what its mechListMIC signs. */
  #mechanismList: Uint8Array | undefined;
  established: EstablishedSecurity | undefined;

  constructor(auth: { readonly contextId: number; readonly type: number; readonly level: number }, realm: NtlmRealm) {
    this.contextId = auth.contextId;
    this.type = auth.type;
    this.level = auth.level;
    this.#acceptor = new NtlmAcceptor(realm);
  }

  /** Takes the token of a bind, an alter-context or an auth3. */
  accept(value: Uint8Array): TokenOutcome {
    if (this.#step === 'over') return { refused: 'a token after the end of the logon' };
    if (this.type === RPC_AUTH_TYPES.ntlm) return this.#ntlm(value);
    const token = decodeSecurityToken(value);
    if (isMalformed(token)) return this.#over({ refused: `${token.protocol}: ${token.reason}` });
    return this.#spnego(token);
  }

  #ntlm(message: Uint8Array): TokenOutcome {
    if (this.#step === 'negotiate') {
      const challenge = this.#acceptor.challenge(message);
      if ('refused' in challenge) return this.#over(challenge);
      this.#step = 'authenticate';
      return { reply: challenge };
    }
    const logon = this.#acceptor.logon(message);
    this.#establish(logon, 0);
    return this.#over({ logon });
  }

  #establish(logon: RpcLogon, firstSequence: number): void {
    const { sessionKey, flags } = logon;
    if (!sessionKey) return;
    const toClient = {
      type: this.type,
      level: this.level,
      contextId: this.contextId,
      sealer: new NtlmSealer(sessionKey, flags, 'server-to-client', firstSequence),
    };
    this.established = {
      logon,
      fromClient: new NtlmSealer(sessionKey, flags, 'client-to-server', firstSequence),
      toClient,
    };
  }

  #spnego({ wrapping, token, mechanisms, ntlm, mechanismList, mechListMic }: SecurityToken): TokenOutcome {
    if (mechanismList) this.#mechanismList = Uint8Array.from(mechanismList);
    const initial = wrapping === 'spnego-init';
    if (initial && !mechanisms.some((oid) => MECHANISMS[oid] === 'ntlm'))
      return this.#over({ refused: 'SPNEGO: expected NTLM among the mechanisms that the client offers' });
    const named = initial ? { mechanism: MECHANISM_OIDS.ntlm } : {};
    // The client guessed another mechanism first and sent that one's token: the answer names the one to use (RFC 4178
    // section 4.2.2).
    if (!token || !ntlm)
      return initial
        ? { reply: encodeSpnegoResponse({ state: SPNEGO_STATES.requestMic, ...named }) }
        : this.#over({ refused: 'SPNEGO: expected an NTLM token' });
    const outcome = this.#ntlm(token);
    if (outcome.reply)
      return { reply: encodeSpnegoResponse({ state: SPNEGO_STATES.acceptIncomplete, ...named, token: outcome.reply }) };
    if (!outcome.logon?.sessionKey) return outcome;
    if (!mechListMic) return { ...outcome, reply: encodeSpnegoResponse({ state: SPNEGO_STATES.acceptCompleted }) };
    const { sessionKey, flags } = outcome.logon;
    if (!this.#mechListMicFits(sessionKey, flags, mechListMic)) {
      this.established = undefined;
      return { refused: 'SPNEGO: the code over the list of mechanisms is wrong: the list was changed in transit' };
    }
    this.#establish(outcome.logon, 1);
    return {
      ...outcome,
      reply: encodeSpnegoResponse({
        state: SPNEGO_STATES.acceptCompleted,
        mechListMic: this.#ownMic(sessionKey, flags),
      }),
    };
  }

  // Both codes have number 0 and a cipher of their own: the cipher of the calls starts anew after them (MS-SPNG section
  // 3.3.5.1).
  #mechListMicFits(sessionKey: Uint8Array, flags: number, mic: Uint8Array): boolean {
    return new NtlmSealer(sessionKey, flags, 'client-to-server').verify(this.#micMessage(), mic);
  }

  #ownMic(sessionKey: Uint8Array, flags: number): Uint8Array {
    return new NtlmSealer(sessionKey, flags, 'server-to-client').sign(this.#micMessage());
  }

  #micMessage(): { before: Uint8Array; stub: Uint8Array; after: Uint8Array } {
    const none = new Uint8Array(0);
    return { before: none, stub: this.#mechanismList ?? none, after: none };
  }

  #over(outcome: TokenOutcome): TokenOutcome {
    this.#step = 'over';
    return outcome;
  }
}
