import { assign, setup } from 'xstate';
import { type MachineEvent, machineActions, step, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { seen, UNSEEN } from '../../base/judge/step.ts';
import type { MembershipEvent } from '../../igmp/observe/events.ts';
import type { MulticastEvent } from '../observe/events.ts';
import { REFUSED } from '../wire/message.ts';
import {
  abortedStep,
  announcedStep,
  askedAgainStep,
  asksOf,
  droppedStep,
  firstAsked,
  joinStep,
  leaveStep,
  leftBeforeStartStep,
  type MulticastContext,
  notLetInStep,
  notStartedStep,
  stalledStep,
  startStep,
  strayLeaveStep,
  transferStep,
  unfinishedStep,
  withGroup,
} from './steps.ts';
import { MULTICAST } from './vocabulary.ts';

const { recorded, unexpected } = stepBuilders('multicast', MULTICAST);

/**
 * One receiver of a multicast transfer: it asks, is let in, waits for the others, takes the image, leaves. Blocks and
 * slices are counted by the observer's meter.
 */
export const multicastMachine = setup({
  types: {
    context: {} as MulticastContext,
    input: {} as Pick<MulticastContext, 'planned'>,
    events: {} as MachineEvent<MulticastEvent | MembershipEvent>,
    meta: {} as WaitMeta<keyof typeof MULTICAST.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'multicast',
  context: ({ input: { planned } }) => ({
    planned,
    since: UNSEEN,
    server: '',
    asked: UNSEEN,
    underWay: false,
    late: false,
    joined: UNSEEN,
    group: '',
    groups: [],
    confirms: false,
    go: false,
    abandoned: false,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    'multicast.join-request': [
      { guard: ({ event }) => event.underWay, target: '.late', actions: assign(({ event }) => firstAsked(event)) },
      { target: '.asking', actions: assign(({ event }) => firstAsked(event)) },
    ],
    'multicast.join-reply': [
      {
        guard: ({ event }) => event.repeated,
        actions: step(({ event }) =>
          recorded({
            step: 'multicast.join-reply',
            at: event,
            detail: { server: event.server.ip },
            why: 'the same answer again',
          }),
        ),
      },
      {
        guard: ({ event }) => event.clientNumber === REFUSED,
        target: '.refused',
        actions: step(({ context, event }) => joinStep(context, event)),
      },
      {
        target: '.joined',
        actions: [
          step(({ context, event }) => joinStep(context, event)),
          assign(({ event }) => ({
            since: seen(event),
            joined: seen(event),
            server: event.server.ip,
            group: event.group,
          })),
        ],
      },
    ],
    'multicast.announced': {
      target: '.joined',
      actions: [
        step(({ context, event }) => announcedStep(context, event)),
        assign(({ event }) => ({ since: seen(event), joined: seen(event), server: event.server.ip })),
      ],
    },
    'multicast.first-data': {
      target: '.transferring',
      actions: [
        step(({ context, event }) => startStep(context, event)),
        assign(({ event }) => ({ since: seen(event) })),
      ],
    },
    // Counted by the meter; the transfer's step has the sums.
    'multicast.gap': {},
    'multicast.retransmission': {},
    'multicast.retransmit-request': {},
    'multicast.slice-confirmed': { actions: assign({ confirms: true }) },
    // Kernels say so just after the answer, and say it twice.
    'igmp.join': { actions: assign(({ context, event }) => ({ groups: withGroup(context, event.group) })) },
    'igmp.report': { actions: assign(({ context, event }) => ({ groups: withGroup(context, event.group) })) },
    'igmp.leave': {},
    'multicast.go': { actions: assign({ go: true }) },
    // Whoever waits for the rest of the image waits in vain, and fails as where a sender only falls silent.
    'multicast.abandoned': { actions: assign({ abandoned: true }) },
    'multicast.leave': { target: '.left', actions: step(({ event }) => strayLeaveStep(event)) },
    'multicast.unfinished': {
      target: '.stalled',
      actions: step(({ context, event }) => unfinishedStep(context, event)),
    },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    asking: {
      meta: { waitsFor: 'a sender’s answer', budget: 'multicast-join' },
      on: {
        'multicast.join-request': [
          {
            guard: ({ event }) => event.underWay,
            target: 'late',
            actions: [
              step(({ event }) => askedAgainStep(event)),
              assign(({ event }) => ({ ...asksOf(event), late: true, since: seen(event) })),
            ],
          },
          { actions: [step(({ event }) => askedAgainStep(event)), assign(({ event }) => asksOf(event))] },
        ],
        deadline: { target: 'silent', actions: step(({ context, event }) => notLetInStep(context, event.atUs)) },
      },
    },
    // A sender lets nobody in while it sends; who sends again lets it in then.
    late: {
      meta: { waitsFor: 'the end of the transfer to others', budget: 'transfer' },
      on: {
        'multicast.join-request': [
          {
            guard: ({ event }) => event.underWay,
            actions: [step(({ event }) => askedAgainStep(event)), assign(({ event }) => asksOf(event))],
          },
          {
            target: 'asking',
            actions: [
              step(({ event }) => askedAgainStep(event)),
              assign(({ event }) => ({ ...asksOf(event), since: seen(event) })),
            ],
          },
        ],
        deadline: { target: 'silent', actions: step(({ context, event }) => notLetInStep(context, event.atUs)) },
      },
    },
    joined: {
      meta: { waitsFor: 'the first block', budget: 'multicast-start' },
      on: {
        'multicast.join-request': {
          actions: step(({ event }) =>
            recorded({
              step: 'multicast.join-request',
              at: event,
              detail: { server: event.server.ip },
              why: 'asked again although it was let in: the answer was lost',
            }),
          ),
        },
        'multicast.leave': {
          target: 'left',
          actions: step(({ context, event }) => leftBeforeStartStep(context, event)),
        },
        deadline: { target: 'stalled', actions: step(({ context, event }) => notStartedStep(context, event.atUs)) },
      },
    },
    transferring: {
      meta: { waitsFor: 'the whole image', budget: 'transfer' },
      on: {
        'multicast.complete': {
          target: 'complete',
          actions: step(({ context, event }) => transferStep(context, event)),
        },
        'multicast.dropped': {
          target: 'dropped',
          actions: step(({ context, event }) => droppedStep(context, event)),
        },
        'multicast.leave': { target: 'left', actions: step(({ context, event }) => abortedStep(context, event)) },
        deadline: { target: 'stalled', actions: step(({ context, event }) => stalledStep(context, event.atUs)) },
      },
    },
    complete: {
      on: {
        'multicast.leave': { target: 'left', actions: step(({ event }) => leaveStep(event)) },
      },
    },
    silent: {},
    refused: {},
    dropped: {},
    stalled: {},
    left: {},
  },
});
