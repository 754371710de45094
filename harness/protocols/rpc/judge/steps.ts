import type { RpcEvent, WdsEvent } from '../../base/observe/seen.ts';
import { WDS_MESSAGE_TYPES } from '../../wds/wire/codec.ts';
import { isAsked, type RpcContext } from './conversation.ts';
import { bindCause, faultCause, faultName, isReportOfFailure, wdsCause } from './status.ts';
import {
  type Breach,
  judgedStep,
  missedStep,
  recordedStep,
  type Sighting,
  type StepDraft,
} from '../../base/judge/step.ts';

type Of<T extends (RpcEvent | WdsEvent)['type']> = Omit<Extract<RpcEvent | WdsEvent, { readonly type: T }>, 'type'>;
type BindAnswer = Omit<Extract<RpcEvent, { readonly refusedAssociation: boolean }>, 'type'> & {
  readonly type: 'rpc.bind-answer' | 'rpc.alter-context-answer';
};
const machine = 'rpc';
const UNASKED = 'an answer whose request the capture does not hold';

/** `rpc.bind` or `rpc.alter-context`: the server takes the interface, and the authentication that came with it. */
export function bindStep(context: RpcContext, event: BindAnswer): StepDraft {
  return judgedStep({
    ...bindParts(event),
    from: context.asked,
    frames: [event.requestFrame, event.frame],
    breach: bindBreach(event),
  });
}

/** The same, recorded: nothing waits for this answer. */
export function unaskedBindStep(event: BindAnswer): StepDraft {
  return recordedStep({ ...bindParts(event), why: UNASKED });
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
    machine,
    step: event.type === 'rpc.alter-context-answer' ? 'rpc.alter-context' : 'rpc.bind',
    at: event,
    detail,
  };
}

function bindBreach(event: BindAnswer): Breach | undefined {
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
export function againStep(event: Sighting & { readonly type: string; readonly interface: string }): StepDraft {
  return recordedStep({
    machine,
    step: event.type,
    at: event,
    detail: { interface: event.interface },
    why: 'asked again before an answer came',
  });
}

/** `rpc.auth3`: the third leg of NTLM, which nobody answers; whether it is right shows in the next call. */
export function auth3Step(event: Of<'rpc.auth3'>): StepDraft {
  return judgedStep({ machine, step: 'rpc.auth3', at: event, detail: { user: event.user, level: event.level } });
}

/** `rpc.endpoint-map`: where an interface listens. */
export function endpointStep(context: RpcContext, event: Of<'rpc.endpoint-map'>): StepDraft {
  const parts = {
    machine,
    step: 'rpc.endpoint-map',
    at: event,
    detail: { interface: event.interface, version: event.version, server: event.ip, port: event.port },
  };
  if (!isAsked(context, event)) return recordedStep({ ...parts, why: UNASKED });
  return judgedStep({
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
    machine,
    step: 'rpc.request',
    at: event,
    detail: {
      interface: event.interface,
      opnum: event.opnum,
      user: event.user,
      level: event.level,
      sealed: event.sealed,
    },
  };
  if (!isAsked(context, event)) return recordedStep({ ...parts, why: UNASKED });
  return judgedStep({
    ...parts,
    from: requestOf(context, event),
    frames: [event.requestFrame, event.firstFrame, event.frame],
  });
}

/**
 * `wds.request`: told when it is asked, since the capture may end before the answer. The client's own report of an
 * error fails it.
 */
export function wdsRequestStep(event: Of<'wds.request'>): StepDraft {
  return judgedStep({
    machine,
    step: 'wds.request',
    at: event,
    frames: [event.firstFrame, event.frame],
    detail: { ...packetDetail(event), opcode: event.opcode, ...event.values },
    breach: reportBreach(event),
  });
}

function reportBreach({ operation, values }: Of<'wds.request'>): Breach | undefined {
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
    machine,
    at: event,
    from: requestOf(context, event),
    frames: [event.requestFrame, event.firstFrame, event.frame],
    detail: { ...packetDetail(event), errorCode: event.errorCode, ...event.values },
  };
  if (!isAsked(context, event))
    return recordedStep({ ...parts, step: refused ? 'wds.error' : 'wds.reply', why: UNASKED });
  return judgedStep({
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
  return judgedStep({
    machine,
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

/** The step that was owed when the connection ended. */
export function cutStep(step: string, context: RpcContext, event: Sighting & { readonly type: string }): StepDraft {
  return judgedStep({
    machine,
    step,
    from: context.since,
    at: event,
    detail: {},
    breach: { expected: 'an answer', actual: `the connection ended (${event.type})`, cause: 'rpc-connection-lost' },
  });
}

/** The step that was owed when the wait was over. */
export function silentStep(step: string, context: RpcContext, atUs: number): StepDraft {
  return missedStep({
    machine,
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
export function owedStep(context: RpcContext): string {
  return context.calls[0]?.step ?? 'rpc.request';
}

function requestOf(
  context: RpcContext,
  event: { readonly callId: number; readonly requestFrame: number },
): Sighting | undefined {
  return context.calls.find(({ callId, at }) => callId === event.callId && at.frame === event.requestFrame)?.at;
}
