import type { ObservedClient } from '../../base/observe/observed-client.ts';
import { RPC_SYNTAXES, type RpcAuth, type RpcBody, type RpcPdu, type RpcSyntax } from '../wire/codec.ts';
import { decodeEptMapRequest, decodeEptMapResponse, EPT_MAP } from '../wire/endpoint-mapper.ts';
import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { authenticationFacts } from '../../ntlm/observe/authentication.ts';
import { isWdsControl, named, RpcBinds } from './binds.ts';
import { RpcCalls, UNSEEN_CALL, UNSEEN_WDS_CALL, type RpcCall } from './calls.ts';
import { RpcEndpoints } from './endpoints.ts';
import { RpcFragments, type WholeStub } from './fragments.ts';
import { RpcFraming, type RpcSink } from './framing.ts';
import { RpcReports, type RpcSessionEvent, type Told } from './reports.ts';
import { RpcSecurity, type OpenedStub } from './security.ts';
import type { Application, TcpConnection } from '../../tcp/observe/connection.ts';
import { UNREAD, wdsReply, wdsRequest, type WdsFacts } from '../../wds/observe/packets.ts';

/** PDUs that may be cut into fragments (C706 section 12.5.3). */
const FRAGMENTED = new Set(['request', 'response', 'fault']);

type Body<T extends RpcBody['type']> = Extract<RpcBody, { readonly type: T }>;

/**
 * DCE/RPC on one TCP connection: binds and calls matched with their answers, and what is said over it to WDS and to the
 * endpoint mapper.
 */
export class RpcSession implements Application {
  readonly fromClient: RpcFraming;
  readonly fromServer: RpcFraming;
  readonly #connection: TcpConnection;
  readonly #endpoints: RpcEndpoints;
  readonly #security: RpcSecurity;
  readonly #requests = new RpcFragments();
  readonly #responses = new RpcFragments();
  readonly #calls = new RpcCalls();
  readonly #reports: RpcReports;
  readonly #binds: RpcBinds;

  constructor(connection: TcpConnection, fromStart: boolean, client: ObservedClient<RpcSessionEvent>) {
    this.#connection = connection;
    this.#endpoints = client.shared(RpcEndpoints);
    this.#reports = new RpcReports(connection, fromStart, client.emit);
    this.#binds = new RpcBinds(this.#reports);
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
          this.#reports.odd(frame, { kind: 'pdu-in-fragments', callId, name });
        if (isMalformed(one.auth)) this.#reports.malformed(one.auth, frame);
        if (isMalformed(one.body)) this.#reports.malformed(one.body, frame);
        else pdu(one, bytes, frame);
      },
      malformed: (malformed, frame) => {
        this.#reports.malformed(malformed, frame);
      },
      gap: () => {
        this.#reports.whole = false;
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
    else if (body.type === 'bind') {
      this.#binds.asked(pdu, body, frame);
      this.#token(pdu.auth, frame);
    } else if (body.type === 'request') this.#request(pdu, body, bytes, frame);
    else this.#other(pdu, frame, 'client');
  }

  #answered(pdu: RpcPdu, bytes: Uint8Array, frame: Frame): void {
    const { body } = pdu;
    if (isMalformed(body)) return;
    if (body.type === 'bind-ack') {
      this.#binds.answered(pdu, body, frame);
      this.#token(pdu.auth, frame);
    } else if (body.type === 'bind-nak') this.#binds.refused(pdu, body, frame);
    else if (body.type === 'response') this.#response(pdu, body, bytes, frame);
    else if (body.type === 'fault') this.#fault(pdu, body, frame);
    else this.#other(pdu, frame, 'server');
  }

  #auth3({ header, auth }: RpcPdu, frame: Frame): void {
    if (!auth || isMalformed(auth)) {
      this.#reports.anomaly(frame, { kind: 'auth3-without-token', callId: header.callId });
      return;
    }
    this.#binds.completed(header.callId, frame);
    // The AUTHENTICATE inside names the user: it is reported after the PDU that carries it.
    const { passwordFits } = this.#security.token(auth);
    this.#reports.tell(frame, {
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
      this.#reports.emit(
        event.type === 'ntlm.authenticate' && passwordFits !== undefined ? { ...event, passwordFits } : event,
      );
    if (malformed) this.#reports.malformed(malformed, frame);
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
    const syntax = this.#binds.interfaceOf(body.contextId);
    if (!syntax) this.#reports.anomaly(frame, { kind: 'unknown-context', callId, contextId: body.contextId });
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
    if (!this.#calls.ask(callId, call)) this.#reports.anomaly(frame, { kind: 'call-id-in-use', callId });
    if (wds)
      this.#reports.tell(frame, {
        type: 'wds.request',
        ...seen,
        ...packetSeen(wds),
        ...(wds.opcode === undefined ? {} : { opcode: wds.opcode }),
      });
    else
      this.#reports.tell(frame, {
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
    if (!readable) return syntax || this.#binds.speaksWds ? UNREAD : undefined;
    const facts = wdsRequest(stub);
    if (!isMalformed(facts)) {
      this.#binds.speaksWds = true;
      if (facts.malformed) this.#reports.malformed(facts.malformed, frame);
      return facts;
    }
    if (!syntax) return undefined;
    this.#reports.malformed(facts, frame);
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
    if (!asked) this.#reports.anomaly(frame, { kind: 'answer-to-no-call', callId, name: 'response' });
    const call = asked ?? (this.#binds.speaksWds ? UNSEEN_WDS_CALL : UNSEEN_CALL);
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
      this.#reports.tell(frame, {
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
    if (trouble) this.#reports.malformed(trouble, frame);
    const facts = isMalformed(decoded)
      ? { ...UNREAD, service: request.service, operation: request.operation }
      : decoded;
    this.#reports.tell(frame, {
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
    if (isMalformed(answer)) this.#reports.malformed(answer, frame);
    if (!answer || isMalformed(answer)) return false;
    const tower = answer.towers.find(({ overTcp }) => overTcp);
    const { port = 0 } = tower ?? {};
    if (tower && tower.interface?.uuid !== wanted.uuid)
      this.#reports.odd(frame, {
        kind: 'tower-of-other-interface',
        callId,
        interface: tower.interface?.uuid ?? 'unknown',
        asked: wanted.uuid,
      });
    // 0.0.0.0 means the host that answers.
    const ip = tower?.ip === undefined || tower.ip === '0.0.0.0' ? this.#connection.identity.server.ip : tower.ip;
    if (port > 0) this.#endpoints.add(ip, port);
    this.#reports.tell(frame, {
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
    if (!asked) this.#reports.anomaly(frame, { kind: 'answer-to-no-call', callId: header.callId, name: 'fault' });
    const call = asked ?? UNSEEN_CALL;
    this.#reports.tell(frame, {
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
    this.#reports.tell(frame, { type: 'rpc.other', name: header.name, by });
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
      this.#reports.odd(frame, { kind: 'wrong-signature', callId: pdu.header.callId, user: opened.user });
    return opened;
  }

  #join(fragments: RpcFragments, fragment: Parameters<RpcFragments['add']>[0], frame: Frame): WholeStub | undefined {
    const whole = fragments.add(fragment, { number: frame.number, atUs: frame.atUs });
    if (!whole || 'stub' in whole) return whole;
    this.#reports.anomaly(frame, whole);
    return undefined;
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

function packetSeen({ service, operation, values }: WdsFacts): Pick<WdsFacts, 'service' | 'operation' | 'values'> {
  return { service, operation, values };
}
