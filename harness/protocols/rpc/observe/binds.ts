import type { Frame } from '../../../packet/frame.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import { RPC_INTERFACES, RPC_SYNTAXES, type RpcBody, type RpcPdu, type RpcSyntax } from '../wire/codec.ts';
import type { RpcReports } from './reports.ts';

/** Binds under way that are remembered for one connection. */
const MAX_BINDS = 256;
/** Presentation contexts remembered for one connection. */
const MAX_CONTEXTS = 256;

type Body<T extends RpcBody['type']> = Extract<RpcBody, { readonly type: T }>;

/** A bind or alter-context that waits for its answer. */
interface PendingBind {
  readonly at: Stamp;
  readonly level: number;
  /** Interfaces in the order of their contexts; answers give results in that order (C706 section 12.6.4.4). */
  readonly contexts: readonly { readonly contextId: number; readonly abstract: RpcSyntax }[];
}

/** Binds of one connection matched with their answers, and the presentation contexts that they agree on. */
export class RpcBinds {
  /** Whether a context for WDS control was accepted. */
  speaksWds = false;
  readonly #reports: RpcReports;
  readonly #pending = new Map<number, PendingBind>();
  /** Interfaces by presentation context. */
  readonly #contexts = new Map<number, RpcSyntax>();
  /** Call id of the last bind or alter-context. */
  #last: number | undefined;

  constructor(reports: RpcReports) {
    this.#reports = reports;
  }

  /** The interface of a presentation context; undefined for one that was not seen to be accepted. */
  interfaceOf(contextId: number): RpcSyntax | undefined {
    return this.#contexts.get(contextId);
  }

  asked({ header, auth }: RpcPdu, body: Body<'bind'>, frame: Frame): void {
    const level = levelOf(auth);
    this.#last = header.callId;
    if (this.#pending.size >= MAX_BINDS) this.#pending.clear();
    this.#pending.set(header.callId, {
      at: { number: frame.number, atUs: frame.atUs },
      level,
      contexts: body.contexts.map(({ contextId, abstract }) => ({ contextId, abstract })),
    });
    this.#reports.tell(frame, {
      type: header.name === 'alter-context' ? 'rpc.alter-context' : 'rpc.bind',
      callId: header.callId,
      ...named(body.contexts[0]?.abstract),
      level,
    });
  }

  answered({ header, auth }: RpcPdu, body: Body<'bind-ack'>, frame: Frame): void {
    const { callId } = header;
    const bind = this.#take(callId);
    if (!bind) this.#reports.anomaly(frame, { kind: 'answer-to-no-bind', callId });
    if (bind && bind.contexts.length !== body.results.length)
      this.#reports.anomaly(frame, {
        kind: 'results-for-other-contexts',
        callId,
        results: body.results.length,
        contexts: bind.contexts.length,
      });
    if (bind && levelOf(auth) !== bind.level)
      this.#reports.odd(frame, { kind: 'other-level', callId, level: levelOf(auth), asked: bind.level });
    for (const [index, { result }] of body.results.entries()) {
      const context = bind?.contexts[index];
      if (result !== 0 || !context) continue;
      if (this.#contexts.size >= MAX_CONTEXTS) this.#contexts.clear();
      this.#contexts.set(context.contextId, context.abstract);
      if (isWdsControl(context.abstract)) this.speaksWds = true;
    }
    const accepted = body.results.find(({ result }) => result === 0);
    const { result, reason } = accepted ?? body.results[0] ?? { result: 2, reason: 0 };
    this.#reports.tell(frame, {
      type: header.name === 'alter-context-response' ? 'rpc.alter-context-answer' : 'rpc.bind-answer',
      callId,
      ...named(bind?.contexts[0]?.abstract),
      level: bind?.level ?? levelOf(auth),
      result,
      reason,
      refusedAssociation: false,
      maxTransmit: body.maxTransmit,
      maxReceive: body.maxReceive,
      requestFrame: bind?.at.number ?? 0,
    });
  }

  refused({ header }: RpcPdu, body: Body<'bind-nak'>, frame: Frame): void {
    const bind = this.#take(header.callId);
    this.#reports.tell(frame, {
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

  /** AUTH3 ends what the bind or alter-context with its call id began (MS-RPCE section 3.3.1.5.2.1). */
  completed(callId: number, frame: Frame): void {
    if (this.#last !== undefined && callId !== this.#last)
      this.#reports.odd(frame, { kind: 'auth3-of-other-call', callId, bind: this.#last });
  }

  #take(callId: number): PendingBind | undefined {
    const bind = this.#pending.get(callId);
    this.#pending.delete(callId);
    return bind;
  }
}

/** An interface as events carry it. */
export function named(syntax: RpcSyntax | undefined): { readonly interface: string; readonly version: string } {
  return syntax
    ? { interface: RPC_INTERFACES[syntax.uuid] ?? syntax.uuid, version: syntax.version }
    : { interface: '', version: '' };
}

export function isWdsControl({ uuid }: RpcSyntax): boolean {
  return uuid === RPC_SYNTAXES.wdsControl.uuid;
}

function levelOf(auth: RpcPdu['auth']): number {
  return auth && !isMalformed(auth) ? auth.level : 1;
}
