import { assign, setup } from 'xstate';
import { type LoadingInput } from '../../base/judge/loading.ts';
import { type MachineEvent, type WaitMeta, machineActions, step, triedAgain } from '../../base/judge/machine-parts.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { seen, type Sighting, type StepDraft, UNSEEN } from '../../base/judge/step.ts';
import { refusalOf } from '../../icmp/judge/refusal.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TftpSide } from '../observe/anomaly.ts';
import type { TftpEvent } from '../observe/events.ts';
import { tftpAnomalyStep } from './anomalies.ts';
import {
  errorStep,
  harmlessMissStep,
  hopelessStep,
  isHarmlessMiss,
  isSizeProbe,
  lateOptionAckStep,
  optionAckStep,
  readRequestStep,
  sizeProbeStep,
  strayOptionAckStep,
  type TransferContext,
  transferStep,
  unfinishedStep,
} from './steps.ts';
import { TFTP } from './vocabulary.ts';

const { recorded, missed, unexpected } = stepBuilders('tftp', TFTP);

/**
 * One TFTP transfer: read request, options, data, end (RFC 1350, 2347, 2348, 2349, 7440). Blocks are counted by the
 * observer's meter.
 */
export const tftpMachine = setup({
  types: {
    context: {} as TransferContext,
    events: {} as MachineEvent<TftpEvent | IcmpEvent>,
    input: {} as LoadingInput,
    meta: {} as WaitMeta<keyof typeof TFTP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'tftp',
  context: ({ input }) => ({
    ...input,
    since: UNSEEN,
    transfer: '',
    refusal: undefined,
    rollOver: undefined,
    path: '',
    server: '',
    mode: '',
    asked: UNSEEN,
    options: [],
    granted: undefined,
    firstData: UNSEEN,
    program: undefined,
    retransmissions: 0,
    repeated: undefined,
    gaps: 0,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    'tftp.read-request': {
      actions: step(({ event }) => sameRequestStep(event)),
    },
    'tftp.option-ack': {
      actions: [
        step(({ event }) => strayOptionAckStep(event)),
        assign(({ context, event }) => (event.repeated ? again(context, { ...event, block: 0, by: 'server' }) : {})),
      ],
    },
    'tftp.retransmission': { actions: assign(({ context, event }) => again(context, event)) },
    // A transfer that the wire shows twice begins and ends twice; its meter has counted the blocks that came again.
    'tftp.first-data': {},
    'tftp.complete': {},
    'tftp.gap': { actions: assign({ gaps: ({ context }) => context.gaps + 1 }) },
    'tftp.unfinished': {
      target: '.stalled',
      actions: step(({ context, event }) => unfinishedStep(context, event)),
    },
    // Says why no answer comes, unless one comes after all: the client may ask again, and be answered.
    'icmp.unreachable': { actions: assign({ refusal: ({ context, event }) => refusalOf(event, context.refusal) }) },
    'tftp.anomaly': {
      actions: [
        step(({ event }) => tftpAnomalyStep(event)),
        assign({
          rollOver: ({ context, event: { anomaly, frame, atUs } }) =>
            anomaly.kind === 'stalled-at-rollover' ? { ...anomaly, frame, atUs } : context.rollOver,
        }),
      ],
    },
    'tftp.write-request': {
      actions: step(({ event }) =>
        recorded({
          step: 'tftp.write-request',
          at: event,
          detail: { path: event.filename },
          why: 'a client that writes; boots only read',
        }),
      ),
    },
    '*': {
      actions: step(({ event }) => unexpected(event, 'filename' in event ? { path: event.filename } : {})),
    },
  },
  states: {
    idle: {
      on: {
        'tftp.read-request': {
          target: 'requested',
          actions: [
            step(({ context, event }) => readRequestStep(context, event)),
            assign(({ event }) => ({
              since: seen(event),
              tries: [seen(event)],
              asked: seen(event),
              transfer: event.transfer,
              path: event.filename,
              server: event.server.ip,
              mode: event.mode,
              options: event.options,
            })),
          ],
        },
      },
    },
    requested: {
      meta: { waitsFor: 'the first answer of the TFTP server', budget: 'tftp', ladder: 'read-request' },
      on: {
        'tftp.read-request': {
          actions: [
            step(({ event }) => sameRequestStep(event)),
            assign({ tries: ({ context, event }) => triedAgain(context, event) }),
          ],
        },
        'tftp.option-ack': {
          target: 'negotiated',
          actions: [
            step(({ context, event }) => optionAckStep(context, event)),
            assign(({ event }) => ({ since: seen(event), tries: [], granted: event.options, refusal: undefined })),
          ],
        },
        'tftp.first-data': {
          target: 'transferring',
          actions: assign(({ event }) => ({
            since: seen(event),
            tries: [],
            firstData: seen(event),
            program: event.program,
            refusal: undefined,
          })),
        },
        'tftp.error': [
          {
            guard: ({ context, event }) => isHarmlessMiss(context, event),
            target: 'refused',
            actions: step(({ context, event }) => harmlessMissStep(context, event)),
          },
          { target: 'refused', actions: step(({ context, event }) => errorStep(context, event)) },
        ],
        deadline: {
          target: 'stalled',
          actions: [
            step(
              ({ context, event }) =>
                hopelessStep(context) ??
                missed({
                  step: 'tftp.read-request',
                  since: context.asked,
                  atUs: event.atUs,
                  detail: { path: context.path, server: context.server },
                  waitedFor: `an answer from ${context.server}`,
                  actual: 'silence',
                  cause: 'tftp-silent',
                }),
            ),
            assign({ refusal: undefined, rollOver: undefined }),
          ],
        },
      },
    },
    negotiated: {
      meta: { waitsFor: 'the first block', budget: 'tftp', ladder: 'transfer-ack' },
      on: {
        'tftp.first-data': {
          target: 'transferring',
          actions: assign(({ event }) => ({
            since: seen(event),
            tries: [],
            firstData: seen(event),
            program: event.program,
            refusal: undefined,
          })),
        },
        'tftp.error': [
          {
            guard: ({ context, event }) => isSizeProbe(context, event),
            target: 'probed',
            actions: step(({ context, event }) => sizeProbeStep(context, event)),
          },
          { target: 'refused', actions: step(({ context, event }) => errorStep(context, event)) },
        ],
        deadline: {
          target: 'stalled',
          actions: [
            step(({ context, event }) => stalledStep(context, event.atUs, 'no block after the options')),
            assign({ refusal: undefined, rollOver: undefined }),
          ],
        },
      },
    },
    transferring: {
      meta: { waitsFor: 'the last block', budget: 'transfer', ladder: 'transfer-ack' },
      on: {
        'tftp.option-ack': [
          {
            guard: ({ event }) => event.repeated,
            actions: step(({ event }) => strayOptionAckStep(event)),
          },
          { actions: step(({ context, event }) => lateOptionAckStep(context, event)) },
        ],
        'tftp.complete': {
          target: 'complete',
          actions: step(({ context, event }) => transferStep(context, event)),
        },
        'tftp.error': [
          {
            guard: ({ context, event }) => isSizeProbe(context, event),
            target: 'probed',
            actions: step(({ context, event }) => sizeProbeStep(context, event)),
          },
          { target: 'refused', actions: step(({ context, event }) => errorStep(context, event)) },
        ],
        deadline: {
          target: 'stalled',
          actions: [
            step(({ context, event }) =>
              stalledStep(context, event.atUs, `unfinished, ${context.retransmissions} retransmissions`),
            ),
            assign({ refusal: undefined, rollOver: undefined }),
          ],
        },
      },
    },
    complete: {
      on: {
        'tftp.retransmission': {
          actions: step(({ event }) =>
            recorded({
              step: 'tftp.retransmission',
              at: event,
              detail: { path: event.filename, block: event.block, by: event.by },
              why: 'again after the transfer was complete',
            }),
          ),
        },
      },
    },
    probed: {},
    refused: {},
    stalled: {},
  },
});

function sameRequestStep(event: Sighting & { readonly filename: string }): StepDraft {
  return recorded({
    step: 'tftp.read-request',
    at: event,
    detail: { path: event.filename },
    why: 'the same request again',
  });
}

/**
 * A block or its acknowledgement came again: how often in a row. An option acknowledgement counts as block 0. The
 * client's are its tries to get the next block.
 */
function again(
  context: TransferContext,
  event: Sighting & { readonly block: number; readonly by: TftpSide },
): Pick<TransferContext, 'retransmissions' | 'repeated' | 'tries'> {
  const { repeated, retransmissions, tries = [] } = context;
  const { block, by } = event;
  const isSame = repeated?.block === block;
  const before = isSame ? context : { ...context, tries: [] };
  return {
    retransmissions: retransmissions + 1,
    repeated: { block, times: isSame ? repeated.times + 1 : 1 },
    tries: by === 'client' ? triedAgain(before, event) : tries,
  };
}

function stalledStep(context: TransferContext, atUs: number, actual: string): StepDraft {
  return (
    hopelessStep(context) ??
    missed({
      step: 'tftp.transfer',
      since: context.since,
      atUs,
      detail: { path: context.path, server: context.server, repeats: context.repeated?.times ?? 0 },
      waitedFor: `“${context.path}” to be complete`,
      actual,
      cause: 'transfer-stalled',
    })
  );
}
