import { assign } from 'xstate';
import { step } from '../../base/judge/machine-parts.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import { is, isOk } from './exchange.ts';
import {
  type Answered,
  got,
  isLast,
  type Late,
  leaves,
  type Lost,
  REFUSED,
  refusedStep,
  resticSetup,
  UNHEARD,
} from './machine-setup.ts';
import {
  afterLeaving,
  afterRequest,
  givesLockBack,
  isLastConnection,
  isWorthAnotherRun,
  type ResticContext,
} from './run.ts';
import { backupStep, endStep, forgetStep, goneStep, startedAgainStep, stoppedStep } from './steps.ts';
import { cutOff } from './store-refusal.ts';

// A run of restic does its work, which its objects show, and gives its lock back.

/** Whether something is left to say at the end of a run. */
const hasEnd = ({ context, event }: Answered | Lost): boolean => endStep(context, event) !== undefined;
// Its guard has shown that there is one.
const endOf = ({ context, event }: Answered | Lost): StepDraft => endStep(context, event) as StepDraft;
/** The lock stays, and keeps others out; restic ends all the same. */
const keepsLock = ({ context, event }: Answered): boolean => givesLockBack(context, event) && !isOk(event);

/** A run that had left its store has come back with a request. */
const BACK = { guard: ({ context }: { readonly context: ResticContext }) => !context.left, target: 'busy' } as const;

/** A run that ends at its work, because nothing came. */
const stopped = (waitedFor: string, cause: Parameters<typeof stoppedStep>[3]) =>
  ({
    target: '#restic.over',
    actions: step(({ context, event }: Late) => stoppedStep(context, event.atUs, waitedFor, cause)),
  }) as const;

export const working = resticSetup.createStateConfig({
  initial: 'busy',
  on: {
    'restic.request': [
      {
        // prune looks for packs when forget is done.
        guard: ({ context: { work }, event }) =>
          is(event, 'list', 'data') && work.snapshotsRemoved > 0 && !work.forgetTold,
        actions: [
          step(({ context, event }) => forgetStep(context, event)),
          assign(({ context, event }) => {
            const after = afterRequest(context, event);
            return { ...after, work: { ...after.work, forgetTold: true } };
          }),
        ],
      },
      { actions: 'note' },
    ],
    'restic.answer': [
      {
        guard: (args) => keepsLock(args) && hasEnd(args),
        target: 'over',
        actions: [refusedStep, step(endOf), 'note'],
      },
      { guard: keepsLock, target: 'over', actions: [refusedStep, 'note'] },
      {
        guard: ({ context, event }) => givesLockBack(context, event) && isWorthAnotherRun(context),
        target: 'givenUp',
        actions: 'note',
      },
      {
        guard: (args) => givesLockBack(args.context, args.event) && hasEnd(args),
        target: 'over',
        actions: [step(endOf), 'note'],
      },
      {
        guard: ({ context, event }) => givesLockBack(context, event),
        target: 'over',
        actions: 'note',
      },
      {
        guard: got('save', 'snapshots'),
        actions: [step(({ context, event }) => backupStep(context, event)), 'note'],
      },
      REFUSED,
      { actions: 'note' },
    ],
    'restic.disconnected': [
      { guard: (args) => isLast(args) && isWorthAnotherRun(args.context), target: 'givenUp' },
      // It has no lock that would show whether this is its end: what follows is told by itself.
      {
        guard: (args) => leaves(args) && args.context.own.length === 0 && hasEnd(args),
        target: 'ended',
        actions: [step(endOf), 'leave'],
      },
      { guard: (args) => leaves(args) && args.context.own.length === 0, target: 'ended', actions: 'leave' },
      {
        guard: (args) => isLast(args) && args.context.own.length === 0 && hasEnd(args),
        target: 'over',
        actions: step(endOf),
      },
      { guard: (args) => isLast(args) && args.context.own.length === 0, target: 'over' },
      {
        guard: ({ context, event }) => isLastConnection(context, event) && event.by === 'server' && !context.refusal,
        target: '.gone',
        actions: [
          step(({ context, event }) => goneStep(context, event)),
          assign(({ context, event }) => ({ ...afterLeaving(context, event), refusal: cutOff(event) })),
        ],
      },
      { guard: isLast, target: '.gone', actions: 'leave' },
      { actions: 'note' },
    ],
  },
  states: {
    busy: {
      always: [
        { guard: ({ context }) => context.refusal !== undefined, target: 'retrying' },
        { guard: ({ context }) => context.pending === 0, target: 'resting' },
      ],
      meta: { waitsFor: 'an answer of the backup store', budget: 'restic-pack' },
      on: {
        deadline: stopped('an answer of the backup store', 'store-silent'),
      },
    },
    resting: {
      always: [
        { guard: ({ context }) => context.refusal !== undefined, target: 'retrying' },
        { guard: ({ context }) => context.pending > 0, target: 'busy' },
      ],
      meta: { waitsFor: 'restic to go on', budget: 'restic-client' },
      on: {
        deadline: stopped('restic to go on', 'store-client-gone'),
      },
    },
    retrying: {
      always: [{ guard: ({ context }) => context.refusal === undefined, target: 'busy' }],
      meta: { waitsFor: 'what was refused to succeed', budget: 'restic-retry' },
      on: {
        deadline: stopped('what was refused to succeed', 'store-refused'),
      },
    },
    // It holds a lock and has no connection.
    gone: {
      always: BACK,
      meta: { waitsFor: 'restic to connect again', budget: 'restic-retry' },
      on: {
        deadline: stopped('restic to connect again', 'store-client-gone'),
      },
    },
  },
});

// What made it give up is over, if it is started again.
export const givenUp = resticSetup.createStateConfig({
  meta: { waitsFor: 'restic to be started again', budget: 'restic-retry' },
  on: {
    'restic.request': {
      guard: ({ context, event }) => event.run !== context.run,
      target: 'over',
      actions: step(({ context, event }) => startedAgainStep(context, event)),
    },
    ...UNHEARD,
    deadline: stopped('restic to be started again', 'store-refused'),
  },
});
