import { assign, setup } from 'xstate';
import {
  type DhcpRound,
  NO_ROUND,
  answersElsewhere,
  discovered,
  grantOf,
  isRepeatedOffer,
  offerBreach,
  offered,
  requested,
} from './round.ts';
import {
  ackStep,
  declineStep,
  discoverStep,
  missingStep,
  nakStep,
  offerStep,
  recordedMessage,
  requestStep,
} from './steps.ts';
import { machineActions, step, triedAgain, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { DHCP } from './vocabulary.ts';
import { refusalOf } from '../../icmp/judge/refusal.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { DhcpEvent } from '../observe/events.ts';

const { unexpected } = stepBuilders('dhcp', DHCP);

/** An answer that belongs to no question of the round changes nothing, whatever the state. */
const elsewhere = {
  guard: ({ context, event }: { context: DhcpRound; event: DhcpEvent }) =>
    answersElsewhere(context, event) !== undefined,
  actions: step(({ context, event }: { context: DhcpRound; event: DhcpEvent }) =>
    recordedMessage(event, answersElsewhere(context, event) ?? ''),
  ),
};

/**
 * One client's rounds for an address (RFC 2131 figure 5, seen from outside). One machine a client: it knows which round
 * is which.
 */
export const dhcpMachine = setup({
  types: {
    context: {} as DhcpRound,
    events: {} as MachineEvent<DhcpEvent | IcmpEvent>,
    meta: {} as WaitMeta<keyof typeof DHCP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'dhcp',
  context: NO_ROUND,
  initial: 'idle',
  on: {
    deadline: {},
    // A DISCOVER begins a round, whatever came before.
    'dhcp.discover': {
      target: '.selecting',
      actions: [
        assign(({ context, event }) => discovered(context, event, false)),
        step(({ context, event }) => discoverStep(context, event)),
      ],
    },
    'dhcp.request': {
      target: '.requesting',
      actions: [
        step(({ context, event }) => requestStep(context, event)),
        assign(({ context, event }) => requested(context, event)),
      ],
    },
    'dhcp.offer': [
      elsewhere,
      {
        actions: step(({ context, event }) =>
          offerBreach(context, event) && event.message.xid !== context.xid
            ? offerStep(context, event)
            : recordedMessage(event, 'a late offer: the client had already chosen'),
        ),
      },
    ],
    // What boot servers offer is the other machine's to judge; here it only explains a client that takes no address.
    'proxydhcp.offer': { actions: assign({ bootServerOffered: true, fruitless: false }) },
    'dhcp.ack': [
      elsewhere,
      {
        actions: step(({ context, event }) =>
          ackStep(context, event, {
            expected: 'an ACK only after a REQUEST',
            actual: 'no REQUEST is open',
            cause: 'dhcp-unasked-answer',
          }),
        ),
      },
    ],
    'dhcp.nak': { actions: step(({ event }) => recordedMessage(event, 'no REQUEST is open')) },
    'dhcp.decline': {
      target: '.idle',
      actions: step(({ context, event }) => declineStep(context, event)),
    },
    'dhcp.release': {
      target: '.idle',
      actions: step(({ event }) => recordedMessage(event, 'the client gives its address back')),
    },
    'dhcp.inform': {
      actions: [
        step(({ event }) => recordedMessage(event, 'asks for options only')),
        assign({ informed: ({ event }) => event.message.xid }),
      ],
    },
    // A client that renews its lease asks the server itself; the next REQUEST is to everybody.
    'icmp.unreachable': { actions: assign({ refusal: ({ context, event }) => refusalOf(event, context.refusal) }) },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    selecting: {
      meta: { waitsFor: 'an OFFER', budget: 'dhcp', ladder: 'discover' },
      on: {
        'dhcp.discover': {
          actions: [
            assign(({ context, event }) => discovered(context, event, true)),
            step(({ context, event }) => discoverStep(context, event)),
          ],
        },
        'dhcp.offer': [
          elsewhere,
          {
            guard: ({ context, event }) => offerBreach(context, event) !== undefined,
            actions: step(({ context, event }) => offerStep(context, event)),
          },
          {
            target: 'offered',
            actions: [
              step(({ context, event }) => offerStep(context, event)),
              assign(({ context, event }) => offered(context, event)),
            ],
          },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcp.offer', context, event.atUs)),
        },
      },
    },
    offered: {
      meta: { waitsFor: 'a REQUEST', budget: 'dhcp', ladder: 'discover-offered' },
      on: {
        'dhcp.discover': {
          actions: [
            assign(({ context, event }) => discovered(context, event, true)),
            step(({ context, event }) => discoverStep(context, event)),
          ],
        },
        'dhcp.offer': [
          elsewhere,
          {
            guard: ({ context, event }) => isRepeatedOffer(context, event) && event.message.xid === context.xid,
            actions: step(({ event }) =>
              recordedMessage(event, 'the same offer again: an answer to another DISCOVER, or a resend'),
            ),
          },
          {
            guard: ({ context, event }) => offerBreach(context, event) !== undefined,
            actions: step(({ context, event }) => offerStep(context, event)),
          },
          {
            actions: [
              step(({ context, event }) => offerStep(context, event)),
              assign(({ context, event }) => ({ ...offered(context, event), since: context.since })),
            ],
          },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcp.request', context, event.atUs)),
        },
      },
    },
    requesting: {
      meta: { waitsFor: 'an ACK', budget: 'dhcp', ladder: 'request' },
      on: {
        'dhcp.request': {
          guard: ({ context, event }) => event.message.xid === context.xid,
          actions: [
            step(({ event }) => recordedMessage(event, 'the REQUEST again before an answer came')),
            assign(({ context, event }) => ({ asked: seen(event), tries: triedAgain(context, event) })),
          ],
        },
        'dhcp.ack': [
          elsewhere,
          {
            guard: ({ context, event }) => event.message.xid !== context.xid,
            actions: step(({ context, event }) => ackStep(context, event)),
          },
          {
            target: 'bound',
            actions: [
              step(({ context, event }) => ackStep(context, event)),
              assign({ acknowledged: ({ event }) => grantOf(event) }),
            ],
          },
        ],
        'dhcp.nak': {
          target: 'refused',
          actions: step(({ context, event }) => nakStep(context, event)),
        },
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcp.ack', context, event.atUs)),
        },
      },
    },
    bound: {
      on: {
        'dhcp.request': {
          guard: ({ context, event }) => event.message.xid === context.xid && event.message.ciaddr === '0.0.0.0',
          actions: step(({ event }) => recordedMessage(event, 'the REQUEST again after the answer')),
        },
        'dhcp.ack': {
          guard: ({ context, event }) => grantOf(event) === context.acknowledged,
          actions: step(({ event }) => recordedMessage(event, 'the same ACK again')),
        },
      },
    },
    refused: {},
    // The wait has failed; what comes now is the answer that it wanted, too late.
    'given-up': {
      on: {
        'dhcp.ack': {
          guard: ({ context, event }) => event.message.xid === context.xid && context.requested !== '',
          actions: step(({ event }) => recordedMessage(event, 'an answer that came too late')),
        },
      },
    },
  },
});
