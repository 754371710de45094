import { assign, enqueueActions } from 'xstate';
import { smbAnomalyStep } from './anomalies.ts';
import { STATUS_SUCCESS } from '../../base/judge/nt-status.ts';
import { userName } from '../../ntlm/judge/machine.ts';
import {
  isExpectedMiss,
  isLeftWithout,
  isRefusedFile,
  newSession,
  withOpen,
  withoutOpen,
  withRead,
} from './session.ts';
import {
  closeStep,
  cutStep,
  gaveUpStep,
  isUnusualStatus,
  openStep,
  otherRefusedStep,
  readRefusedStep,
  readStep,
  referralStep,
  silentStep,
  smb1Step,
  treeStep,
  unfinishedStep,
  unaskedTreeStep,
  renameStep,
  writeRefusedStep,
  writeStep,
} from './steps.ts';
import { step } from '../../base/judge/machine-parts.ts';
import { seen } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { smbSetup } from './machine-setup.ts';
import { authenticating, challenged, negotiating } from './session-states.ts';
import { SMB } from './vocabulary.ts';

const { recorded, unexpected } = stepBuilders('smb', SMB);

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
    // Its question is missing from the capture.
    'smb.smb1-response': { target: '.smb1', actions: step(({ context, event }) => smb1Step(context, event)) },
    'smb.session-setup-request': {
      target: '.authenticating',
      actions: assign(({ event }) => ({
        since: seen(event),
        asked: seen(event),
        setupFrames: [event.frame],
        authentication: event.authentication,
      })),
    },
    'smb.dfs-referral': { actions: step(({ event }) => referralStep(event)) },
    'smb.tree-connect-response': {
      actions: step(({ context, event }) => unaskedTreeStep(context, event)),
    },
    'smb.open': {
      actions: [
        step(({ context, event }) => openStep(context, event)),
        assign(({ context, event }) => withOpen(context, event)),
      ],
    },
    'smb.first-read': [
      {
        guard: ({ context, event }) => !(event.fileId in context.opens),
        actions: [
          step(({ event }) =>
            recorded({
              step: 'smb.first-read',
              at: event,
              detail: { path: event.path, share: event.share },
              why: 'a file whose opening is missing from the capture',
            }),
          ),
          assign(({ context, event }) => withRead(context, event)),
        ],
      },
      { actions: assign(({ context, event }) => withRead(context, event)) },
    ],
    // The upload machine judges what is written to an image, and what becomes of it.
    'smb.first-write': {},
    'smb.write-refused': { actions: step(({ event }) => writeRefusedStep(event)) },
    'smb.rename': { actions: step(({ event }) => renameStep(event)) },
    'smb.write': { actions: step(({ event }) => writeStep(event)) },
    'smb.read-refused': { actions: step(({ event }) => readRefusedStep(event)) },
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
          enqueue({ type: 'step', params: unfinishedStep(event) });
        }),
        assign(({ context, event }) => withoutOpen(context, event.fileId)),
      ],
    },
    'smb.opaque': {
      actions: step(({ event }) =>
        recorded({
          step: 'smb.opaque',
          at: event,
          detail: { reason: event.why },
          why: `what follows on this connection is ${event.why} and cannot be judged`,
        }),
      ),
    },
    'smb.other': [
      {
        guard: ({ event }) => isUnusualStatus(event.status),
        actions: step(({ event }) => otherRefusedStep(event)),
      },
      {},
    ],
    'smb.anomaly': { actions: step(({ event }) => smbAnomalyStep(event)) },
    // Only whose credentials they are: the NTLM machine judges them.
    'ntlm.*': {},
    'ntlm.authenticate': {
      actions: assign({ user: ({ event }) => (event.anonymous ? '' : userName(event.domain, event.user)) }),
    },
    'tcp.*': {},
    'tcp.closed': { target: '.over' },
    'tcp.reset': { target: '.over' },
    '*': { actions: step(({ event }) => unexpected(event)) },
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
    negotiating,
    negotiated: {},
    // What both sides say in SMB1 is not judged.
    smb1: { on: { 'smb.other': {} } },
    authenticating,
    challenged,
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
              step(({ context, event }) => openStep(context, event)),
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
          {
            actions: [
              step(({ context, event }) => openStep(context, event)),
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
            actions: step(({ event }) =>
              recorded({
                step: 'smb.tree-connect-request',
                at: event,
                detail: { path: event.path },
                why: 'asked again before an answer came',
              }),
            ),
          },
        ],
        'smb.tree-connect-response': [
          {
            guard: ({ context }) => context.treesAsked > 1,
            actions: [
              step(({ context, event }) => treeStep(context, event)),
              assign({ treesAsked: ({ context }) => context.treesAsked - 1 }),
            ],
          },
          { target: 'ready', actions: step(({ context, event }) => treeStep(context, event)) },
        ],
        'tcp.closed': {
          target: 'over',
          actions: step(({ context, event }) => cutStep('smb.tree-connect', context, event)),
        },
        'tcp.reset': {
          target: 'over',
          actions: step(({ context, event }) => cutStep('smb.tree-connect', context, event)),
        },
        deadline: {
          target: 'over',
          actions: step(({ context, event }) => silentStep('smb.tree-connect', context, event.atUs)),
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
              step(({ context, event }) => openStep(context, event)),
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
          {
            actions: [
              step(({ context, event }) => openStep(context, event)),
              assign(({ context, event }) => withOpen(context, event)),
            ],
          },
        ],
        'tcp.closed': {
          target: 'over',
          actions: step(({ context, event }) => gaveUpStep(context, event, 'closed the connection')),
        },
        'tcp.reset': {
          target: 'over',
          actions: step(({ context, event }) => gaveUpStep(context, event, 'reset the connection')),
        },
        deadline: {
          target: 'ready',
          actions: step(({ context, event }) =>
            gaveUpStep(context, { frame: context.since.frame, atUs: event.atUs }, 'asked for nothing more'),
          ),
        },
      },
    },
    over: {},
  },
});
