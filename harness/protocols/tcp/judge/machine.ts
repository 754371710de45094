import { assign, setup } from 'xstate';
import {
  type MachineEvent,
  type WaitMeta,
  type Waiting,
  UNSEEN,
  machineActions,
  seen,
  unexpectedStep,
} from '../../base/judge/machine-parts.ts';
import { judgedStep, missedStep, recordedStep, type Sighting, type StepDraft } from '../../base/judge/step.ts';

interface TcpContext extends Waiting {
  readonly server: string;
  readonly port: number;
}

/** SMB over NetBIOS: Windows clients try it beside 445 and drop the slower one. */
const NETBIOS_SESSION = 139;
const SMB = 445;
/** Endpoint mapper and WDS control, where Windows puts it. */
const CONTROL_SERVICE: readonly number[] = [135, 5040];

/** One TCP connection as far as it explains an application's silence (RFC 9293 figure 5, without the numbers). */
export const tcpMachine = setup({
  types: { context: {} as TcpContext, events: {} as MachineEvent, meta: {} as WaitMeta },
  actions: machineActions,
}).createMachine({
  id: 'tcp',
  context: { since: UNSEEN, server: '', port: 0 },
  initial: 'idle',
  on: {
    deadline: {},
    'tcp.syn': {
      target: '.opening',
      actions: assign(({ event }) => ({ since: seen(event), server: event.server.ip, port: event.server.port })),
    },
    'tcp.established': {
      target: '.open',
      actions: assign(({ event }) => ({ server: event.server.ip, port: event.server.port })),
    },
    'tcp.reset': { target: '.over', actions: { type: 'step', params: ({ event }) => resetStep(event) } },
    'tcp.closed': { target: '.over' },
    'tcp.disorder': {
      actions: {
        type: 'step',
        params: ({ event }) =>
          recordedStep({
            machine: 'tcp',
            step: 'tcp.disorder',
            at: event,
            detail: { server: event.server.ip, port: event.server.port, repeated: event.repeated, late: event.late },
            why: 'segments came twice or out of turn; TCP repaired it, and it took time',
          }),
      },
    },
    'tcp.lost': {
      actions: {
        type: 'step',
        params: ({ event }) =>
          recordedStep({
            machine: 'tcp',
            step: 'tcp.lost',
            at: event,
            detail: { server: event.server.ip, port: event.server.port, bytes: event.bytes, by: event.by },
            why: 'the capture missed these bytes; what they said was not judged',
          }),
      },
    },
    '*': { actions: { type: 'step', params: ({ event }) => unexpectedStep('tcp', event) } },
  },
  states: {
    idle: {},
    opening: {
      meta: { waitsFor: 'the server to accept the connection', budget: 'connect' },
      on: {
        'tcp.syn': {
          actions: {
            type: 'step',
            params: ({ context, event }) =>
              recordedStep({
                machine: 'tcp',
                step: 'tcp.syn',
                at: event,
                detail: { server: context.server, port: context.port },
                why: 'SYN again before an answer came',
              }),
          },
        },
        'tcp.established': {
          target: 'open',
          actions: {
            type: 'step',
            params: ({ context, event }) =>
              judgedStep({
                machine: 'tcp',
                step: 'tcp.connect',
                from: context.since,
                at: event,
                detail: { server: context.server, port: context.port },
              }),
          },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => refusedStep(context, event, event.by) },
        },
        deadline: {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => silentStep(context, event.atUs) },
        },
      },
    },
    open: {
      on: {
        'tcp.syn': {
          actions: {
            type: 'step',
            params: ({ context, event }) =>
              recordedStep({
                machine: 'tcp',
                step: 'tcp.syn',
                at: event,
                detail: { server: context.server, port: context.port },
                why: 'SYN again on an open connection',
              }),
          },
        },
        'tcp.established': {
          actions: {
            type: 'step',
            params: ({ event }) =>
              recordedStep({
                machine: 'tcp',
                step: 'tcp.established',
                at: event,
                detail: { server: event.server.ip, port: event.server.port },
                why: 'the connection was already open',
              }),
          },
        },
      },
    },
    over: {},
  },
});

function unreachableCause(context: TcpContext): string {
  if (context.port === SMB) return 'smb-unreachable';
  return CONTROL_SERVICE.includes(context.port) ? 'control-service-unreachable' : 'server-unreachable';
}

function refusedStep(context: TcpContext, event: Sighting, by: 'client' | 'server'): StepDraft {
  const parts = {
    machine: 'tcp',
    step: 'tcp.connect',
    from: context.since,
    at: event,
    detail: { server: context.server, port: context.port },
  };
  if (context.port === NETBIOS_SESSION || by === 'client')
    return recordedStep({
      ...parts,
      why: by === 'client' ? 'the client gave the connection up itself' : 'NetBIOS sessions are tried beside port 445',
      cause: unreachableCause(context),
    });
  return judgedStep({
    ...parts,
    breach: {
      expected: `${context.server}:${context.port} accepts the connection`,
      actual: 'it answers with RST',
      cause: unreachableCause(context),
    },
  });
}

function silentStep(context: TcpContext, atUs: number): StepDraft {
  const parts = { machine: 'tcp', step: 'tcp.connect', detail: { server: context.server, port: context.port } };
  if (context.port === NETBIOS_SESSION)
    return recordedStep({
      ...parts,
      from: context.since,
      at: { frame: 0, atUs },
      why: 'NetBIOS sessions are tried beside port 445',
      cause: unreachableCause(context),
    });
  return missedStep({
    ...parts,
    since: context.since,
    atUs,
    waitedFor: `${context.server}:${context.port} to accept the connection`,
    actual: 'no answer to SYN',
    cause: unreachableCause(context),
  });
}

function resetStep(
  event: Sighting & { readonly by: string; readonly server: { readonly ip: string; readonly port: number } },
): StepDraft {
  return recordedStep({
    machine: 'tcp',
    step: 'tcp.reset',
    at: event,
    detail: { server: event.server.ip, port: event.server.port, by: event.by },
    why: 'some stacks end a finished connection with RST; an unfinished exchange says so itself',
  });
}
