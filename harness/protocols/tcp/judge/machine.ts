import { assign, setup } from 'xstate';
import type { Unreachable } from '../../base/judge/boot-facts.ts';
import {
  machineActions,
  step,
  triedAgain,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { Causes } from '../../base/judge/vocabulary.ts';
import { TCP } from './vocabulary.ts';
import { type IcmpRefusal, refusalOf, refusedExchange } from '../../icmp/judge/refusal.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TcpEvent } from '../observe/events.ts';

// The cause of a port that does not answer is a word of the protocol that is spoken there.
const WORDS: { readonly steps: typeof TCP.steps; readonly causes: Causes } = TCP;
const { judged, recorded, missed, unexpected } = stepBuilders('tcp', WORDS);

interface TcpContext extends Waiting, TcpInput {
  readonly server: string;
  readonly port: number;
  readonly refusal: IcmpRefusal | undefined;
}

/** Input of the machine of a connection, from the judge. */
export interface TcpInput {
  readonly unreachable: (port: number) => Unreachable;
}

/** One TCP connection as far as it explains an application's silence (RFC 9293 figure 5, without the numbers). */
export const tcpMachine = setup({
  types: {
    context: {} as TcpContext,
    events: {} as MachineEvent<TcpEvent | IcmpEvent>,
    input: {} as TcpInput,
    meta: {} as WaitMeta<keyof typeof TCP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'tcp',
  context: ({ input }) => ({ ...input, since: UNSEEN, server: '', port: 0, refusal: undefined }),
  initial: 'idle',
  on: {
    deadline: {},
    'tcp.syn': {
      target: '.opening',
      actions: assign(({ event }) => ({
        since: seen(event),
        tries: [seen(event)],
        server: event.server.ip,
        port: event.server.port,
      })),
    },
    'tcp.established': {
      target: '.open',
      actions: assign(({ event }) => ({ server: event.server.ip, port: event.server.port })),
    },
    'tcp.reset': { target: '.over', actions: step(({ event }) => resetStep(event)) },
    'tcp.closed': { target: '.over' },
    'tcp.disorder': {
      actions: step(({ event }) =>
        recorded({
          step: 'tcp.disorder',
          at: event,
          detail: { server: event.server.ip, port: event.server.port, repeated: event.repeated, late: event.late },
          why: 'segments came twice or out of order; TCP repaired this, which took time',
        }),
      ),
    },
    'tcp.lost': {
      actions: step(({ event }) =>
        recorded({
          step: 'tcp.lost',
          at: event,
          detail: { server: event.server.ip, port: event.server.port, bytes: event.bytes, by: event.by },
          why: 'these bytes are missing from the capture and were not judged',
        }),
      ),
    },
    'icmp.unreachable': { actions: assign({ refusal: ({ context, event }) => refusalOf(event, context.refusal) }) },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    opening: {
      meta: { waitsFor: 'the server to accept the connection', budget: 'connect', ladder: 'syn' },
      on: {
        'tcp.syn': {
          actions: [
            step(({ context, event }) =>
              recorded({
                step: 'tcp.syn',
                at: event,
                detail: { server: context.server, port: context.port },
                why: 'SYN again before an answer came',
              }),
            ),
            assign({ tries: ({ context, event }) => triedAgain(context, event) }),
          ],
        },
        'tcp.established': {
          target: 'open',
          actions: step(({ context, event }) =>
            judged({
              step: 'tcp.connect',
              from: context.since,
              at: event,
              detail: { server: context.server, port: context.port },
            }),
          ),
        },
        'tcp.reset': {
          target: 'over',
          actions: step(({ context, event }) => refusedStep(context, event, event.by)),
        },
        deadline: {
          target: 'over',
          actions: step(({ context, event }) => silentStep(context, event.atUs)),
        },
      },
    },
    open: {
      on: {
        'tcp.syn': {
          actions: step(({ context, event }) =>
            recorded({
              step: 'tcp.syn',
              at: event,
              detail: { server: context.server, port: context.port },
              why: 'SYN again on an open connection',
            }),
          ),
        },
        'tcp.established': {
          actions: step(({ event }) =>
            recorded({
              step: 'tcp.established',
              at: event,
              detail: { server: event.server.ip, port: event.server.port },
              why: 'the connection was already open',
            }),
          ),
        },
      },
    },
    over: {},
  },
});

function refusedStep(context: TcpContext, event: Sighting, by: 'client' | 'server'): StepDraft {
  const parts = {
    step: 'tcp.connect' as const,
    from: context.since,
    at: event,
    detail: { server: context.server, port: context.port },
  };
  const { cause = 'server-unreachable', harmless } = context.unreachable(context.port);
  const why = by === 'client' ? 'the client itself aborted the connection' : harmless;
  if (why !== undefined) return recorded({ ...parts, why, cause });
  return judged({
    ...parts,
    breach: {
      expected: `${context.server}:${context.port} accepts the connection`,
      actual: 'it answers with RST',
      cause,
    },
  });
}

function silentStep(context: TcpContext, atUs: number): StepDraft {
  const parts = { step: 'tcp.connect' as const, detail: { server: context.server, port: context.port } };
  const { cause = 'server-unreachable', harmless } = context.unreachable(context.port);
  if (harmless !== undefined)
    return recorded({ ...parts, from: context.since, at: { frame: 0, atUs }, why: harmless, cause });
  if (context.refusal)
    return judged({
      ...parts,
      ...refusedExchange(context.since, `${context.server}:${context.port} accepts the connection`, context.refusal),
    });
  return missed({
    ...parts,
    since: context.since,
    atUs,
    waitedFor: `${context.server}:${context.port} to accept the connection`,
    actual: 'no answer to SYN',
    cause,
  });
}

function resetStep(
  event: Sighting & { readonly by: string; readonly server: { readonly ip: string; readonly port: number } },
): StepDraft {
  return recorded({
    step: 'tcp.reset',
    at: event,
    detail: { server: event.server.ip, port: event.server.port, by: event.by },
    why: 'some stacks end a finished connection with RST; an unfinished exchange says so itself',
  });
}
