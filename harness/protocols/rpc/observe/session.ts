import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { MalformedEvent } from '../../base/observe/seen.ts';
import type { KerberosEvent } from '../../kerberos/observe/events.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';
import type { ConnectionSeen } from '../../base/observe/seen.ts';
import {
  RPC_INTERFACES,
  RPC_SYNTAXES,
  type RpcAuth,
  type RpcBody,
  type RpcPdu,
  type RpcSyntax,
} from '../wire/codec.ts';
import { decodeEptMapRequest, decodeEptMapResponse, EPT_MAP } from '../wire/endpoint-mapper.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { MAX_REPORTS, type EventBody, type Stamp } from '../../base/observe/event-body.ts';
import type { RpcEvent } from './events.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import { authenticationFacts } from '../../ntlm/observe/authentication.ts';
import type { RpcAnomaly } from './anomaly.ts';
import { RpcCalls, UNSEEN_CALL, UNSEEN_WDS_CALL, type RpcCall } from './calls.ts';
import { RpcEndpoints } from './endpoints.ts';
import { RpcFragments, type WholeStub } from './fragments.ts';
import { RpcFraming, type RpcSink } from './framing.ts';
import { RpcSecurity, type OpenedStub } from './security.ts';
import type { Application, TcpConnection } from '../../tcp/observe/connection.ts';
import { UNREAD, wdsReply, wdsRequest, type WdsFacts } from '../../wds/observe/packets.ts';

/** PDUs that may be cut into fragments (C706 section 12.5.3). */
const FRAGMENTED = new Set(['request', 'response', 'fault']);
/** Presentation contexts remembered for one connection. */
const MAX_CONTEXTS = 256;

type Body<T extends RpcBody['type']> = Extract<RpcBody, { readonly type: T }>;
type Told = EventBody<RpcEvent | WdsEvent, keyof ConnectionSeen>;

/** What is seen in an RPC connection: its own messages, the logon in them, and what is said over it to WDS. */
export type RpcSessionEvent = RpcEvent | WdsEvent | NtlmEvent | KerberosEvent | MalformedEvent;

/**
 * DCE/RPC on one TCP connection: binds and calls matched with their answers, and what is said over it to WDS and to the
 * endpoint mapper.
 */
export class RpcSession implements Application {
  readonly fromClient: RpcFraming;
  readonly fromServer: RpcFraming;
  readonly #connection: TcpConnection;
  readonly #endpoints: RpcEndpoints;
  readonly #emit: (event: RpcSessionEvent) => void;
  readonly #security: RpcSecurity;
  readonly #requests = new RpcFragments();
  readonly #responses = new RpcFragments();
  readonly #calls = new RpcCalls();
  /** Interfaces by presentation context. */
  readonly #contexts = new Map<number, RpcSyntax>();
  /** Every PDU was seen: then what does not fit is not the capture's doing. */
  #whole: boolean;
  #speaksWds = false;
  /** Call id of the last bind or alter-context. */
  #lastBind: number | undefined;
  #anomaliesTold = 0;
  #malformedTold = 0;

