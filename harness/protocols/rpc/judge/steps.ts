import type { RpcEvent } from '../observe/events.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import { WDS_MESSAGE_TYPES } from '../../wds/wire/codec.ts';
import { isAsked, type RpcContext } from './conversation.ts';
import { bindCause, faultCause, faultName, isReportOfFailure, wdsCause } from './refusals.ts';
import type { Breach, Sighting, StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { RPC_AND_WDS, type RpcCause } from './vocabulary.ts';

const { judged, recorded, missed } = stepBuilders('rpc', RPC_AND_WDS);

type Of<T extends (RpcEvent | WdsEvent)['type']> = Omit<Extract<RpcEvent | WdsEvent, { readonly type: T }>, 'type'>;
type BindAnswer = Omit<Extract<RpcEvent, { readonly refusedAssociation: boolean }>, 'type'> & {
  readonly type: 'rpc.bind-answer' | 'rpc.alter-context-answer';
};
/** A step that a server owes. */
type OwedStep = RpcContext['binding'] | RpcContext['calls'][number]['step'];

const UNASKED = 'an answer whose request is missing from the capture';

/** `rpc.bind` or `rpc.alter-context`: the server takes the interface, and the authentication that came with it. */
export function bindStep(context: RpcContext, event: BindAnswer): StepDraft {
  return judged({
    ...bindParts(event),
    from: context.asked,
    frames: [event.requestFrame, event.frame],
    breach: bindBreach(event),
  });
}

/** The recorded step of a bind or alter-context answer that nothing waits for. */
export function unaskedBindStep(event: BindAnswer): StepDraft {
  return recorded({ ...bindParts(event), why: UNASKED });
}

function bindParts(event: BindAnswer) {
  const detail = {
    interface: event.interface,
    version: event.version,
    level: event.level,
    maxTransmit: event.maxTransmit,
    maxReceive: event.maxReceive,
  };
  return {
    step: event.type === 'rpc.alter-context-answer' ? ('rpc.alter-context' as const) : ('rpc.bind' as const),
    at: event,
    detail,
  };
}

function bindBreach(event: BindAnswer): Breach<RpcCause> | undefined {
  if (event.result === 0) return undefined;
  const actual = event.refusedAssociation
    ? `BIND_NAK, reason ${event.reason}`
    : `result ${event.result}, reason ${event.reason}`;
  return {
    expected: `the server accepts interface ${event.interface} v${event.version}`,
    actual,
    cause: bindCause(event),
  };
}

/** A request under its own name, recorded: it came before the same one was answered. */
export function againStep(
  event: Sighting & { readonly type: 'rpc.request' | 'rpc.bind' | 'rpc.alter-context'; readonly interface: string },
): StepDraft {
  return recorded({
    step: event.type,
    at: event,
    detail: { interface: event.interface },
    why: 'asked again before an answer came',
  });
}

/** `rpc.auth3`: the third leg of NTLM, which has no answer; whether it is right shows in the next call. */
export function auth3Step(event: Of<'rpc.auth3'>): StepDraft {
  return judged({ step: 'rpc.auth3', at: event, detail: { user: event.user, level: event.level } });
}

/** `rpc.endpoint-map`: where an interface listens. */
export function endpointStep(context: RpcContext, event: Of<'rpc.endpoint-map'>): StepDraft {
  const parts = {
    step: 'rpc.endpoint-map' as const,
    at: event,
    detail: { interface: event.interface, version: event.version, server: event.ip, port: event.port },
  };
  if (!isAsked(context, event)) return recorded({ ...parts, why: UNASKED });
  return judged({
    ...parts,
    from: requestOf(context, event),
    frames: [event.requestFrame, event.frame],
    breach:
      event.status === 0 && event.port > 0
        ? undefined
        : {
            expected: `a port of interface ${event.interface} v${event.version}`,
            actual: `status ${faultName(event.status)}`,
            cause: 'rpc-endpoint-unknown',
          },
  });
}

/** `rpc.request`: a call to an interface that is not judged further, and its response. */
export function responseStep(context: RpcContext, event: Of<'rpc.response'>): StepDraft {
  const parts = {
    step: 'rpc.request' as const,
    at: event,
    detail: {
      interface: event.interface,
      opnum: event.opnum,
      user: event.user,
      level: event.level,
      sealed: event.sealed,
    },
  };
  if (!isAsked(context, event)) return recorded({ ...parts, why: UNASKED });
  return judged({
    ...parts,
    from: requestOf(context, event),
    frames: [event.requestFrame, event.firstFrame, event.frame],
  });
}

/**
 * `wds.request`: reported at the request, since the capture may end before the answer. The client's own report of an
 * error fails it.
 */
export function wdsRequestStep(event: Of<'wds.request'>): StepDraft {
  return judged({
    step: 'wds.request',
    at: event,
    frames: [event.firstFrame, event.frame],
    detail: { ...packetDetail(event), opcode: event.opcode, ...event.values },
    breach: reportBreach(event),
  });
}

function reportBreach({ operation, values }: Of<'wds.request'>): Breach<RpcCause> | undefined {
  if (operation !== 'LOG_MSG' || !isReportOfFailure(values['messageType'])) return undefined;
  const name = WDS_MESSAGE_TYPES[Number(values['messageType'])] ?? '';
  return {
    expected: 'the client reports progress',
    actual: `it reports ${name}${values['message'] === undefined ? '' : `: ${values['message']}`}`,
    cause: 'client-reported-error',
  };
}

/** `wds.reply`, or `wds.error` when the service refuses the operation. */
export function wdsReplyStep(context: RpcContext, event: Of<'wds.reply'>): StepDraft {
  const refused = event.errorCode !== undefined && event.errorCode !== 0;
  const parts = {
    at: event,
    from: requestOf(context, event),
    frames: [event.requestFrame, event.firstFrame, event.frame],
    detail: { ...packetDetail(event), errorCode: event.errorCode, ...event.values },
  };
  if (!isAsked(context, event)) return recorded({ ...parts, step: refused ? 'wds.error' : 'wds.reply', why: UNASKED });
  return judged({
    ...parts,
    step: refused ? 'wds.error' : 'wds.reply',
    breach: refused
      ? {
          expected: `the service answers ${event.operation || 'the request'}`,
          actual: `error ${event.errorCode ?? 0}`,
          cause: wdsCause(event.errorCode ?? 0),
        }
      : undefined,
  });
}

function packetDetail(event: Of<'wds.request'> | Of<'wds.reply'>) {
  return {
    operation: event.operation,
    service: event.service,
    user: event.user,
    level: event.level,
    sealed: event.sealed,
    bytes: event.bytes,
    fragments: event.fragments,
  };
}

/** `rpc.fault`: the server refuses a call. */
export function faultStep(context: RpcContext, event: Of<'rpc.fault'>): StepDraft {
  return judged({
    step: 'rpc.fault',
    from: requestOf(context, event),
    at: event,
    frames: [event.requestFrame, event.frame],
    detail: {
      interface: event.interface,
      opnum: event.opnum,
      operation: event.operation,
      user: event.user,
      status: faultName(event.status),
    },
    breach: {
      expected: `a response to ${event.operation || `operation ${event.opnum}`}${event.user === '' ? '' : ` of ${event.user}`}`,
      actual: `fault ${faultName(event.status)}`,
      cause: faultCause(event.status, context.passwordFits),
    },
  });
}

/** The failed step of the answer that was outstanding when the connection ended. */
export function cutStep(step: OwedStep, context: RpcContext, event: Sighting & { readonly type: string }): StepDraft {
  return judged({
    step,
    from: context.since,
    at: event,
    detail: {},
    breach: { expected: 'an answer', actual: `the connection ended (${event.type})`, cause: 'rpc-connection-lost' },
  });
}

/** The failed step of the answer that did not come in time. */
export function silentStep(step: OwedStep, context: RpcContext, atUs: number): StepDraft {
  return missed({
    step,
    since: context.since,
    atUs,
    detail: {},
    waitedFor: 'an answer',
    actual: 'none came',
    cause: 'rpc-silent',
  });
}

/** The answer that the oldest call is owed. */
export function owedStep(context: RpcContext): OwedStep {
  return context.calls[0]?.step ?? 'rpc.request';
}

function requestOf(
  context: RpcContext,
  event: { readonly callId: number; readonly requestFrame: number },
): Sighting | undefined {
  return context.calls.find(({ callId, at }) => callId === event.callId && at.frame === event.requestFrame)?.at;
}
