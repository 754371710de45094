import { assign } from 'xstate';
import { step } from '../../base/judge/machine-parts.ts';
import { seen } from '../../base/judge/step.ts';
import { is, type Request } from './exchange.ts';
import { asks, isLast, REFUSED, resticSetup, unopened } from './machine-setup.ts';
import {
  afterAnswer,
  afterDisconnected,
  afterRequest,
  isKeptOut,
  isLastConnection,
  isUnconnected,
  lockRefused,
  type ResticContext,
} from './run.ts';
import { keptOutStep, lockStep, notLocked, nothingToUnlock, unlockStep, unopenedStep } from './steps.ts';

// A run of restic places its lock, unless another's keeps it out.

const isOwn = ({ context, event }: { context: ResticContext; event: Request }): boolean =>
  context.own.includes(event.id ?? '');

/** There is no lock, its own or another's. */
const hasNoLock = ({ own, others, refusal }: ResticContext): boolean =>
  own.length + others === 0 && refusal === undefined;

export const opened = resticSetup.createStateConfig({
  meta: { waitsFor: 'restic to go on', budget: 'restic-client' },
  on: {
    'restic.request': [
      {
        guard: asks('list', 'locks'),
        target: 'locking',
        actions: assign(({ context, event }) => ({ ...afterRequest(context, event), lockBegan: seen(event) })),
      },
      { target: 'working', actions: 'note' },
    ],
    'restic.disconnected': { guard: isLast, target: 'over' },
    deadline: [
      { guard: ({ context }) => isUnconnected(context), target: 'over' },
      unopened('restic.lock', { waitedFor: 'restic to go on', actual: 'nothing', cause: 'store-client-gone' }),
    ],
  },
});

export const locking = resticSetup.createStateConfig({
  meta: { waitsFor: 'restic to place its lock', budget: 'restic-retry' },
  on: {
    'restic.request': [
      {
        // It has seen another lock beside its own, and gives way.
        guard: ({ context, event }) => is(event, 'remove', 'locks') && isOwn({ context, event }),
        target: 'refused',
        actions: assign(({ context, event }) => lockRefused(afterRequest(context, event), event)),
      },
      {
        guard: ({ event }) => event.kind === 'locks',
        actions: 'note',
      },
      {
        guard: ({ context }) => context.own.length > 0,
        target: 'working',
        actions: [step(({ context, event }) => lockStep(context, event)), 'note'],
      },
      { target: 'working', actions: 'note' },
    ],
    'restic.answer': [
      {
        guard: ({ event }) => is(event, 'remove', 'locks'),
        actions: [
          step(({ context, event }) => unlockStep(context, event)),
          assign(({ context, event }) => ({ ...afterAnswer(context, event), unlocked: true })),
        ],
      },
      REFUSED,
      { actions: 'note' },
    ],
    'restic.disconnected': [
      { guard: ({ context, event }) => isLastConnection(context, event) && context.unlocked, target: 'over' },
      {
        guard: ({ context, event }) => isLastConnection(context, event) && hasNoLock(context),
        target: 'over',
        actions: step(({ context, event }) => nothingToUnlock(context, event)),
      },
      {
        guard: ({ context, event }) => isLastConnection(context, event) && isKeptOut(context),
        target: 'refused',
        actions: assign(({ context, event }) => lockRefused(afterDisconnected(context, event), event)),
      },
      {
        guard: ({ context, event }) => isLastConnection(context, event) && event.by === 'client',
        target: 'over',
        actions: step(({ context, event }) => notLocked(context, event)),
      },
      { actions: 'note' },
    ],
    deadline: [
      { guard: ({ context }) => isUnconnected(context) && context.unlocked, target: 'over' },
      {
        guard: ({ context }) => isUnconnected(context) && hasNoLock(context),
        target: 'over',
        actions: step(({ context }) => nothingToUnlock(context, context.since)),
      },
      {
        target: 'over',
        actions: step(({ context, event }) =>
          unopenedStep(context, event.atUs, 'restic.lock', {
            waitedFor: 'restic to place its lock',
            actual: 'it did not go on',
            cause: context.others > 0 ? 'store-locked' : 'store-client-gone',
          }),
        ),
      },
    ],
  },
});

// Another's lock keeps it out. Whoever started it may remove that lock, or try again.
export const refused = resticSetup.createStateConfig({
  meta: { waitsFor: 'restic to be started again', budget: 'restic-retry' },
  on: {
    'restic.request': [
      {
        guard: ({ context, event }) => event.run !== context.run,
        target: 'over',
        actions: step(({ context, event }) => keptOutStep(context, event)),
      },
      {
        guard: asks('list', 'locks'),
        target: 'locking',
        actions: assign(({ context, event }) => ({ ...afterRequest(context, event), refusal: undefined })),
      },
      { actions: 'note' },
    ],
    deadline: unopened('restic.lock', {
      waitedFor: 'a lock',
      actual: 'another lock',
      cause: 'store-locked',
    }),
  },
});
