import { randomInt } from 'node:crypto';
import { encodeRpcPdu } from '../../../harness/protocols/rpc/wire/encode.ts';
import {
  decodeRpcPdu,
  RPC_AUTH_LEVELS,
  RPC_AUTH_TYPES,
  type RpcAuth,
  type RpcBody,
  type RpcHeader,
  type RpcPdu,
} from '../../../harness/protocols/rpc/wire/codec.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { encodeRpcCall } from '../../../harness/protocols/rpc/wire/fragments.ts';
import { isProtected, unprotectRpcPdu } from '../../../harness/protocols/rpc/wire/protection.ts';
import { hexNumber } from '../../../harness/packet/text.ts';
import type { Emit } from '../../service/event-lines.ts';
import { CallAssembly, type WholeCall } from './call-assembly.ts';
import type { NtlmRealm } from './ntlm-acceptor.ts';
import { negotiate } from './presentation.ts';
import { FAULTS, type RpcCaller, type RpcInterface } from './interface.ts';
import { SecurityContext, type EstablishedSecurity, type TokenOutcome } from './security-context.ts';

/** What a server's connections have in common. */
export interface RpcConnectionOptions {
  readonly interfaces: readonly RpcInterface[];
  readonly realm: NtlmRealm;
  /** Largest fragment in either direction, bytes. */
  readonly maxFragment: number;
  /** Most bytes of a request's stub over all of its fragments. */
  readonly requestBytes: number;
  /** What a bind-ack names as the port. */
  readonly port: number;
  readonly misbehave: {
    readonly 'refuse-bind'?: number | undefined;
    readonly 'drop-after-auth3'?: boolean | undefined;
  };
  /** A fault has come about. */
  readonly misbehaved: (how: 'refuse-bind' | 'drop-after-auth3' | 'delay') => void;
}

/** What goes back to the client for a PDU; `close` ends the connection, with the reason. */
export interface RpcReply {
  readonly send: readonly Uint8Array[];
  readonly close?: string;
}

type Bind = Extract<RpcBody, { type: 'bind' }>;
type Request = Extract<RpcBody, { type: 'request' }>;

// Below this a fragment has no room for header, trailer, signature and a useful piece of stub.
const SMALLEST_FRAGMENT = 128;
const MOST_CONTEXTS = 64;
const MOST_SECURITY_CONTEXTS = 8;
// Reasons of a bind-nak (C706 section 12.6.3.1, MS-RPCE section 2.2.2.9).
const NAK_LOCAL_LIMIT = 2;
const NAK_VERSION = 4;
const NAK_AUTHENTICATION = 8;

/** The server's side of one connection: whole PDUs in, PDUs out. Knows no socket. */
export class RpcConnection {
  readonly #options: RpcConnectionOptions;
  readonly #client: string;
  readonly #emit: Emit;
  readonly #contexts = new Map<number, RpcInterface>();
  readonly #security = new Map<number, SecurityContext>();
  readonly #assembly: CallAssembly;
  readonly #group = randomInt(1, 0xffff_ffff);
  #bound = false;
  #maxSend: number;

  constructor(options: RpcConnectionOptions, client: string, emit: Emit) {
    this.#options = options;
    this.#client = client;
    this.#emit = emit;
    this.#assembly = new CallAssembly(options.requestBytes);
    this.#maxSend = options.maxFragment;
  }

  /** Whether a bind has been accepted. */
  get bound(): boolean {
    return this.#bound;
  }

  /** Whether a request has begun whose last fragment is to come. */
  get partial(): boolean {
    return this.#assembly.partial;
  }

  /** Takes the next PDU. Never throws for what a client sent. */
  async receive(bytes: Uint8Array): Promise<RpcReply> {
    const pdu = decodeRpcPdu(bytes);
    if (isMalformed(pdu)) return { send: [], close: pdu.reason };
    const { header, body, auth } = pdu;
    if (isMalformed(body)) return this.#fatal(header, FAULTS.protocolError, body.reason);
    if (isMalformed(auth)) return this.#fatal(header, FAULTS.protocolError, auth.reason);
    if (body.type === 'bind') return this.#bind(header, body, auth);
    if (body.type === 'request') return this.#request(bytes, pdu, body, auth);
    if (header.name === 'auth3') return this.#auth3(header, auth);
    // A call is over before a client can take it back: nothing is left to cancel.
    if (header.name === 'cancel' || header.name === 'orphaned') return { send: [] };
    return this.#fatal(header, FAULTS.protocolError, `a server does not expect a PDU of type ${header.name}`);
  }

