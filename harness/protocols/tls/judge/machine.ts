import { assign, setup } from 'xstate';
import { machineActions, step, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen, UNSEEN } from '../../base/judge/step.ts';
import type { TlsEvent } from '../observe/events.ts';
import type { Closed, TlsContext, TlsInput } from './context.ts';
import {
  alertStep,
  brokenStep,
  closedStep,
  cutStep,
  goneStep,
  handshakeStep,
  isCut,
  silentStep,
  transferStep,
  unexpectedStep,
  unfinishedStep,
  warningStep,
} from './steps.ts';
import type { TLS } from './vocabulary.ts';

const tlsSetup = setup({
  types: {
    context: {} as TlsContext,
    events: {} as MachineEvent<TlsEvent>,
    input: {} as TlsInput,
    meta: {} as WaitMeta<keyof typeof TLS.waits>,
  },
  actions: machineActions,
});

interface Ended {
  readonly context: TlsContext;
  readonly event: Closed;
}

/** Nobody can say what a server that is no store was asked for, nor whether the boot needs it. */
const isOther = ({ context }: { readonly context: TlsContext }): boolean => !context.isStore(context.port);
/** The capture ended, or what is told of it: nobody ended the connection. */
const isOpenEnd = ({ event }: Ended): boolean => event.by === undefined;

const CLOSED_ELSEWHERE = {
  guard: isOther,
  target: 'over',
  actions: step(({ context, event }: Ended) => closedStep(context, event)),
} as const;
const BROKEN = [
  CLOSED_ELSEWHERE,
  {
    guard: isOpenEnd,
    target: 'over',
    actions: step(({ context, event }: Ended) => unfinishedStep(context, event)),
  },
  { target: 'over', actions: step(({ context, event }: Ended) => brokenStep(context, event)) },
] as const;

/**
 * One TLS connection: its handshake, as far as it goes unencrypted, and its end. What it carries cannot be read, so that a
 * transfer is known by its volumes alone (decision 203).
 */
export const tlsMachine = tlsSetup.createMachine({
  id: 'tls',
  context: ({ input }) => ({
    ...input,
    since: UNSEEN,
    began: UNSEEN,
    server: '',
    port: 0,
    name: undefined,
    protocols: [],
    version: undefined,
    cipher: undefined,
    notSpoken: undefined,
    cut: undefined,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    'tls.alert': [
      {
        guard: ({ event }) => !event.fatal,
        actions: step(({ context, event }) => warningStep(context, event)),
      },
      { target: '.over', actions: step(({ context, event }) => alertStep(context, event)) },
    ],
    'tls.not-spoken': { actions: assign({ notSpoken: ({ event }) => event.begins }) },
    'tls.closed': { target: '.over' },
    '*': { actions: step(({ event }) => unexpectedStep(event)) },
  },
  states: {
    idle: {
      on: {
        'tls.client-hello': {
          target: 'offered',
          actions: assign(({ event }) => ({
            ...serverOf(event),
            since: seen(event),
            began: seen(event),
            name: event.serverName,
            protocols: event.protocols,
          })),
        },
        // A capture that begins with the server's answer.
        'tls.server-hello': {
          target: 'agreed',
          actions: assign(({ event }) => ({
            ...serverOf(event),
            since: seen(event),
            began: seen(event),
            version: event.version,
            cipher: event.cipher,
          })),
        },
      },
    },
    offered: {
      meta: { waitsFor: 'the server’s hello', budget: 'tls' },
      on: {
        'tls.server-hello': [
          // It wants another key, and answers the second hello.
          { guard: ({ event }) => event.retry, actions: assign(({ event }) => ({ since: seen(event) })) },
          {
            target: 'agreed',
            actions: assign(({ event }) => ({ since: seen(event), version: event.version, cipher: event.cipher })),
          },
        ],
        'tls.client-hello': { actions: assign(({ event }) => ({ since: seen(event) })) },
        // A capture without the server's hello.
        'tls.established': {
          target: 'open',
          actions: step(({ context, event }) => handshakeStep(context, event)),
        },
        'tls.closed': BROKEN,
        deadline: { target: 'over', actions: step(({ context, event }) => silentStep(context, event.atUs)) },
      },
    },
    agreed: {
      meta: { waitsFor: 'the end of the handshake', budget: 'tls' },
      on: {
        'tls.established': {
          target: 'open',
          actions: step(({ context, event }) => handshakeStep(context, event)),
        },
        'tls.closed': BROKEN,
        deadline: { target: 'over', actions: step(({ context, event }) => silentStep(context, event.atUs)) },
      },
    },
    // Silence says nothing: a connection may be kept for another request.
    open: {
      on: {
        'tls.closed': [
          CLOSED_ELSEWHERE,
          {
            guard: isOpenEnd,
            target: 'over',
            actions: step(({ context, event }) => unfinishedStep(context, event)),
          },
          {
            guard: ({ event }) => isCut(event),
            target: 'cut',
            actions: assign(({ event }) => ({ since: seen(event), cut: event })),
          },
          { target: 'over', actions: step(({ context, event }) => transferStep(context, event)) },
        ],
      },
    },
    cut: {
      meta: { waitsFor: 'the client to connect to the store again', budget: 'tls-retry' },
      on: {
        // Of another connection.
        'tls.client-hello': {
          target: 'over',
          actions: step(({ context }) => cutStep(context)),
        },
        deadline: { target: 'over', actions: step(({ context, event }) => goneStep(context, event.atUs)) },
      },
    },
    over: { on: { 'tls.closed': {}, 'tls.established': {} } },
  },
});

const serverOf = ({ server }: { readonly server: { readonly ip: string; readonly port: number } }) => ({
  server: server.ip,
  port: server.port,
});
