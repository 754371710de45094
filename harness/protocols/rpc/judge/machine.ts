import { assign, setup } from 'xstate';
import { rpcAnomalyStep } from './anomalies.ts';
import { isAsked, NO_CONVERSATION, type RpcContext, withBind, withCall, withoutCall } from './conversation.ts';
import {
  againStep,
  auth3Step,
  bindStep,
  cutStep,
  endpointStep,
  faultStep,
  owedStep,
  responseStep,
  silentStep,
  unaskedBindStep,
  wdsReplyStep,
  wdsRequestStep,
} from './steps.ts';
import { machineActions, step, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { RPC } from './vocabulary.ts';
import type { RpcEvent } from '../observe/events.ts';
import type { WdsEvent } from '../../wds/observe/events.ts';
import type { TcpEvent } from '../../tcp/observe/events.ts';
import type { NtlmEvent } from '../../ntlm/observe/events.ts';

const { recorded, unexpected } = stepBuilders('rpc', RPC);

const rpcSetup = setup({
  types: {
    context: {} as RpcContext,
    events: {} as MachineEvent<RpcEvent | WdsEvent | TcpEvent | NtlmEvent>,
    meta: {} as WaitMeta<keyof typeof RPC.waits>,
  },
  actions: machineActions,
});

/** One RPC connection: bind, alter-context, AUTH3, calls (MS-RPCE section 3.3; the reference trace's step 2). */
export const rpcMachine = rpcSetup.createMachine({
  id: 'rpc',
  context: NO_CONVERSATION,
  initial: 'idle',
  on: {
    deadline: {},
    'rpc.bind': { target: '.binding', actions: assign(({ event }) => withBind(event)) },
    'rpc.alter-context': { target: '.binding', actions: assign(({ event }) => withBind(event)) },
    'rpc.bind-answer': { actions: step(({ event }) => unaskedBindStep(event)) },
    'rpc.alter-context-answer': { actions: step(({ event }) => unaskedBindStep(event)) },
    'rpc.auth3': { actions: step(({ event }) => auth3Step(event)) },
    'rpc.request': [
      {
        guard: ({ context, event }) => isAsked(context, event),
        target: '.calling',
        actions: [step(({ event }) => againStep(event)), assign(({ context, event }) => withCall(context, event))],
      },
      { target: '.calling', actions: assign(({ context, event }) => withCall(context, event)) },
    ],
    'wds.request': {
      target: '.calling',
      actions: [step(({ event }) => wdsRequestStep(event)), assign(({ context, event }) => withCall(context, event))],
    },
    'rpc.response': {
      actions: [
        step(({ context, event }) => responseStep(context, event)),
        assign(({ context, event }) => withoutCall(context, event)),
      ],
    },
    'rpc.endpoint-map': {
      actions: [
        step(({ context, event }) => endpointStep(context, event)),
        assign(({ context, event }) => withoutCall(context, event)),
      ],
    },
    'wds.reply': {
      actions: [
        step(({ context, event }) => wdsReplyStep(context, event)),
        assign(({ context, event }) => withoutCall(context, event)),
      ],
    },
    'rpc.fault': {
      actions: [
        step(({ context, event }) => faultStep(context, event)),
        assign(({ context, event }) => withoutCall(context, event)),
      ],
    },
    'rpc.other': {
      actions: step(({ event }) =>
        recorded({
          step: 'rpc.other',
          at: event,
          detail: { name: event.name, by: event.by },
          why: 'a PDU that asks for nothing and answers nothing',
        }),
      ),
    },
    'rpc.anomaly': { actions: step(({ event }) => rpcAnomalyStep(event)) },
    // Only whether the credentials are the scenario's: the NTLM machine judges the exchange.
    'ntlm.*': {},
    'ntlm.authenticate': { actions: assign({ passwordFits: ({ event }) => event.passwordFits }) },
    'tcp.*': {},
    'tcp.closed': { target: '.over' },
    'tcp.reset': { target: '.over' },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    binding: {
      meta: { waitsFor: 'an answer to BIND or ALTER_CONTEXT', budget: 'rpc' },
      on: {
        'rpc.bind': { actions: step(({ event }) => againStep(event)) },
        'rpc.alter-context': { actions: step(({ event }) => againStep(event)) },
        // Calls that were under way before still wait for their answers.
        'rpc.bind-answer': {
          target: 'calling',
          actions: step(({ context, event }) => bindStep(context, event)),
        },
        'rpc.alter-context-answer': {
          target: 'calling',
          actions: step(({ context, event }) => bindStep(context, event)),
        },
        // A logon that the server cannot take is answered with a fault instead.
        'rpc.fault': {
          target: 'calling',
          actions: step(({ context, event }) => faultStep(context, event)),
        },
        'tcp.closed': {
          target: 'over',
          actions: step(({ context, event }) => cutStep(context.binding, context, event)),
        },
        'tcp.reset': {
          target: 'over',
          actions: step(({ context, event }) => cutStep(context.binding, context, event)),
        },
        deadline: {
          target: 'over',
          actions: step(({ context, event }) => silentStep(context.binding, context, event.atUs)),
        },
      },
    },
    ready: {},
    calling: {
      meta: { waitsFor: 'an answer to a call', budget: 'rpc' },
      always: { guard: ({ context }) => context.calls.length === 0, target: 'ready' },
      on: {
        'tcp.closed': {
          target: 'over',
          actions: step(({ context, event }) => cutStep(owedStep(context), context, event)),
        },
        'tcp.reset': {
          target: 'over',
          actions: step(({ context, event }) => cutStep(owedStep(context), context, event)),
        },
        deadline: {
          target: 'over',
          actions: step(({ context, event }) => silentStep(owedStep(context), context, event.atUs)),
        },
      },
    },
    over: {},
  },
});