  constructor(connection: TcpConnection, fromStart: boolean, client: ObservedClient<RpcSessionEvent>) {
    this.#connection = connection;
    this.#endpoints = client.shared(RpcEndpoints);
    this.#emit = client.emit;
    this.#whole = fromStart;
    this.#security = new RpcSecurity(client.settings.credentials);
    this.fromClient = new RpcFraming(
      this.#sink((pdu, bytes, frame) => {
        this.#asked(pdu, bytes, frame);
      }),
      fromStart,
    );
    this.fromServer = new RpcFraming(
      this.#sink((pdu, bytes, frame) => {
        this.#answered(pdu, bytes, frame);
      }),
      fromStart,
    );
  }

  finish(): void {
    // a call without an answer is the machine's to judge
  }

  #sink(pdu: RpcSink['pdu']): RpcSink {
    return {
      pdu: (one, bytes, frame) => {
        const { firstFragment, lastFragment, name, callId } = one.header;
        if (!(firstFragment && lastFragment) && !FRAGMENTED.has(name))
          this.#odd(frame, { kind: 'pdu-in-fragments', callId, name });
        if (isMalformed(one.auth)) this.#malformed(one.auth, frame);
        if (isMalformed(one.body)) this.#malformed(one.body, frame);
        else pdu(one, bytes, frame);
      },
      malformed: (malformed, frame) => {
        this.#malformed(malformed, frame);
      },
      gap: () => {
        this.#whole = false;
        this.#security.gap();
        this.#requests.clear();
        this.#responses.clear();
      },
    };
  }

  #asked(pdu: RpcPdu, bytes: Uint8Array, frame: Frame): void {
    const { header, body } = pdu;
    if (isMalformed(body)) return;
    if (header.name === 'auth3') this.#auth3(pdu, frame);
    else if (body.type === 'bind') this.#bind(pdu, body, frame);
    else if (body.type === 'request') this.#request(pdu, body, bytes, frame);
    else this.#other(pdu, frame, 'client');
  }

  #answered(pdu: RpcPdu, bytes: Uint8Array, frame: Frame): void {
    const { body } = pdu;
    if (isMalformed(body)) return;
    if (body.type === 'bind-ack') this.#bindAnswer(pdu, body, frame);
    else if (body.type === 'bind-nak') this.#bindRefused(pdu, body, frame);
    else if (body.type === 'response') this.#response(pdu, body, bytes, frame);
    else if (body.type === 'fault') this.#fault(pdu, body, frame);
    else this.#other(pdu, frame, 'server');
  }

  #bind({ header, auth }: RpcPdu, body: Body<'bind'>, frame: Frame): void {
    const level = levelOf(auth);
    this.#lastBind = header.callId;
    this.#calls.askBind(header.callId, {
      at: { number: frame.number, atUs: frame.atUs },
      level,
      contexts: body.contexts.map(({ contextId, abstract }) => ({ contextId, abstract })),
    });
    this.#tell(frame, {
      type: header.name === 'alter-context' ? 'rpc.alter-context' : 'rpc.bind',
      callId: header.callId,
      ...named(body.contexts[0]?.abstract),
      level,
    });
    this.#token(auth, frame);
  }

  #bindAnswer({ header, auth }: RpcPdu, body: Body<'bind-ack'>, frame: Frame): void {
    const bind = this.#calls.bindAnswered(header.callId);
    const { callId } = header;
    if (!bind) this.#anomaly(frame, { kind: 'answer-to-no-bind', callId });
    if (bind && bind.contexts.length !== body.results.length)
      this.#anomaly(frame, {
        kind: 'results-for-other-contexts',
        callId,
        results: body.results.length,
        contexts: bind.contexts.length,
      });
    if (bind && levelOf(auth) !== bind.level)
      this.#odd(frame, { kind: 'other-level', callId, level: levelOf(auth), asked: bind.level });
    for (const [index, { result }] of body.results.entries()) {
      const context = bind?.contexts[index];
      if (result !== 0 || !context) continue;
      if (this.#contexts.size >= MAX_CONTEXTS) this.#contexts.clear();
      this.#contexts.set(context.contextId, context.abstract);
      if (isWdsControl(context.abstract)) this.#speaksWds = true;
    }
    const accepted = body.results.find(({ result }) => result === 0);
    const { result, reason } = accepted ?? body.results[0] ?? { result: 2, reason: 0 };
    this.#tell(frame, {
      type: header.name === 'alter-context-response' ? 'rpc.alter-context-answer' : 'rpc.bind-answer',
      callId: header.callId,
      ...named(bind?.contexts[0]?.abstract),
      level: bind?.level ?? levelOf(auth),
      result,
      reason,
      refusedAssociation: false,
      maxTransmit: body.maxTransmit,
      maxReceive: body.maxReceive,
      requestFrame: bind?.at.number ?? 0,
    });
    this.#token(auth, frame);
  }

  #bindRefused({ header }: RpcPdu, body: Body<'bind-nak'>, frame: Frame): void {
    const bind = this.#calls.bindAnswered(header.callId);
    this.#tell(frame, {
      type: 'rpc.bind-answer',
      callId: header.callId,
      ...named(bind?.contexts[0]?.abstract),
      level: bind?.level ?? 1,
      result: 2,
      reason: body.reason,
      refusedAssociation: true,
      maxTransmit: 0,
      maxReceive: 0,
      requestFrame: bind?.at.number ?? 0,
    });
  }

  #auth3({ header, auth }: RpcPdu, frame: Frame): void {
    if (!auth || isMalformed(auth)) {
      this.#anomaly(frame, { kind: 'auth3-without-token', callId: header.callId });
      return;
    }
    // It ends what the bind or alter-context with its call id began (MS-RPCE section 3.3.1.5.2.1).
    if (this.#lastBind !== undefined && header.callId !== this.#lastBind)
      this.#odd(frame, { kind: 'auth3-of-other-call', callId: header.callId, bind: this.#lastBind });
    // The AUTHENTICATE inside names the user: it is reported after the PDU that carries it.
    const { passwordFits } = this.#security.token(auth);
    this.#tell(frame, {
      type: 'rpc.auth3',
      callId: header.callId,
      user: this.#security.userOf(auth.contextId),
      level: auth.level,
    });
    this.#ntlm(auth, passwordFits, frame);
  }

  #token(auth: RpcPdu['auth'], frame: Frame): void {
    if (!auth || isMalformed(auth)) return;
    const { passwordFits } = this.#security.token(auth);
    this.#ntlm(auth, passwordFits, frame);
  }

  #ntlm(auth: RpcAuth, passwordFits: boolean | undefined, frame: Frame): void {
    const { event, malformed } = authenticationFacts(auth.value, 'rpc', this.#connection.seen(frame));
    if (event)
      this.#emit(event.type === 'ntlm.authenticate' && passwordFits !== undefined ? { ...event, passwordFits } : event);
    if (malformed) this.#malformed(malformed, frame);
  }

  #request(pdu: RpcPdu, body: Body<'request'>, bytes: Uint8Array, frame: Frame): void {
    const { callId, firstFragment: first, lastFragment: last } = pdu.header;
    const opened = this.#open(pdu, body.stub, bytes, frame, 'client-to-server');
    const whole = this.#join(
      this.#requests,
      { callId, first, last, stub: opened.stub ?? body.stub, readable: opened.stub !== undefined },
      frame,
    );
    if (!whole) return;
    const syntax = this.#contexts.get(body.contextId);
    if (!syntax) this.#anomaly(frame, { kind: 'unknown-context', callId, contextId: body.contextId });
    const seen = {
      callId,
      user: opened.user,
      level: opened.level,
      sealed: opened.sealed,
      firstFrame: whole.begin.number,
      fragments: whole.fragments,
      bytes: whole.stub.length,
    };
    const wds = this.#wdsRequest(syntax, whole, frame);
    const wanted = wds ? undefined : endpointWanted(syntax, body.opnum, whole);
    const call: RpcCall = {
      frame: frame.number,
      interface: syntax ?? (wanted ? RPC_SYNTAXES.endpointMapper : wds && RPC_SYNTAXES.wdsControl),
      opnum: body.opnum,
      user: opened.user,
      wanted,
      wds,
    };
    if (!this.#calls.ask(callId, call)) this.#anomaly(frame, { kind: 'call-id-in-use', callId });
    if (wds)
      this.#tell(frame, {
        type: 'wds.request',
        ...seen,
        ...packetSeen(wds),
        ...(wds.opcode === undefined ? {} : { opcode: wds.opcode }),
      });
    else
      this.#tell(frame, {
        type: 'rpc.request',
        ...seen,
        interface: named(call.interface).interface,
        opnum: body.opnum,
      });
  }

  /**
   * What a request to WDS says; undefined for one to another interface. Where the bind was not seen, a stub that
   * decodes as a WDS packet to its last byte is taken as one.
   */
  #wdsRequest(syntax: RpcSyntax | undefined, { stub, readable }: WholeStub, frame: Frame): WdsFacts | undefined {
    if (syntax && !isWdsControl(syntax)) return undefined;
    if (!readable) return syntax || this.#speaksWds ? UNREAD : undefined;
    const facts = wdsRequest(stub);
    if (!isMalformed(facts)) {
      this.#speaksWds = true;
      if (facts.malformed) this.#malformed(facts.malformed, frame);
      return facts;
    }
    if (!syntax) return undefined;
    this.#malformed(facts, frame);
    return UNREAD;
  }

  #response(pdu: RpcPdu, body: Body<'response'>, bytes: Uint8Array, frame: Frame): void {
    const { callId, firstFragment: first, lastFragment: last } = pdu.header;
    const opened = this.#open(pdu, body.stub, bytes, frame, 'server-to-client');
    const whole = this.#join(
      this.#responses,
      { callId, first, last, stub: opened.stub ?? body.stub, readable: opened.stub !== undefined },
      frame,
    );
    if (!whole) return;
    const asked = this.#calls.answered(callId);
    if (!asked) this.#anomaly(frame, { kind: 'answer-to-no-call', callId, name: 'response' });
    const call = asked ?? (this.#speaksWds ? UNSEEN_WDS_CALL : UNSEEN_CALL);
    const seen = {
      callId,
      user: opened.user,
      level: opened.level,
      sealed: opened.sealed,
      firstFrame: whole.begin.number,
      fragments: whole.fragments,
      bytes: whole.stub.length,
      requestFrame: call.frame,
    };
    if (call.wds) this.#wdsReply(call.wds, whole, seen, frame);
    else if (call.wanted && this.#endpoint(call.wanted, whole, callId, call.frame, frame)) return;
    else
      this.#tell(frame, {
        type: 'rpc.response',
        ...seen,
        interface: named(call.interface).interface,
        opnum: call.opnum,
      });
  }

  #wdsReply(
    request: WdsFacts,
    { stub, readable }: WholeStub,
    seen: Omit<Extract<Told, { readonly type: 'rpc.response' }>, 'type' | 'interface' | 'opnum'>,
    frame: Frame,
  ): void {
    const decoded = readable
      ? wdsReply(stub, request)
      : { ...UNREAD, service: request.service, operation: request.operation };
    const trouble = isMalformed(decoded) ? decoded : decoded.malformed;
    if (trouble) this.#malformed(trouble, frame);
    const facts = isMalformed(decoded)
      ? { ...UNREAD, service: request.service, operation: request.operation }
      : decoded;
    this.#tell(frame, {
      type: 'wds.reply',
      ...seen,
      ...packetSeen(facts),
      ...(facts.errorCode === undefined ? {} : { errorCode: facts.errorCode }),
    });
  }

  /** Reports where an interface listens; false when the answer does not belong to ept_map. */
  #endpoint(
    wanted: RpcSyntax,
    { stub, readable }: WholeStub,
    callId: number,
    requestFrame: number,
    frame: Frame,
  ): boolean {
    const answer = readable ? decodeEptMapResponse(stub) : undefined;
    if (isMalformed(answer)) this.#malformed(answer, frame);
    if (!answer || isMalformed(answer)) return false;
    const tower = answer.towers.find(({ overTcp }) => overTcp);
    const { port = 0 } = tower ?? {};
    if (tower && tower.interface?.uuid !== wanted.uuid)
      this.#odd(frame, {
        kind: 'tower-of-other-interface',
        callId,
        interface: tower.interface?.uuid ?? 'unknown',
        asked: wanted.uuid,
      });
    // 0.0.0.0 means the host that answers.
    const ip = tower?.ip === undefined || tower.ip === '0.0.0.0' ? this.#connection.identity.server.ip : tower.ip;
    if (port > 0) this.#endpoints.add(ip, port);
    this.#tell(frame, {
      type: 'rpc.endpoint-map',
      callId,
      ...named(wanted),
      ip,
      port,
      status: answer.status,
      requestFrame,
    });
    return true;
  }

  #fault({ header }: RpcPdu, body: Body<'fault'>, frame: Frame): void {
    this.#requests.drop(header.callId);
    this.#responses.drop(header.callId);
    const asked = this.#calls.answered(header.callId);
    if (!asked) this.#anomaly(frame, { kind: 'answer-to-no-call', callId: header.callId, name: 'fault' });
    const call = asked ?? UNSEEN_CALL;
    this.#tell(frame, {
      type: 'rpc.fault',
      callId: header.callId,
      interface: named(call.interface).interface,
      opnum: call.opnum,
      operation: call.wds?.operation ?? '',
      user: call.user,
      status: body.status,
      requestFrame: call.frame,
    });
  }

  #other({ header }: RpcPdu, frame: Frame, by: 'client' | 'server'): void {
    this.#tell(frame, { type: 'rpc.other', name: header.name, by });
  }

  #open(
    pdu: RpcPdu,
    stub: Uint8Array,
    bytes: Uint8Array,
    frame: Frame,
    direction: 'client-to-server' | 'server-to-client',
  ): OpenedStub {
    const opened = this.#security.open(pdu, stub, bytes, direction);
    if (opened.signatureFits === false)
      this.#odd(frame, { kind: 'wrong-signature', callId: pdu.header.callId, user: opened.user });
    return opened;
  }

  #join(fragments: RpcFragments, fragment: Parameters<RpcFragments['add']>[0], frame: Frame): WholeStub | undefined {
    const whole = fragments.add(fragment, { number: frame.number, atUs: frame.atUs });
    if (!whole || 'stub' in whole) return whole;
    this.#anomaly(frame, whole);
    return undefined;
  }

  /** Only where every PDU was seen: else what does not fit may be the capture's doing. */
  #anomaly(frame: Frame, anomaly: RpcAnomaly): void {
    if (this.#whole) this.#odd(frame, anomaly);
  }

  #odd(frame: Frame, anomaly: RpcAnomaly): void {
    if (++this.#anomaliesTold <= MAX_REPORTS) this.#tell(frame, { type: 'rpc.anomaly', anomaly });
  }

  #malformed(malformed: Malformed, frame: Frame): void {
    if (++this.#malformedTold > MAX_REPORTS) return;
    this.#emit({
      type: 'malformed',
      malformed: { ...malformed, bytes: malformed.bytes.slice() },
      frame: frame.number,
      atUs: frame.atUs,
      client: this.#connection.identity.client,
    });
  }

  #tell(at: Stamp, body: Told): void {
    this.#emit({ ...body, ...this.#connection.seen(at) });
  }
}

/** The interface that an ept_map asks for; undefined for another call. */
function endpointWanted(
  syntax: RpcSyntax | undefined,
  opnum: number,
  { stub, readable }: WholeStub,
): RpcSyntax | undefined {
  if (!readable || opnum !== EPT_MAP || (syntax && syntax.uuid !== RPC_SYNTAXES.endpointMapper.uuid)) return undefined;
  const request = decodeEptMapRequest(stub);
  return isMalformed(request) ? undefined : request.tower.interface;
}

function named(syntax: RpcSyntax | undefined): { readonly interface: string; readonly version: string } {
  return syntax
    ? { interface: RPC_INTERFACES[syntax.uuid] ?? syntax.uuid, version: syntax.version }
    : { interface: '', version: '' };
}

function packetSeen({ service, operation, values }: WdsFacts): Pick<WdsFacts, 'service' | 'operation' | 'values'> {
  return { service, operation, values };
}

function isWdsControl({ uuid }: RpcSyntax): boolean {
  return uuid === RPC_SYNTAXES.wdsControl.uuid;
}

function levelOf(auth: RpcPdu['auth']): number {
  return auth && !isMalformed(auth) ? auth.level : 1;
}
