import type { Option250Form } from '../../base/judge/boot-facts.ts';
import { assign, setup } from 'xstate';
import type { DhcpEvent } from '../observe/events.ts';
import { WDS_NEXT_ACTIONS } from '../wire/wds.ts';
import { bootFile, serverIdentifier } from './facts.ts';
import { answeredDetail, askedDetail, wdsOf } from './wds-facts.ts';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { DHCP } from './vocabulary.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('wdsnbp', DHCP);

interface ConversationContext extends Waiting {
  readonly form: Option250Form;
  /** The last question. */
  readonly asked: Sighting;
  readonly xid: number;
  /** The prompt that the user has answered, reported once. */
  readonly promptDone: string;
  /** The first answer that said "wait for approval"; UNSEEN before and after the wait. */
  readonly pendingSince: Sighting;
  /** Questions since then. */
  readonly polls: number;
}

const machine = 'wdsnbp';
const actionOf = (context: ConversationContext, event: DhcpEvent): number | undefined =>
  wdsOf(event.message, context.form).nextAction;
const waitsOn = (context: ConversationContext, event: DhcpEvent): boolean =>
  actionOf(context, event) === WDS_NEXT_ACTIONS.approval && wdsOf(event.message, context.form).actionDone !== 1;

/**
 * The conversation of WDS's network boot program with its server by option 250: approval, prompt, referral (WdsBp.h,
 * harness/docs/protocols.md 1.6). The judge shows it those questions and answers of the boot server round that carry
 * the option.
 */
export const wdsnbpMachine = setup({
  types: {
    context: {} as ConversationContext,
    events: {} as MachineEvent<DhcpEvent>,
    input: {} as Option250Form,
    meta: {} as WaitMeta<keyof typeof DHCP.waits>,
  },
  actions: machineActions,
  guards: {
    pending: ({ context, event }) => event.type === 'proxydhcp.ack' && waitsOn(context, event),
    aborted: ({ context, event }) =>
      event.type === 'proxydhcp.ack' && actionOf(context, event) === WDS_NEXT_ACTIONS.abort,
    referred: ({ context, event }) =>
      event.type === 'proxydhcp.ack' && actionOf(context, event) === WDS_NEXT_ACTIONS.referral,
  },
}).createMachine({
  id: machine,
  context: ({ input }) => ({
    since: UNSEEN,
    form: input,
    asked: UNSEEN,
    xid: 0,
    promptDone: '',
    pendingSince: UNSEEN,
    polls: 0,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    'proxydhcp.request': [
      {
        guard: ({ context, event }) => tellsPrompt(context, event),
        target: '.asked',
        actions: [
          step(({ context, event }) => promptStep(context, event)),
          assign(({ context, event }) => askedBy(context, event)),
        ],
      },
      { target: '.asked', actions: assign(({ context, event }) => askedBy(context, event)) },
    ],
    'proxydhcp.ack': {
      actions: step(({ event }) =>
        recorded({
          step: 'wdsnbp.answer',
          at: event,
          detail: { server: serverOf(event) },
          why: 'no request is open',
        }),
      ),
    },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    asked: {
      on: {
        'proxydhcp.ack': [
          {
            guard: 'pending',
            target: 'pending',
            actions: [
              step(({ context, event }) => pendingStep(context, event)),
              assign(({ context, event }) => ({
                since: seen(event),
                pendingSince: context.pendingSince === UNSEEN ? seen(event) : context.pendingSince,
              })),
            ],
          },
          {
            guard: 'aborted',
            target: 'rejected',
            actions: step(({ context, event }) => rejectedStep(context, event)),
          },
          {
            guard: 'referred',
            target: 'answered',
            actions: step(({ context, event }) => referralStep(context, event)),
          },
          {
            guard: ({ context }) => context.pendingSince !== UNSEEN,
            target: 'answered',
            actions: [
              step(({ context, event }) => approvedStep(context, event)),
              assign({ pendingSince: UNSEEN, polls: 0 }),
            ],
          },
          { target: 'answered' },
        ],
      },
    },
    pending: {
      meta: { waitsFor: 'an administrator’s decision', budget: 'approval' },
      on: {
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) =>
            missed({
              step: 'wdsnbp.approved',
              since: context.since,
              atUs: event.atUs,
              detail: { polls: context.polls },
              waitedFor: 'an approval, or another request for it',
              actual: `the client stopped asking after ${context.polls + 1} requests`,
              cause: 'device-pending',
            }),
          ),
        },
      },
    },
    answered: {},
    rejected: {},
    'given-up': {},
  },
});

function askedBy(context: ConversationContext, event: DhcpEvent): Partial<ConversationContext> {
  const again = event.message.xid === context.xid;
  return {
    asked: seen(event),
    xid: event.message.xid,
    promptDone: promptOf(context, event) || context.promptDone,
    polls: context.pendingSince === UNSEEN || again ? context.polls : context.polls + 1,
  };
}

const serverOf = (event: DhcpEvent): string => serverIdentifier(event.message) ?? event.from.ip;
const promptOf = (context: ConversationContext, event: DhcpEvent): string =>
  askedDetail(event.message, context.form).promptDone ?? '';
const tellsPrompt = (context: ConversationContext, event: DhcpEvent): boolean =>
  promptOf(context, event) !== '' && promptOf(context, event) !== context.promptDone;

function promptStep(context: ConversationContext, event: DhcpEvent): StepDraft {
  return judged({ step: 'wdsnbp.prompt', at: event, detail: { prompt: promptOf(context, event) } });
}

function pendingStep(context: ConversationContext, event: DhcpEvent): StepDraft {
  const { requestId, pollIntervalSeconds, pollRetryCount, message } = answeredDetail(event.message, context.form);
  const parts = {
    step: 'wdsnbp.pending' as const,
    from: context.asked,
    at: event,
    detail: { server: serverOf(event), requestId, pollIntervalSeconds, pollRetryCount, message },
  };
  if (context.pendingSince === UNSEEN) return judged(parts);
  return recorded({
    ...parts,
    detail: { server: serverOf(event), requestId, polls: context.polls },
    why: 'no decision yet',
  });
}

function approvedStep(context: ConversationContext, event: DhcpEvent): StepDraft {
  const { requestId, message } = answeredDetail(event.message, context.form);
  return judged({
    step: 'wdsnbp.approved',
    from: context.pendingSince,
    at: event,
    detail: { server: serverOf(event), requestId, polls: context.polls, bootfile: bootFile(event.message), message },
  });
}

function rejectedStep(context: ConversationContext, event: DhcpEvent): StepDraft {
  const { requestId, message } = answeredDetail(event.message, context.form);
  const actual = `the server rejects it${message === undefined ? '' : `: “${message}”`}`;
  return judged({
    step: 'wdsnbp.rejected',
    from: context.asked,
    at: event,
    detail: { server: serverOf(event), requestId, polls: context.polls, bootfile: bootFile(event.message), message },
    breach: { expected: 'a boot program for this computer', actual, cause: 'device-rejected' },
  });
}

function referralStep(context: ConversationContext, event: DhcpEvent): StepDraft {
  const { referralServer } = answeredDetail(event.message, context.form);
  return judged({
    step: 'wdsnbp.referral',
    from: context.asked,
    at: event,
    detail: { server: serverOf(event), referralServer },
  });
}
