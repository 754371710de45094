import { RPC_AUTH_LEVELS, type RpcAuth, type RpcPdu } from '../wire/codec.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { exportedSessionKey, type NtlmDirection, NtlmSealer } from '../../ntlm/wire/security.ts';
import type { NtlmAuthenticate, NtlmChallenge } from '../../ntlm/wire/codec.ts';
import { isProtected, unprotectRpcPdu } from '../wire/protection.ts';
import type { Credential } from '../../base/observe/credential.ts';

/** Security contexts remembered for one connection; clients have one, or two after an alter-context. */
const MAX_CONTEXTS = 16;

/** Offset of the sequence number in an NTLM signature, after version and checksum (MS-NLMP section 2.2.2.9.2). */
const SEQUENCE_AT = 12;

/** What the security of a PDU came to. */
export interface OpenedStub {
  /** Readable bytes; undefined when they are sealed and the key is unknown. */
  readonly stub: Uint8Array | undefined;
  readonly sealed: boolean;
  /** Authentication level of the PDU: 1 none … 6 privacy. */
  readonly level: number;
  /** `DOMAIN\user` of the security context. */
  readonly user: string;
  /** Whether the signature is right; undefined when it could not be checked. */
  readonly signatureFits: boolean | undefined;
}

interface SecurityContext {
  challenge: NtlmChallenge | undefined;
  user: string;
  /** Session key and flags of a logon whose password is known. */
  keys: { readonly sessionKey: Uint8Array; readonly flags: number } | undefined;
  /** One for each direction, from its first protected PDU on. */
  readonly sealers: Map<NtlmDirection, NtlmSealer>;
}

/**
 * The security contexts of one connection: who logged on in each, and, for users whose password is known, the keys that
 * open their PDUs (MS-RPCE section 2.2.2.11, MS-NLMP section 3.4).
 */
export class RpcSecurity {
  readonly #credentials: readonly Credential[];
  readonly #contexts = new Map<number, SecurityContext>();

  constructor(credentials: readonly Credential[]) {
    this.#credentials = credentials;
  }

  /**
   * Takes the token of a bind, alter-context, answer or auth3. For an AUTHENTICATE, returns whether the password is the
   * known one.
   */
  token(auth: RpcAuth): { readonly passwordFits: boolean | undefined } {
    const token = auth.token && !isMalformed(auth.token) ? auth.token.ntlm : undefined;
    if (!token || isMalformed(token) || token.type === 1) return { passwordFits: undefined };
    const context = this.#context(auth.contextId);
    if (token.type === 2) {
      // A copy: the token is a view of bytes that the stream reuses.
      context.challenge = { ...token, serverChallenge: token.serverChallenge.slice(), targetInfo: [] };
      return { passwordFits: undefined };
    }
    context.user = token.anonymous ? '' : userName(token);
    context.keys = undefined;
    context.sealers.clear();
    const known = this.#credentials.filter(({ user }) => user.toLowerCase() === token.user.toLowerCase());
    const { challenge } = context;
    if (token.anonymous || known.length === 0 || !challenge) return { passwordFits: undefined };
    const key = known
      .map(({ password }) => exportedSessionKey(challenge, token, password))
      .find((one) => one !== undefined);
    if (key) context.keys = { sessionKey: key, flags: token.flags };
    return { passwordFits: key !== undefined };
  }

  /** Opens a request or response whose readable body is `stub`; `bytes` are the whole PDU's. */
  open(pdu: RpcPdu, stub: Uint8Array, bytes: Uint8Array, direction: NtlmDirection): OpenedStub {
    const auth = pdu.auth && !isMalformed(pdu.auth) ? pdu.auth : undefined;
    if (!auth) return { stub, sealed: false, level: RPC_AUTH_LEVELS.none, user: '', signatureFits: undefined };
    const context = this.#contexts.get(auth.contextId);
    const sealed = auth.level === RPC_AUTH_LEVELS.privacy;
    const facts = { sealed, level: auth.level, user: context?.user ?? '' };
    const sealer = context && isProtected(auth.level) ? sealerOf(context, direction, auth.value) : undefined;
    if (!sealer) return { stub: sealed ? undefined : stub, ...facts, signatureFits: undefined };
    const opened = unprotectRpcPdu(bytes, pdu, auth, sealer);
    return { stub: sealed && !opened.valid ? undefined : opened.stub, ...facts, signatureFits: opened.valid };
  }

  /** Who logged on in a security context, as far as the capture shows it. */
  userOf(contextId: number): string {
    return this.#contexts.get(contextId)?.user ?? '';
  }

  /**
   * PDUs of this direction were missed: what is sealed after them cannot be read, since RC4 goes on from one to the
   * next.
   */
  gap(): void {
    for (const context of this.#contexts.values()) context.keys = undefined;
  }

  #context(id: number): SecurityContext {
    const known = this.#contexts.get(id);
    if (known) return known;
    if (this.#contexts.size >= MAX_CONTEXTS) this.#contexts.clear();
    const context: SecurityContext = { challenge: undefined, user: '', keys: undefined, sealers: new Map() };
    this.#contexts.set(id, context);
    return context;
  }
}

/**
 * What opens this direction's next PDU. The first one's signature says its sequence number: 0, or 1 after a SPNEGO
 * exchange that signed its mechanism list (NtlmSealer); a later one means that PDUs were missed.
 */
function sealerOf(context: SecurityContext, direction: NtlmDirection, signature: Uint8Array): NtlmSealer | undefined {
  if (!context.keys || signature.length < SEQUENCE_AT + 4) return undefined;
  const known = context.sealers.get(direction);
  if (known) return known;
  const sequence = new DataView(signature.buffer, signature.byteOffset, signature.byteLength).getUint32(
    SEQUENCE_AT,
    true,
  );
  if (sequence > 1) return undefined;
  const sealer = new NtlmSealer(context.keys.sessionKey, context.keys.flags, direction, sequence);
  context.sealers.set(direction, sealer);
  return sealer;
}

function userName({ domain, user }: NtlmAuthenticate): string {
  return domain === '' ? user : `${domain}\\${user}`;
}