  #bind(header: RpcHeader, body: Bind, auth: RpcAuth | undefined): RpcReply {
    const alter = header.name === 'alter-context';
    if (alter !== this.#bound)
      return this.#fatal(header, FAULTS.protocolError, alter ? 'an alter-context before any bind' : 'a second bind');
    const refusal = this.#options.misbehave['refuse-bind'];
    if (!alter && refusal !== undefined) {
      this.#options.misbehaved('refuse-bind');
      return this.#nak(header, refusal, 'binds are refused as configured');
    }
    if (this.#contexts.size + body.contexts.length > MOST_CONTEXTS)
      return alter
        ? this.#fatal(header, FAULTS.noMemory, `more than ${MOST_CONTEXTS} contexts`)
        : this.#nak(header, NAK_LOCAL_LIMIT, `more than ${MOST_CONTEXTS} contexts`);
    const security = auth ? this.#token(auth) : {};
    if (security.refused !== undefined || (security.logon && !security.logon.sessionKey)) {
      const reason = security.refused ?? `logon of ${security.logon?.user ?? ''} refused`;
      return alter
        ? this.#fault(header, 0, FAULTS.accessDenied, reason)
        : this.#nak(header, NAK_AUTHENTICATION, reason);
    }
    const { results, accepted, refused } = negotiate(body, this.#options.interfaces);
    for (const [contextId, offered] of accepted) this.#contexts.set(contextId, offered);
    this.#emit({
      event: header.name,
      client: this.#client,
      contexts: body.contexts.map(({ contextId, abstract }) => `${contextId}: ${abstract.uuid} v${abstract.version}`),
      refused: refused.length > 0 ? refused : undefined,
      authType: auth?.type,
      authLevel: auth?.level,
    });
    if (!alter) this.#maxSend = fragmentSize(body.maxReceive, this.#options.maxFragment);
    this.#bound = true;
    const ack = encodeRpcPdu({
      name: alter ? 'alter-context-response' : 'bind-ack',
      callId: header.callId,
      headerSign: header.headerSign,
      body: {
        type: 'bind-ack',
        maxTransmit: this.#maxSend,
        maxReceive: fragmentSize(body.maxTransmit, this.#options.maxFragment),
        associationGroup: body.associationGroup || this.#group,
        secondaryAddress: alter ? '' : String(this.#options.port),
        results,
      },
      ...(auth && security.reply
        ? { auth: { type: auth.type, level: auth.level, contextId: auth.contextId, value: security.reply } }
        : {}),
    });
    return { send: [ack] };
  }

  // MS-RPCE section 3.3.1.5.2: an auth3 gets no answer. The first call shows whether the logon succeeded.
  #auth3(header: RpcHeader, auth: RpcAuth | undefined): RpcReply {
    if (!auth || !this.#bound)
      return this.#fatal(header, FAULTS.protocolError, 'an auth3 without a token, or before any bind');
    const { refused } = this.#token(auth);
    if (refused !== undefined)
      this.#emit({ event: 'error', client: this.#client, message: `refused a token: ${refused}` });
    if (this.#options.misbehave['drop-after-auth3'] !== true) return { send: [] };
    this.#options.misbehaved('drop-after-auth3');
    return { send: [], close: 'dropped after AUTH3 as configured' };
  }

  #token(auth: RpcAuth): TokenOutcome {
    if (auth.type !== RPC_AUTH_TYPES.ntlm && auth.type !== RPC_AUTH_TYPES.spnego)
      return {
        refused: `auth type ${auth.type}: expected ${RPC_AUTH_TYPES.spnego} (SPNEGO) or ${RPC_AUTH_TYPES.ntlm} (NTLM)`,
      };
    if (auth.level < RPC_AUTH_LEVELS.connect || auth.level > RPC_AUTH_LEVELS.privacy)
      return {
        refused: `auth level ${auth.level}: expected ${RPC_AUTH_LEVELS.connect} (connect) to ${RPC_AUTH_LEVELS.privacy} (privacy)`,
      };
    let context = this.#security.get(auth.contextId);
    if (!context) {
      if (this.#security.size >= MOST_SECURITY_CONTEXTS)
        return { refused: `more than ${MOST_SECURITY_CONTEXTS} security contexts` };
      context = new SecurityContext(auth, this.#options.realm);
      this.#security.set(auth.contextId, context);
    }
    if (context.type !== auth.type || context.level !== auth.level)
      return { refused: 'auth type or level changed within a logon' };
    const outcome = context.accept(auth.value);
    if (outcome.logon) {
      const { user, domain, status, detail } = outcome.logon;
      this.#emit({
        event: 'logon',
        domain,
        user,
        from: this.#client.replace(/:\d+$/, ''),
        status,
        method: 'NTLMv2',
        carrier: 'rpc',
        detail,
      });
    }
    return outcome;
  }

  async #request(bytes: Uint8Array, pdu: RpcPdu, body: Request, auth: RpcAuth | undefined): Promise<RpcReply> {
    const { header } = pdu;
    if (!this.#bound) return this.#fatal(header, FAULTS.protocolError, 'a request before any bind');
    const context = auth ? this.#security.get(auth.contextId) : this.#connectLevel();
    if ((auth || context) && !context?.established)
      return this.#abandon(header, body, FAULTS.accessDenied, 'a request under a logon that did not succeed');
    if (auth && context && auth.level !== context.level)
      return this.#fatal(
        header,
        FAULTS.accessDenied,
        `a request at auth level ${auth.level} under a context of level ${context.level}`,
      );
    const security = context?.established;
    const opened =
      auth && security && isProtected(auth.level)
        ? unprotectRpcPdu(bytes, pdu, auth, security.fromClient)
        : { stub: body.stub, valid: true };
    // The cipher's state is lost with it: no later PDU could be read.
    if (!opened.valid) return this.#fatal(header, FAULTS.securityPackage, 'the signature of a request is wrong');
    const call = this.#assembly.push({
      callId: header.callId,
      contextId: body.contextId,
      opnum: body.opnum,
      first: header.firstFragment,
      last: header.lastFragment,
      stub: opened.stub,
      authContextId: auth?.contextId,
    });
    if (call === 'incomplete') return { send: [] };
    if ('fault' in call) return this.#fatal(header, call.fault, call.reason);
    return this.#dispatch(header, call, security);
  }

  // Requests of a context at level connect have no trailer: it stands for the connection.
  #connectLevel(): SecurityContext | undefined {
    return [...this.#security.values()].find(({ level }) => level === RPC_AUTH_LEVELS.connect);
  }

  async #dispatch(header: RpcHeader, call: WholeCall, security: EstablishedSecurity | undefined): Promise<RpcReply> {
    const target = this.#contexts.get(call.contextId);
    if (!target)
      return this.#fault(
        header,
        call.contextId,
        FAULTS.unknownInterface,
        `context ${call.contextId} was never negotiated`,
      );
    if (call.opnum >= target.operations)
      return this.#fault(
        header,
        call.contextId,
        FAULTS.operationRange,
        `opnum ${call.opnum} of ${target.syntax.uuid}, which has ${target.operations} from 0 on`,
      );
    const caller: RpcCaller = {
      client: this.#client,
      level: security?.toClient.level ?? RPC_AUTH_LEVELS.none,
      user: security?.logon.user,
      domain: security?.logon.domain,
    };
    const answer = await target.call(call.opnum, call.stub, caller);
    if ('fault' in answer) return this.#fault(header, call.contextId, answer.fault, answer.reason);
    return {
      send: encodeRpcCall(
        { callId: call.callId, contextId: call.contextId, stub: answer.stub },
        this.#maxSend,
        security?.toClient,
      ),
    };
  }

  /** A fault for each whole call; the fragments before its last are taken without an answer. */
  #abandon(header: RpcHeader, body: Request, status: number, reason: string): RpcReply {
    return header.lastFragment ? this.#fault(header, body.contextId, status, reason) : { send: [] };
  }

  #fault(header: RpcHeader, contextId: number, status: number, reason: string): RpcReply {
    this.#emit({
      event: 'fault',
      client: this.#client,
      callId: header.callId,
      status: hexNumber(status),
      message: reason,
    });
    return {
      send: [
        encodeRpcPdu({
          name: 'fault',
          callId: header.callId,
          didNotExecute: true,
          body: { type: 'fault', contextId, status },
        }),
      ],
    };
  }

  #fatal(header: RpcHeader, status: number, reason: string): RpcReply {
    return { ...this.#fault(header, 0, status, reason), close: reason };
  }

  #nak(header: RpcHeader, reason: number, message: string): RpcReply {
    this.#emit({ event: 'error', client: this.#client, message: `refused a bind (reason ${reason}): ${message}` });
    return {
      send: [encodeRpcPdu({ name: 'bind-nak', callId: header.callId, body: { type: 'bind-nak', reason } })],
      close: message,
    };
  }
}

/**
 * The answer to a PDU that cannot be cut from the stream at all: a client of another protocol version gets a bind-nak
 * that says so.
 */
export function refuseUnreadable(bytes: Uint8Array): Uint8Array[] {
  const foreignVersion = bytes[0] !== 5 && bytes[2] === 11;
  return foreignVersion
    ? [encodeRpcPdu({ name: 'bind-nak', callId: 0, body: { type: 'bind-nak', reason: NAK_VERSION } })]
    : [
        encodeRpcPdu({
          name: 'fault',
          callId: 0,
          didNotExecute: true,
          body: { type: 'fault', contextId: 0, status: FAULTS.protocolError },
        }),
      ];
}

const fragmentSize = (theirs: number, ours: number): number => Math.max(SMALLEST_FRAGMENT, Math.min(theirs, ours));
