import { assign, setup } from 'xstate';
import {
  type MachineEvent,
  type WaitMeta,
  type Waiting,
  machineActions,
  step,
} from '../../base/judge/machine-parts.ts';
import { seen, UNSEEN } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { IgmpEvent, MembershipEvent, QueryEvent } from '../observe/events.ts';
import { ALL_HOSTS } from '../wire/groups.ts';
import type { IgmpVersion } from '../wire/message.ts';
import { filterText, membershipDetail } from './details.ts';
import { membershipBreach } from './rules.ts';
import { IGMP } from './vocabulary.ts';

const { judged, recorded, unexpected } = stepBuilders('igmp', IGMP);

interface IgmpContext extends Waiting {
  readonly group: string;
  /** What the client wanted to hear last, in words. */
  readonly filter: string;
  /** The query that waits for an answer: who asked, and in which version. */
  readonly querier: string;
  readonly version: IgmpVersion;
}

/** A member's words, whatever the event is. */
type Words = Omit<MembershipEvent, 'type'>;
type Name = MembershipEvent['type'];

/** A timer that is a little late: kernels have ticks of 1 to 10 ms. */
const LATE_MS = 200;

/** A step that passes, unless the client's own words are wrong. */
const judgedWords = (name: Name, event: Words) =>
  judged({ step: name, at: event, detail: membershipDetail(event), breach: membershipBreach(event) });

/** A step that is recorded, unless the client's own words are wrong. */
const recordedWords = (name: Name, event: Words, why: string) =>
  membershipBreach(event)
    ? judgedWords(name, event)
    : recorded({ step: name, at: event, detail: membershipDetail(event), why });

const joined = (event: Words) =>
  event.group === ALL_HOSTS
    ? recordedWords('igmp.join', event, 'every host is in this group, and none has to say so (RFC 3376 section 6)')
    : judgedWords('igmp.join', event);

/** A report that no query asked for: of another filter, or the same again. */
const reported = (context: IgmpContext, event: Words) =>
  filterText(event) === context.filter
    ? recordedWords('igmp.report', event, 'the same again: hosts repeat what nobody acknowledges')
    : judgedWords('igmp.report', event);

/** Only what says the state of a member answers a query; version 3 has other records for changes. */
const answers = ({ record }: Words): boolean => record === undefined || record.startsWith('mode-is-');

const answered = (context: IgmpContext, event: Words) =>
  judged({
    step: 'igmp.report',
    from: context.since,
    at: event,
    detail: { ...membershipDetail(event), querier: context.querier },
    breach: membershipBreach(event),
  });

const remember = (event: Words) => ({ group: event.group, filter: filterText(event) });
const asked = (event: Omit<QueryEvent, 'type'>) => ({
  since: seen(event),
  allowedMs: event.maxRespMs + LATE_MS,
  querier: event.querier.ip,
  version: event.version,
});

/**
 * One group of one client (RFC 2236 section 6, RFC 3376 section 5): joined, left, and each query answered in time. The
 * judge runs one for each group. No boot waits for it: `aside`.
 */
export const igmpMachine = setup({
  types: {
    context: {} as IgmpContext,
    events: {} as MachineEvent<IgmpEvent>,
    meta: {} as WaitMeta<keyof typeof IGMP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'igmp',
  context: { since: UNSEEN, aside: true, group: '', filter: '', querier: '', version: 3 },
  initial: 'outside',
  on: {
    deadline: {},
    'igmp.join': {
      target: '.joined',
      actions: [step(({ event }) => joined(event)), assign(({ event }) => remember(event))],
    },
    'igmp.report': {
      target: '.joined',
      actions: [
        step(({ event }) =>
          recordedWords('igmp.report', event, 'in the group already: the capture does not show when it joined'),
        ),
        assign(({ event }) => remember(event)),
      ],
    },
    'igmp.leave': {
      target: '.outside',
      actions: step(({ event }) =>
        recordedWords('igmp.leave', event, 'not in the group, as far as the capture shows: nothing changes'),
      ),
    },
    // Who is in no group has nothing to answer, and nobody to be silent for.
    'igmp.query': {},
    'igmp.other-report': {},
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    outside: {},
    joined: {
      on: {
        'igmp.query': { target: 'asked', actions: assign(({ event }) => asked(event)) },
        'igmp.report': {
          actions: [step(({ context, event }) => reported(context, event)), assign(({ event }) => remember(event))],
        },
        'igmp.leave': { target: 'left', actions: step(({ event }) => judgedWords('igmp.leave', event)) },
      },
    },
    asked: {
      meta: { waitsFor: 'a report of the group', budget: 'group-report' },
      on: {
        // Of several queries a host answers one (RFC 2236 section 3, RFC 3376 section 5.2).
        'igmp.query': { actions: assign(({ event }) => asked(event)) },
        'igmp.report': [
          {
            guard: ({ event }) => answers(event),
            target: 'joined',
            actions: [step(({ context, event }) => answered(context, event)), assign(({ event }) => remember(event))],
          },
          {
            actions: [step(({ context, event }) => reported(context, event)), assign(({ event }) => remember(event))],
          },
        ],
        'igmp.leave': { target: 'left', actions: step(({ event }) => judgedWords('igmp.leave', event)) },
        'igmp.other-report': {
          // Version 3 knows no such courtesy (RFC 3376 appendix A.2).
          guard: ({ context }) => context.version < 3,
          target: 'joined',
          actions: step(({ context, event }) =>
            recorded({
              step: 'igmp.report',
              from: context.since,
              at: event,
              detail: { group: event.group, version: event.version, querier: context.querier },
              why: `${event.by.ip} answered for the group, so that the client need not (RFC 2236 section 3)`,
            }),
          ),
        },
        deadline: {
          target: 'silent',
          actions: step(({ context, event }) =>
            recorded({
              step: 'igmp.report',
              from: context.since,
              at: { frame: 0, atUs: event.atUs },
              detail: { group: context.group, version: context.version, querier: context.querier },
              why: 'no answer within the time of the query: a program that ended without a word, or a host that answered where the capture does not show it',
              cause: 'member-silent',
            }),
          ),
        },
      },
    },
    silent: {
      on: {
        'igmp.query': { target: 'asked', actions: assign(({ event }) => asked(event)) },
        'igmp.report': {
          target: 'joined',
          actions: [
            step(({ event }) =>
              recordedWords('igmp.report', event, 'after it was silent: a late answer, or it joined again'),
            ),
            assign(({ event }) => remember(event)),
          ],
        },
        'igmp.leave': { target: 'left', actions: step(({ event }) => judgedWords('igmp.leave', event)) },
      },
    },
    left: {
      on: {
        'igmp.leave': {
          actions: step(({ event }) =>
            recordedWords('igmp.leave', event, 'the same again: hosts repeat what nobody acknowledges'),
          ),
        },
      },
    },
  },
});
