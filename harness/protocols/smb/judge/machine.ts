import { assign, enqueueActions, setup } from 'xstate';
import {
  type MachineEvent,
  type WaitMeta,
  machineActions,
  seen,
  unexpectedStep,
} from '../../base/judge/machine-parts.ts';
import { STATUS_MORE_PROCESSING_REQUIRED, STATUS_SUCCESS } from '../../base/judge/nt-status.ts';
import { userName } from '../../ntlm/judge/machine.ts';
import {
  isExpectedMiss,
  isLeftWithout,
  isRefusedFile,
  newSession,
  type SmbContext,
  type SmbInput,
  withLeg,
  withOpen,
  withoutOpen,
  withRead,
} from './session.ts';
import {
  closeStep,
  cutStep,
  gaveUpStep,
  isUnusualStatus,
  negotiateStep,
  openStep,
  otherRefusedStep,
  readRefusedStep,
  readStep,
  referralStep,
  sessionStep,
  silentStep,
  treeStep,
  unaskedSessionStep,
  unaskedTreeStep,
  renameStep,
  writeRefusedStep,
  writeStep,
} from './steps.ts';
import { recordedStep } from '../../base/judge/step.ts';

const smbSetup = setup({
  types: { context: {} as SmbContext, events: {} as MachineEvent, input: {} as SmbInput, meta: {} as WaitMeta },
  actions: machineActions,
});

