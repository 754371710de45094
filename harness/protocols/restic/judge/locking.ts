import { assign } from 'xstate';
import { step } from '../../base/judge/machine-parts.ts';
import { is, type Request } from './exchange.ts';
import { asks, isLast, leaves, LEFT, REFUSED, resticSetup, unopened } from './machine-setup.ts';
import { afterAnswer, afterDisconnected, afterRequest, isKeptOut, lockRefused, type ResticContext } from './run.ts';
import { keptOutStep, lockStep, notLocked, nothingToUnlock, unlockStep, unopenedStep } from './steps.ts';

// A run of restic places its lock, unless another's keeps it out.

const isOwnRemoved = ({ context, event }: { readonly context: ResticContext; readonly event: Request }): boolean =>
  is(event, 'remove', 'locks') && context.own.includes(event.id ?? '');

/** There is no lock, its own or another's. */
const hasNoLock = ({ own, others, refusal }: ResticContext): boolean =>
  own.length + others === 0 && refusal === undefined;

export const opened = resticSetup.createStateConfig({
  initial: 'waiting',
  on: {
    'restic.request': [
      {
        guard: asks('list', 'locks'),
        target: 'locking',
        actions: 'beginLock',
      },
      { target: 'working', actions: 'note' },
    ],
    'restic.disconnected': [
      { guard: leaves, target: '.left', actions: 'leave' },
      { guard: isLast, target: 'over' },
      { actions: 'note' },
    ],
  },
  states: {
    waiting: {
      meta: { waitsFor: 'restic to go on', budget: 'restic-client' },
      on: {
        deadline: unopened('restic.lock', {
          waitedFor: 'restic to go on',
          actual: 'nothing',
          cause: 'store-client-gone',
        }),
      },
    },
    left: { meta: LEFT, on: { deadline: '#restic.over' } },
  },
});

export const locking = resticSetup.createStateConfig({
  initial: 'placing',
  on: {
    'restic.request': [
      {
        // It has seen another lock beside its own, and gives way.
        guard: isOwnRemoved,
        target: 'refused',
        actions: assign(({ context, event }) => lockRefused(afterRequest(context, event), event)),
      },
      {
        guard: ({ event }) => event.kind === 'locks',
        target: '.placing',
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
      {
        guard: (args) => leaves(args) && isKeptOut(args.context) && !args.context.unlocked,
        target: 'refused',
        actions: assign(({ context, event }) => lockRefused(afterDisconnected(context, event), event)),
      },
      { guard: leaves, target: '.left', actions: 'leave' },
      { actions: 'note' },
    ],
  },
  states: {
    placing: {
      meta: { waitsFor: 'restic to place its lock', budget: 'restic-retry' },
      on: {
        deadline: {
          target: '#restic.over',
          actions: step(({ context, event }) =>
            unopenedStep(context, event.atUs, 'restic.lock', {
              waitedFor: 'restic to place its lock',
              actual: 'it did not go on',
              cause: context.others > 0 ? 'store-locked' : 'store-client-gone',
            }),
          ),
        },
      },
    },
    left: {
      meta: LEFT,
      on: {
        deadline: [
          { guard: ({ context }) => context.unlocked, target: '#restic.over' },
          {
            guard: ({ context }) => hasNoLock(context),
            target: '#restic.over',
            actions: step(({ context }) => nothingToUnlock(context, context.since)),
          },
          { target: '#restic.over', actions: step(({ context }) => notLocked(context, context.since)) },
        ],
      },
    },
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
      // It gives way to a lock beside its own.
      { guard: isOwnRemoved, actions: 'note' },
      {
        target: 'locking',
        actions: assign(({ context, event }) => ({ ...afterRequest(context, event), refusal: undefined })),
      },
    ],
    deadline: unopened('restic.lock', {
      waitedFor: 'a lock',
      actual: 'another lock',
      cause: 'store-locked',
    }),
  },
});
