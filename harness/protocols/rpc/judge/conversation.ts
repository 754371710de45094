import type { RpcEvent } from '../observe/events.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Sighting } from '../../base/judge/step.ts';

/** Calls that are remembered while they have no answer; clients make one at a time. */
const MAX_CALLS = 256;

/** A call without an answer. */
export interface AskedCall {
  readonly callId: number;
  readonly at: Sighting;
  /** The step that its answer will be. */
  readonly step: 'rpc.request' | 'wds.reply';
}

/** What is known of one RPC connection. */
export interface RpcContext extends Waiting {
  /** The bind or alter-context that waits for its answer. */
  readonly asked: Sighting;
  readonly binding: 'rpc.bind' | 'rpc.alter-context';
  /** Calls without an answer, oldest first. */
  readonly calls: readonly AskedCall[];
  /** Whether the last logon's password is the scenario's; undefined where that is unknown. */
  readonly passwordFits: boolean | undefined;
}

/** A connection before its first PDU. */
export const NO_CONVERSATION: RpcContext = {
  since: UNSEEN,
  asked: UNSEEN,
  binding: 'rpc.bind',
  calls: [],
  passwordFits: undefined,
};

type Request = Sighting & { readonly type: (RpcEvent | WdsEvent)['type']; readonly callId: number };

/** The context after a bind or an alter-context. */
export function withBind(event: Sighting & { readonly type: RpcContext['binding'] }): Partial<RpcContext> {
  return { since: seen(event), asked: seen(event), binding: event.type };
}

/** The context after a request: the wait counts from the oldest that has no answer. */
export function withCall(context: RpcContext, event: Request): Partial<RpcContext> {
  const call: AskedCall = {
    callId: event.callId,
    at: seen(event),
    step: event.type === 'wds.request' ? 'wds.reply' : 'rpc.request',
  };
  return after(context, [...context.calls.filter(({ callId }) => callId !== event.callId), call].slice(-MAX_CALLS));
}

/** The context after a call's answer. */
export function withoutCall(context: RpcContext, event: { readonly callId: number }): Partial<RpcContext> {
  return after(
    context,
    context.calls.filter(({ callId }) => callId !== event.callId),
  );
}

/** Whether a call with this id waits for its answer. */
export function isAsked(context: RpcContext, event: { readonly callId: number }): boolean {
  return context.calls.some(({ callId }) => callId === event.callId);
}

function after(context: RpcContext, calls: readonly AskedCall[]): Partial<RpcContext> {
  return { calls, since: calls[0]?.at ?? context.since };
}
