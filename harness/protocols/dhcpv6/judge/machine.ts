import { assign, setup } from 'xstate';
import { machineActions, step, triedAgain, type MachineEvent, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { Dhcpv6Event } from '../observe/events.ts';
import {
  answerBreach,
  answersElsewhere,
  advertised,
  aside,
  begun,
  givenBreach,
  grantOf,
  NO_EXCHANGE,
  offerOf,
  replyBreach,
  requested,
  type Exchange,
} from './exchange.ts';
import { isRapidCommit, refusalOf } from './facts.ts';
import {
  advertiseStep,
  declineStep,
  informationStep,
  missingStep,
  recordedMessage,
  replyStep,
  requestStep,
  solicitStep,
} from './steps.ts';
import { DHCPV6 } from './vocabulary.ts';

const { unexpected } = stepBuilders('dhcpv6', DHCPV6);

type Event = MachineEvent<Dhcpv6Event>;
interface Args<T extends Dhcpv6Event['type']> {
  readonly context: Exchange;
  readonly event: Extract<Event, { readonly type: T }>;
}

/** An answer that belongs to no question of the exchange changes nothing, whatever the state. */
const elsewhere = {
  guard: ({ context, event }: Args<'dhcpv6.advertise' | 'dhcpv6.reply'>) =>
    answersElsewhere(context, event) !== undefined,
  actions: step(({ context, event }: Args<'dhcpv6.advertise' | 'dhcpv6.reply'>) =>
    recordedMessage(context, event, answersElsewhere(context, event) ?? ''),
  ),
};

type Aside = Args<'dhcpv6.confirm' | 'dhcpv6.renew' | 'dhcpv6.rebind' | 'dhcpv6.release'>;

/** A message whose REPLY says nothing that the boot waits for. */
const told = (why: string) => step(({ context, event }: Aside) => recordedMessage(context, event, why));
const setAside = ({ context, event }: Aside): Exchange =>
  aside(context, event, event.type.slice('dhcpv6.'.length).toUpperCase());

const isSoundOffer = ({ context, event }: Args<'dhcpv6.advertise'>): boolean =>
  answerBreach(context, event) === undefined &&
  givenBreach(context, event) === undefined &&
  refusalOf(event.message) === undefined;

const isSoundReply = ({ context, event }: Args<'dhcpv6.reply'>): boolean =>
  replyBreach(context, event) === undefined && refusalOf(event.message) === undefined;

/**
 * One client's exchange for one identity association, or for settings alone (RFC 8415 section 18.2, seen from outside).
 * A firmware has several: its boot's, and its network stack's own.
 */
export const dhcpv6Machine = setup({
  types: {
    context: {} as Exchange,
    events: {} as Event,
    meta: {} as WaitMeta<keyof typeof DHCPV6.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'dhcpv6',
  context: NO_EXCHANGE,
  initial: 'idle',
  on: {
    deadline: {},
    // A SOLICIT begins an exchange, whatever came before.
    'dhcpv6.solicit': {
      target: '.soliciting',
      actions: [
        assign(({ context, event }) => begun(context, event, false, 'SOLICIT')),
        step(({ context, event }) => solicitStep(context, event)),
      ],
    },
    'dhcpv6.information-request': {
      target: '.informing',
      actions: [
        assign(({ context, event }) => begun(context, event, false, 'INFORMATION-REQUEST')),
        step(({ context, event }) => informationStep(context, event)),
      ],
    },
    'dhcpv6.request': {
      target: '.requesting',
      actions: [
        step(({ context, event }) => requestStep(context, event)),
        assign(({ context, event }) => requested(context, event)),
      ],
    },
    'dhcpv6.advertise': [
      elsewhere,
      {
        actions: step(({ context, event }) =>
          recordedMessage(context, event, 'a late offer: the client had already chosen'),
        ),
      },
    ],
    'dhcpv6.reply': [
      elsewhere,
      {
        actions: step(({ context, event }) =>
          replyStep(context, event, {
            expected: 'a REPLY only after a REQUEST',
            actual: 'no REQUEST is open',
            cause: 'dhcpv6-unasked-answer',
          }),
        ),
      },
    ],
    'dhcpv6.release': { actions: [told('the client gives its address back'), assign(setAside)] },
    'dhcpv6.renew': { actions: [told('the client extends its lease'), assign(setAside)] },
    'dhcpv6.rebind': { actions: [told('the client asks any server to extend its lease'), assign(setAside)] },
    'dhcpv6.confirm': { actions: [told('the client asks whether its address fits this link'), assign(setAside)] },
    'dhcpv6.decline': {
      target: '.idle',
      actions: [
        step(({ context, event }) => declineStep(context, event)),
        assign(({ context, event }) => aside(context, event, 'DECLINE')),
      ],
    },
    'dhcpv6.reconfigure': {
      actions: step(({ context, event }) => recordedMessage(context, event, 'the server wants the client to ask anew')),
    },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    soliciting: {
      meta: { waitsFor: 'an ADVERTISE', budget: 'dhcp', ladder: 'solicit' },
      on: {
        'dhcpv6.solicit': {
          actions: [
            assign(({ context, event }) => begun(context, event, true, 'SOLICIT')),
            step(({ context, event }) => solicitStep(context, event)),
          ],
        },
        'dhcpv6.advertise': [
          elsewhere,
          {
            guard: isSoundOffer,
            target: 'advertised',
            actions: [
              step(({ context, event }) => advertiseStep(context, event)),
              assign(({ context, event }) => advertised(context, event)),
            ],
          },
          { actions: step(({ context, event }) => advertiseStep(context, event)) },
        ],
        // Rapid commit: the address at once (RFC 8415 section 18.2.1).
        'dhcpv6.reply': [
          elsewhere,
          {
            guard: ({ context, event }) => isRapidCommit(event.message) && isSoundReply({ context, event }),
            target: 'bound',
            actions: [
              step(({ context, event }) => replyStep(context, event)),
              assign({ replied: ({ event }) => grantOf(event) }),
            ],
          },
          {
            actions: step(({ context, event }) =>
              replyStep(
                context,
                event,
                isRapidCommit(event.message)
                  ? undefined
                  : {
                      expected: 'an ADVERTISE, or a REPLY with rapid commit (option 14)',
                      actual: 'a REPLY without it',
                      cause: 'dhcpv6-unasked-answer',
                    },
              ),
            ),
          },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcpv6.advertise', context, event.atUs)),
        },
      },
    },
    advertised: {
      meta: { waitsFor: 'a REQUEST', budget: 'dhcp' },
      on: {
        'dhcpv6.solicit': {
          actions: [
            assign(({ context, event }) => begun(context, event, true, 'SOLICIT')),
            step(({ context, event }) => solicitStep(context, event)),
          ],
        },
        'dhcpv6.advertise': [
          elsewhere,
          {
            guard: ({ context, event }) =>
              answerBreach(context, event) === undefined &&
              context.offers.some((offer) => JSON.stringify(offer) === JSON.stringify(offerOf(event))),
            actions: step(({ context, event }) =>
              recordedMessage(context, event, 'the same offer again: an answer to another SOLICIT, or a resend'),
            ),
          },
          {
            guard: isSoundOffer,
            actions: [
              step(({ context, event }) => advertiseStep(context, event)),
              assign(({ context, event }) => ({ ...advertised(context, event), since: context.since })),
            ],
          },
          { actions: step(({ context, event }) => advertiseStep(context, event)) },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcpv6.request', context, event.atUs)),
        },
      },
    },
    requesting: {
      meta: { waitsFor: 'a REPLY', budget: 'dhcp', ladder: 'request-6' },
      on: {
        'dhcpv6.request': {
          guard: ({ context, event }) => event.message.transaction === context.transaction,
          actions: [
            step(({ context, event }) => recordedMessage(context, event, 'the REQUEST again before an answer came')),
            assign(({ context, event }) => ({ asked: seen(event), tries: triedAgain(context, event) })),
          ],
        },
        'dhcpv6.reply': [
          elsewhere,
          {
            guard: ({ context, event }) => answerBreach(context, event) !== undefined,
            actions: step(({ context, event }) => replyStep(context, event)),
          },
          {
            guard: ({ event }) => refusalOf(event.message) !== undefined,
            target: 'refused',
            actions: step(({ context, event }) => replyStep(context, event)),
          },
          {
            target: 'bound',
            actions: [
              step(({ context, event }) => replyStep(context, event)),
              assign({ replied: ({ event }) => grantOf(event) }),
            ],
          },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcpv6.reply', context, event.atUs)),
        },
      },
    },
    informing: {
      meta: { waitsFor: 'a REPLY', budget: 'dhcp', ladder: 'information-request' },
      on: {
        'dhcpv6.information-request': {
          actions: [
            assign(({ context, event }) => begun(context, event, true, 'INFORMATION-REQUEST')),
            step(({ context, event }) => informationStep(context, event)),
          ],
        },
        'dhcpv6.reply': [
          elsewhere,
          {
            guard: isSoundReply,
            target: 'bound',
            actions: [
              step(({ context, event }) => replyStep(context, event)),
              assign({ replied: ({ event }) => grantOf(event) }),
            ],
          },
          { actions: step(({ context, event }) => replyStep(context, event)) },
        ],
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => missingStep('dhcpv6.reply', context, event.atUs)),
        },
      },
    },
    bound: {
      on: {
        'dhcpv6.request': {
          guard: ({ context, event }) => event.message.transaction === context.transaction,
          actions: step(({ context, event }) => recordedMessage(context, event, 'the REQUEST again after the answer')),
        },
        'dhcpv6.reply': {
          guard: ({ context, event }) => grantOf(event) === context.replied,
          actions: step(({ context, event }) => recordedMessage(context, event, 'the same REPLY again')),
        },
      },
    },
    refused: {},
    // The wait has failed; what comes now is the answer that it wanted, too late.
    'given-up': {
      on: {
        'dhcpv6.reply': {
          guard: ({ context, event }) => event.message.transaction === context.transaction,
          actions: step(({ context, event }) => recordedMessage(context, event, 'an answer that came too late')),
        },
      },
    },
  },
});
