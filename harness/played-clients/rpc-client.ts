import { connect, type Socket } from 'node:net';
import { joinBytes } from '../packet/bytes.ts';
import { encodeRpcPdu, type RpcPduDraft } from '../protocols/rpc/wire/encode.ts';
import {
  decodeRpcHeader,
  decodeRpcPdu,
  RPC_AUTH_TYPES,
  RPC_HEADER_LENGTH,
  RPC_SYNTAXES,
  type RpcPdu,
  type RpcSyntax,
} from '../protocols/rpc/wire/codec.ts';
import { isMalformed } from '../packet/malformed.ts';
import { NtlmSealer } from '../protocols/ntlm/wire/security.ts';
import { encodeRpcCall } from '../protocols/rpc/wire/fragments.ts';
import { isProtected, unprotectRpcPdu, type RpcProtection } from '../protocols/rpc/wire/protection.ts';
import { encodeSpnegoInit, encodeSpnegoResponse, NTLM_ONLY_MECHANISMS } from '../protocols/ntlm/wire/spnego-encode.ts';
import { hexNumber } from '../packet/text.ts';
import { ntlmAnswer, ntlmNegotiate, type Credentials } from './ntlm-initiator.ts';

/** The server answered a call with a fault. */
export class RpcFault extends Error {
  override readonly name = 'RpcFault';
  readonly status: number;

  constructor(status: number) {
    super(`the server answered with fault ${hexNumber(status)}`);
    this.status = status;
  }
}

/** How a client proves who it is. */
export interface Authentication extends Credentials {
  /** `ntlm` is what the reference trace shows, `spnego` what MS-WDSC section 2.1.2 recommends. */
  readonly type: 'ntlm' | 'spnego';
  /** Auth level: 2 connect, 5 integrity, 6 privacy. */
  readonly level: number;
}

export interface RpcClientOptions {
  /** Longest time for an answer. */
  readonly timeoutMs?: number;
  /** Largest fragment in both directions, bytes; default 5840, the reference trace's. */
  readonly maxFragment?: number | undefined;
}

const SECURITY_CONTEXT = 1;
const CONTEXT = 0;

