import { assign, setup } from 'xstate';
import type { HttpEvent } from '../observe/events.ts';
import { bootRequestBreach, isTold } from '../../base/judge/boot-target.ts';
import type { LoadingInput } from '../../base/judge/loading.ts';
import { isExpectedPath, isProbeName } from '../../base/judge/path-names.ts';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Breach, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { HTTP } from './vocabulary.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('http', HTTP);

interface ExchangeContext extends Waiting, LoadingInput {
  readonly asked: Sighting;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentLength: number | undefined;
  /** What was wrong with the request itself. */
  readonly breach: Breach<keyof typeof HTTP.causes> | undefined;
}

type Complete = Omit<Extract<HttpEvent, { readonly type: 'http.complete' }>, 'type'>;
type Unfinished = Omit<Extract<HttpEvent, { readonly type: 'http.unfinished' }>, 'type'>;
/** Boot clients ask for the size, then for the file; another method is reported as a request. */
const stepName = (method: string): 'http.get' | 'http.head' | 'http.request' =>
  method === 'GET' ? 'http.get' : method === 'HEAD' ? 'http.head' : 'http.request';

const httpSetup = setup({
  types: {
    context: {} as ExchangeContext,
    events: {} as MachineEvent<HttpEvent>,
    input: {} as LoadingInput,
    meta: {} as WaitMeta<keyof typeof HTTP.waits>,
  },
  actions: machineActions,
});

interface Ended {
  readonly context: ExchangeContext;
  readonly event: Unfinished;
}

/** A server that hangs up has failed; a client may have seen enough, or go on with another connection. */
const UNFINISHED = [
  {
    guard: ({ event }: Ended) => event.by === 'server',
    target: 'broken',
    actions: step(({ context, event }: Ended) => abortedStep(context, event)),
  },
  { target: 'broken', actions: step(({ context, event }: Ended) => unfinishedStep(context, event)) },
] as const;

/** One HTTP request and its response (RFC 9110), as boot clients use it: HEAD for the size, then GET. */
export const httpMachine = httpSetup.createMachine({
  id: 'http',
  context: ({ input }) => ({
    ...input,
    since: UNSEEN,
    asked: UNSEEN,
    method: '',
    path: '',
    status: 0,
    contentLength: undefined,
    breach: undefined,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    '*': {
      actions: step(({ event }) => unexpected(event, 'path' in event ? { path: event.path } : {})),
    },
  },
  states: {
    idle: {
      on: {
        'http.request': {
          target: 'requested',
          actions: assign(({ context, event }) => ({
            since: seen(event),
            asked: seen(event),
            method: event.method,
            path: event.path,
            breach: isProbeName(event.path)
              ? undefined
              : bootRequestBreach(context.targets, event.path, event.server.ip),
          })),
        },
      },
    },
    requested: {
      meta: { waitsFor: 'an HTTP response', budget: 'http' },
      on: {
        'http.response': {
          target: 'responding',
          actions: assign(({ event }) => ({
            since: seen(event),
            status: event.status,
            contentLength: event.contentLength,
          })),
        },
        'http.unfinished': UNFINISHED,
        deadline: {
          target: 'broken',
          actions: step(({ context, event }) => silentStep(context, event.atUs, 'http-silent')),
        },
      },
    },
    responding: {
      meta: { waitsFor: 'the end of the body', budget: 'transfer' },
      on: {
        'http.complete': {
          target: 'complete',
          actions: step(({ context, event }) => completeStep(context, event)),
        },
        'http.unfinished': UNFINISHED,
        deadline: {
          target: 'broken',
          actions: step(({ context, event }) => silentStep(context, event.atUs, 'transfer-stalled')),
        },
      },
    },
    complete: {},
    broken: {},
  },
});

function completeStep(context: ExchangeContext, event: Complete): StepDraft {
  const { figures } = event;
  const parts = {
    step: stepName(context.method),
    from: context.asked,
    at: event,
    frames: [context.asked.frame, figures.firstFrame, figures.lastFrame],
    detail: { path: event.path, server: event.server.ip, status: event.status, bytes: figures.bytes },
  };
  if (event.status >= 400) {
    if (event.status === 404 && !mustExist(context))
      return recorded({
        ...parts,
        step: 'http.error',
        why: 'a file that neither DHCP nor the scenario named',
        cause: 'boot-file-missing',
      });
    return judged({
      ...parts,
      step: 'http.error',
      breach: {
        expected: `“${context.path}” to be transferred`,
        actual: `status ${event.status}`,
        cause: statusCause(event.status),
      },
    });
  }
  const whole = context.method === 'GET' && context.contentLength !== undefined && event.status < 300;
  const short: Breach<keyof typeof HTTP.causes> | undefined =
    whole && context.contentLength !== figures.bytes
      ? {
          expected: `${context.contentLength} bytes, as Content-Length promised`,
          actual: `${figures.bytes} bytes`,
          cause: 'transfer-size-mismatch',
        }
      : undefined;
  return judged({ ...parts, breach: context.breach ?? short });
}

function mustExist(context: ExchangeContext): boolean {
  return (
    isExpectedPath(context.path, context.expectedPaths) || isTold([...context.targets, ...context.told], context.path)
  );
}

function statusCause(status: number): 'boot-file-missing' | 'http-access-denied' | 'http-refused' {
  if (status === 404 || status === 410) return 'boot-file-missing';
  return status === 401 || status === 403 ? 'http-access-denied' : 'http-refused';
}

function abortedStep(context: ExchangeContext, event: Unfinished): StepDraft {
  return judged({
    step: stepName(context.method),
    from: context.asked,
    at: event,
    detail: { path: context.path, status: context.status, bytes: event.figures.bytes },
    breach: {
      expected: `“${context.path}” to be transferred`,
      actual: `${event.figures.bytes} bytes, and then ${event.reason}`,
      cause: 'transfer-aborted',
    },
  });
}

function unfinishedStep(context: ExchangeContext, event: Unfinished): StepDraft {
  return recorded({
    step: 'http.unfinished',
    from: context.asked,
    at: event,
    detail: { path: context.path, status: context.status, bytes: event.figures.bytes },
    why: event.reason,
    cause: 'transfer-stalled',
  });
}

function silentStep(context: ExchangeContext, atUs: number, cause: 'http-silent' | 'transfer-stalled'): StepDraft {
  return missed({
    step: stepName(context.method),
    since: context.since,
    atUs,
    detail: { path: context.path, status: context.status },
    waitedFor: cause === 'http-silent' ? 'a response' : 'the end of the body',
    actual: cause === 'http-silent' ? 'no head of a response' : 'an incomplete body',
    cause,
  });
}