/** One SMB connection: NEGOTIATE, SESSION_SETUP, TREE_CONNECT, then files (MS-SMB2 section 3.2.4). */
export const smbMachine = smbSetup.createMachine({
  id: 'smb',
  context: ({ input }) => newSession(input),
  initial: 'idle',
  on: {
    deadline: {},
    'smb.negotiate-request': {
      target: '.negotiating',
      actions: assign(({ event }) => ({
        since: seen(event),
        asked: seen(event),
        smb1: event.smb1,
        dialects: event.dialects,
      })),
    },
    'smb.session-setup-request': {
      target: '.authenticating',
      actions: assign(({ event }) => ({
        since: seen(event),
        asked: seen(event),
        setupFrames: [event.frame],
        authentication: event.authentication,
      })),
    },
    'smb.dfs-referral': { actions: { type: 'step', params: ({ event }) => referralStep(event) } },
    'smb.tree-connect-response': {
      actions: { type: 'step', params: ({ context, event }) => unaskedTreeStep(context, event) },
    },
    'smb.open': {
      actions: [
        { type: 'step', params: ({ context, event }) => openStep(context, event) },
        assign(({ context, event }) => withOpen(context, event)),
      ],
    },
    'smb.first-read': [
      {
        guard: ({ context, event }) => !(event.fileId in context.opens),
        actions: [
          {
            type: 'step',
            params: ({ event }) =>
              recordedStep({
                machine: 'smb',
                step: 'smb.first-read',
                at: event,
                detail: { path: event.path, share: event.share },
                why: 'a file whose opening the capture does not hold',
              }),
          },
          assign(({ context, event }) => withRead(context, event)),
        ],
      },
      { actions: assign(({ context, event }) => withRead(context, event)) },
    ],
    // The upload machine judges what is written to an image, and what becomes of it.
    'smb.first-write': {},
    'smb.write-refused': { actions: { type: 'step', params: ({ event }) => writeRefusedStep(event) } },
    'smb.rename': { actions: { type: 'step', params: ({ event }) => renameStep(event) } },
    'smb.write': { actions: { type: 'step', params: ({ event }) => writeStep(event) } },
    'smb.read-refused': { actions: { type: 'step', params: ({ event }) => readRefusedStep(event) } },
    'smb.close': {
      actions: [
        enqueueActions(({ context, event, enqueue }) => {
          const read = readStep(context, event);
          if (read) enqueue({ type: 'step', params: read });
          enqueue({ type: 'step', params: closeStep(event) });
        }),
        assign(({ context, event }) => withoutOpen(context, event.fileId)),
      ],
    },
    // An open that was never closed: the client was switched off, or the capture ended.
    'smb.unfinished': {
      actions: [
        enqueueActions(({ context, event, enqueue }) => {
          const read = readStep(context, event);
          if (read) enqueue({ type: 'step', params: read });
          enqueue({
            type: 'step',
            params: recordedStep({
              machine: 'smb',
              step: 'smb.unfinished',
              at: event,
              detail: { path: event.path, share: event.share },
              why: `never closed: ${event.reason}`,
            }),
          });
        }),
        assign(({ context, event }) => withoutOpen(context, event.fileId)),
      ],
    },
    'smb.opaque': {
      actions: {
        type: 'step',
        params: ({ event }) =>
          recordedStep({
            machine: 'smb',
            step: 'smb.opaque',
            at: event,
            detail: { reason: event.why },
            why: `what follows on this connection is ${event.why} and cannot be judged`,
          }),
      },
    },
    'smb.other': [
      {
        guard: ({ event }) => isUnusualStatus(event.status),
        actions: { type: 'step', params: ({ event }) => otherRefusedStep(event) },
      },
      {},
    ],
    'smb.anomaly': {
      actions: {
        type: 'step',
        params: ({ event }) =>
          recordedStep({
            machine: 'smb',
            step: 'smb.anomaly',
            at: event,
            detail: { reason: event.reason },
            why: 'a message that does not fit those before it; whether the other side minded shows in its answer',
          }),
      },
    },
    'smb.retried': {
      actions: {
        type: 'step',
        params: ({ event }) =>
          recordedStep({
            machine: 'smb',
            step: 'smb.retried',
            at: event,
            detail: { reason: event.reason },
            why: 'a message id used twice',
          }),
      },
    },
    // Only whose credentials they are: the NTLM machine judges them.
    'ntlm.*': {},
    'ntlm.authenticate': {
      actions: assign({ user: ({ event }) => (event.anonymous ? '' : userName(event.domain, event.user)) }),
    },
    'tcp.*': {},
    'tcp.closed': { target: '.over' },
    'tcp.reset': { target: '.over' },
    '*': { actions: { type: 'step', params: ({ event }) => unexpectedStep('smb', event) } },
  },
  states: {
    idle: {
      on: {
        'smb.tree-connect-request': {
          target: 'connecting-tree',
          actions: assign(({ event }) => ({
            since: seen(event),
            asked: seen(event),
            treePath: event.path,
            treesAsked: 1,
          })),
        },
      },
    },
    negotiating: {
      meta: { waitsFor: 'an answer to NEGOTIATE', budget: 'smb' },
      on: {
        'smb.negotiate-request': {
          actions: {
            type: 'step',
            params: ({ event }) =>
              recordedStep({
                machine: 'smb',
                step: 'smb.negotiate-request',
                at: event,
                detail: {},
                why: 'asked again before an answer came',
              }),
          },
        },
        'smb.negotiate-response': {
          target: 'negotiated',
          actions: [
            { type: 'step', params: ({ context, event }) => negotiateStep(context, event) },
            assign(({ event }) => ({ since: seen(event), dialect: event.wildcard ? '' : event.dialect })),
          ],
        },
        'tcp.closed': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.negotiate', context, event) },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.negotiate', context, event) },
        },
        deadline: {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => silentStep('smb.negotiate', context, event.atUs) },
        },
      },
    },
    negotiated: {},
    authenticating: {
      meta: { waitsFor: 'an answer to SESSION_SETUP', budget: 'smb' },
      on: {
        'smb.session-setup-request': {
          actions: {
            type: 'step',
            params: ({ event }) =>
              recordedStep({
                machine: 'smb',
                step: 'smb.session-setup-request',
                at: event,
                detail: {},
                why: 'asked again before an answer came',
              }),
          },
        },
        'smb.session-setup-response': [
          {
            guard: ({ event }) => event.status === STATUS_MORE_PROCESSING_REQUIRED,
            target: 'challenged',
            actions: assign(({ context, event }) => withLeg(context, event)),
          },
          {
            guard: ({ event }) => event.status === STATUS_SUCCESS,
            target: 'ready',
            actions: { type: 'step', params: ({ context, event }) => sessionStep(context, event) },
          },
          {
            target: 'negotiated',
            actions: { type: 'step', params: ({ context, event }) => sessionStep(context, event) },
          },
        ],
        'tcp.closed': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.session-setup', context, event) },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.session-setup', context, event) },
        },
        deadline: {
          target: 'over',
          actions: {
            type: 'step',
            params: ({ context, event }) => silentStep('smb.session-setup', context, event.atUs),
          },
        },
      },
    },
    // The server wants another leg: with NTLM it has sent its challenge.
    challenged: {
      meta: { waitsFor: 'the client to go on with SESSION_SETUP', budget: 'smb' },
      on: {
        'smb.session-setup-request': {
          target: 'authenticating',
          actions: assign(({ context, event }) => withLeg(context, event)),
        },
        'smb.session-setup-response': [
          {
            guard: ({ event }) => event.status === STATUS_MORE_PROCESSING_REQUIRED,
            actions: {
              type: 'step',
              params: ({ event }) =>
                recordedStep({
                  machine: 'smb',
                  step: 'smb.session-setup-response',
                  at: event,
                  detail: { status: event.statusName },
                  why: 'the same answer again',
                }),
            },
          },
          {
            target: 'ready',
            actions: { type: 'step', params: ({ context, event }) => unaskedSessionStep(context, event) },
          },
        ],
        'tcp.closed': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.session-setup', context, event) },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.session-setup', context, event) },
        },
        deadline: {
          target: 'over',
          actions: {
            type: 'step',
            params: ({ context, event }) => silentStep('smb.session-setup', context, event.atUs),
          },
        },
      },
    },
    ready: {
      on: {
        'smb.tree-connect-request': {
          target: 'connecting-tree',
          actions: assign(({ event }) => ({
            since: seen(event),
            asked: seen(event),
            treePath: event.path,
            treesAsked: 1,
          })),
        },
        'smb.open': [
          {
            guard: ({ context, event }) =>
              isRefusedFile(event) && isLeftWithout(context, event.path) && !isExpectedMiss(context, event),
            target: 'searching',
            actions: [
              { type: 'step', params: ({ context, event }) => openStep(context, event) },
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
          {
            actions: [
              { type: 'step', params: ({ context, event }) => openStep(context, event) },
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
        ],
      },
    },
    'connecting-tree': {
      meta: { waitsFor: 'an answer to TREE_CONNECT', budget: 'smb' },
      on: {
        'smb.tree-connect-request': [
          {
            guard: ({ context, event }) => event.path !== context.treePath,
            actions: assign(({ context, event }) => ({ treePath: event.path, treesAsked: context.treesAsked + 1 })),
          },
          {
            actions: {
              type: 'step',
              params: ({ event }) =>
                recordedStep({
                  machine: 'smb',
                  step: 'smb.tree-connect-request',
                  at: event,
                  detail: { path: event.path },
                  why: 'asked again before an answer came',
                }),
            },
          },
        ],
        'smb.tree-connect-response': [
          {
            guard: ({ context }) => context.treesAsked > 1,
            actions: [
              { type: 'step', params: ({ context, event }) => treeStep(context, event) },
              assign({ treesAsked: ({ context }) => context.treesAsked - 1 }),
            ],
          },
          { target: 'ready', actions: { type: 'step', params: ({ context, event }) => treeStep(context, event) } },
        ],
        'tcp.closed': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.tree-connect', context, event) },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => cutStep('smb.tree-connect', context, event) },
        },
        deadline: {
          target: 'over',
          actions: {
            type: 'step',
            params: ({ context, event }) => silentStep('smb.tree-connect', context, event.atUs),
          },
        },
      },
    },
    // The client did not get the file that it needs, and has opened no other since.
    searching: {
      meta: { waitsFor: 'the client to find another file', budget: 'smb-search' },
      on: {
        'smb.tree-connect-request': {
          target: 'connecting-tree',
          actions: assign(({ event }) => ({
            since: seen(event),
            asked: seen(event),
            treePath: event.path,
            treesAsked: 1,
          })),
        },
        'smb.open': [
          {
            guard: ({ event }) => event.status === STATUS_SUCCESS && !event.directory,
            target: 'ready',
            actions: [
              { type: 'step', params: ({ context, event }) => openStep(context, event) },
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
          {
            actions: [
              { type: 'step', params: ({ context, event }) => openStep(context, event) },
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
        ],
        'tcp.closed': {
          target: 'over',
          actions: {
            type: 'step',
            params: ({ context, event }) => gaveUpStep(context, event, 'closed the connection'),
          },
        },
        'tcp.reset': {
          target: 'over',
          actions: { type: 'step', params: ({ context, event }) => gaveUpStep(context, event, 'reset the connection') },
        },
        deadline: {
          target: 'ready',
          actions: {
            type: 'step',
            params: ({ context, event }) =>
              gaveUpStep(context, { frame: context.since.frame, atUs: event.atUs }, 'asked for nothing more'),
          },
        },
      },
    },
    over: {},
  },
});