/** One connection of a DCE/RPC client over TCP: one interface, NDR, one call at a time. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #maxFragment: number;
  readonly #pdus: Uint8Array[] = [];
  #received: Uint8Array = new Uint8Array(0);
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #syntax: RpcSyntax | undefined;
  #callId = 1;
  #maxSend: number;
  #toServer: RpcProtection | undefined;
  #fromServer: NtlmSealer | undefined;

  private constructor(socket: Socket, { timeoutMs = 10_000, maxFragment = 5840 }: RpcClientOptions) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#maxFragment = maxFragment;
    this.#maxSend = maxFragment;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    socket.on('error', (error) => this.#fail(error));
  }

  static async connect(host: string, port: number, options: RpcClientOptions = {}): Promise<RpcClient> {
    const socket = connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RpcClient(socket, options);
  }

  /** Presents an interface, without saying who asks. Throws when the server does not have it. */
  async bind(syntax: RpcSyntax): Promise<void> {
    this.#syntax = syntax;
    const ack = await this.#exchange({ ...this.#presentation('bind'), callId: this.#callId++ });
    if (!isMalformed(ack.body) && ack.body.type === 'bind-ack')
      this.#maxSend = Math.min(this.#maxSend, ack.body.maxReceive);
  }

  /**
   * Adds a security context to a bound connection. With raw NTLM the last message is an AUTH3, which gets no answer: a
   * wrong password shows in the first call, which has the AUTH3's call id, as in the reference trace.
   */
  async authenticate({ type, level, ...credentials }: Authentication): Promise<void> {
    const auth = { type: RPC_AUTH_TYPES[type], level, contextId: SECURITY_CONTEXT };
    const negotiate = ntlmNegotiate();
    const draft = this.#presentation('alter-context');
    const first = await this.#exchange({
      ...draft,
      callId: this.#callId,
      auth: { ...auth, value: type === 'ntlm' ? negotiate : encodeSpnegoInit(negotiate) },
    });
    const challenge =
      first.auth && !isMalformed(first.auth) && first.auth.token && !isMalformed(first.auth.token)
        ? first.auth.token.token
        : undefined;
    if (!challenge) throw new Error('the server answered a NEGOTIATE without a CHALLENGE');
    const { authenticate, sessionKey, flags } = ntlmAnswer(negotiate, challenge, credentials);
    if (type === 'ntlm')
      this.#socket.write(
        encodeRpcPdu({
          name: 'auth3',
          callId: this.#callId,
          body: { type: 'other' },
          auth: { ...auth, value: authenticate },
        }),
      );
    else {
      const none = new Uint8Array(0);
      const mechListMic = new NtlmSealer(sessionKey, flags, 'client-to-server').sign({
        before: none,
        stub: NTLM_ONLY_MECHANISMS,
        after: none,
      });
      await this.#exchange({
        ...draft,
        callId: ++this.#callId,
        auth: { ...auth, value: encodeSpnegoResponse({ token: authenticate, mechListMic }) },
      });
    }
    const sequence = type === 'spnego' ? 1 : 0;
    this.#toServer = { ...auth, sealer: new NtlmSealer(sessionKey, flags, 'client-to-server', sequence) };
    this.#fromServer = new NtlmSealer(sessionKey, flags, 'server-to-client', sequence);
  }

  /** Calls an operation and gives its answer's stub. Throws RpcFault for a fault. */
  async call(opnum: number, stub: Uint8Array): Promise<Uint8Array> {
    const callId = this.#callId++;
    for (const pdu of encodeRpcCall({ callId, contextId: CONTEXT, opnum, stub }, this.#maxSend, this.#toServer))
      this.#socket.write(pdu);
    const parts: Uint8Array[] = [];
    for (;;) {
      const { bytes, pdu } = await this.#next();
      const { header, body } = pdu;
      if (isMalformed(body)) throw new Error(`the answer does not decode: ${body.reason}`);
      if (body.type === 'fault') throw new RpcFault(body.status);
      if (body.type !== 'response' || header.callId !== callId)
        throw new Error(
          `expected the answer to call ${callId}, got a PDU of type ${header.name} for call ${header.callId}`,
        );
      parts.push(this.#open(bytes, pdu, body.stub));
      if (header.lastFragment) return parts.length === 1 && parts[0] ? parts[0] : joinBytes(parts);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #open(bytes: Uint8Array, pdu: RpcPdu, stub: Uint8Array): Uint8Array {
    if (!this.#toServer || !this.#fromServer || !isProtected(this.#toServer.level)) return stub;
    if (!pdu.auth || isMalformed(pdu.auth)) throw new Error('an answer without a signature');
    const opened = unprotectRpcPdu(bytes, pdu, pdu.auth, this.#fromServer);
    if (!opened.valid) throw new Error('the signature of an answer is wrong');
    return opened.stub;
  }

  #presentation(name: 'bind' | 'alter-context'): Omit<RpcPduDraft, 'callId'> {
    const contexts = this.#syntax
      ? [{ contextId: CONTEXT, abstract: this.#syntax, transfers: [RPC_SYNTAXES.ndr] }]
      : [];
    return {
      name,
      body: {
        type: 'bind',
        maxTransmit: this.#maxFragment,
        maxReceive: this.#maxFragment,
        associationGroup: 0,
        contexts,
      },
    };
  }

  async #exchange(draft: RpcPduDraft): Promise<RpcPdu> {
    this.#socket.write(encodeRpcPdu(draft));
    const { pdu } = await this.#next();
    const { header, body } = pdu;
    if (isMalformed(body)) throw new Error(`the answer does not decode: ${body.reason}`);
    if (body.type === 'fault') throw new RpcFault(body.status);
    if (body.type === 'bind-nak') throw new Error(`the server refused the bind (reason ${body.reason})`);
    if (body.type !== 'bind-ack')
      throw new Error(`expected an answer to ${draft.name}, got a PDU of type ${header.name}`);
    const refused = body.results.find(({ result }) => result !== 0);
    if (refused)
      throw new Error(`the server refused the interface (result ${refused.result}, reason ${refused.reason})`);
    return pdu;
  }

  async #next(): Promise<{ bytes: Uint8Array; pdu: RpcPdu }> {
    const bytes = this.#pdus.shift() ?? (await this.#waited());
    const pdu = decodeRpcPdu(bytes);
    if (isMalformed(pdu)) throw new Error(`the answer does not decode: ${pdu.reason}`);
    return { bytes, pdu };
  }

  #waited(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
      this.#wake = () => {
        const pdu = this.#pdus.shift();
        if (!pdu && !this.#failure) return;
        clearTimeout(timer);
        this.#wake = undefined;
        if (pdu) resolve(pdu);
        else reject(this.#failure ?? new Error('the connection ended'));
      };
      this.#wake();
    });
  }

  #take(chunk: Uint8Array): void {
    let bytes = this.#received.length > 0 ? joinBytes([this.#received, chunk]) : chunk;
    while (bytes.length >= RPC_HEADER_LENGTH) {
      const header = decodeRpcHeader(bytes);
      if (isMalformed(header)) {
        this.#socket.destroy(new Error(`the server does not speak DCE/RPC: ${header.reason}`));
        return;
      }
      if (bytes.length < header.fragmentLength) break;
      this.#pdus.push(Uint8Array.from(bytes.subarray(0, header.fragmentLength)));
      bytes = bytes.subarray(header.fragmentLength);
    }
    this.#received = Uint8Array.from(bytes);
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }
}
