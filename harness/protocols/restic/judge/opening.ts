import { step } from '../../base/judge/machine-parts.ts';
import { isOk } from './exchange.ts';
import {
  type Answered,
  asks,
  got,
  isLast,
  isRefused,
  type Late,
  LEFT,
  leaves,
  REFUSED,
  resticSetup,
  unopened,
} from './machine-setup.ts';
import { hasTriedKeys, type ResticContext } from './run.ts';
import { initStep, notMade, notOpened, openStep } from './steps.ts';
import { causeOf, cutOff } from './store-refusal.ts';

// A run of restic opens the store with its password, or makes a repository in it.

const isDenied = ({ event }: Answered): boolean => event.status === 401 || event.status === 403;

/** Whoever makes a repository only looks whether there is one. */
const neverListed = ({ context }: { readonly context: ResticContext }): boolean => !context.keysListed;
const ABSENT = 'no configuration at this path (status 404)';

/** Without access there is no run. */
const DENIED = {
  guard: isDenied,
  target: '#restic.over',
  actions: step(({ context, event }: Answered) =>
    notOpened(context, event, 'store-access-denied', `status ${event.status}`),
  ),
} as const;

export const asking = resticSetup.createStateConfig({
  meta: { waitsFor: 'an answer of the backup store', budget: 'restic' },
  on: {
    'restic.answer': [
      {
        guard: got('stat', 'config'),
        target: 'keys',
        actions: 'note',
      },
      {
        guard: ({ event }) => event.status === 404,
        target: 'absent',
        actions: 'note',
      },
      DENIED,
      // restic tries again.
      REFUSED,
      { actions: 'note' },
    ],
    // The next request shows an answer that the capture does not hold.
    'restic.request': [{ guard: asks('list', 'keys'), target: 'keys', actions: 'note' }, { actions: 'note' }],
    deadline: unopened('restic.open', {
      waitedFor: 'an answer of the backup store',
      actual: 'no answer',
      cause: 'store-silent',
    }),
  },
});

// No repository: a run that makes one goes on.
export const absent = resticSetup.createStateConfig({
  initial: 'deciding',
  on: {
    'restic.request': [
      {
        guard: asks('create', 'repository'),
        target: 'creating',
        actions: 'note',
      },
      { target: '.deciding', actions: 'note' },
    ],
    'restic.disconnected': [
      { guard: leaves, target: '.left', actions: 'leave' },
      {
        guard: isLast,
        target: 'over',
        actions: step(({ context, event }) => notOpened(context, event, 'store-no-repository', ABSENT)),
      },
    ],
  },
  states: {
    deciding: {
      meta: { waitsFor: 'restic to make a repository or to end', budget: 'restic' },
      on: {
        deadline: unopened('restic.open', {
          waitedFor: 'a repository, or one to be made',
          actual: ABSENT,
          cause: 'store-no-repository',
        }),
      },
    },
    left: {
      meta: LEFT,
      on: {
        deadline: {
          target: '#restic.over',
          actions: step(({ context }) => notOpened(context, context.since, 'store-no-repository', ABSENT)),
        },
      },
    },
  },
});

export const creating = resticSetup.createStateConfig({
  initial: 'writing',
  on: {
    'restic.request': { target: '.writing', actions: 'note' },
    'restic.answer': [
      {
        guard: got('save', 'config'),
        target: 'over',
        actions: [step(({ context, event }) => initStep(context, event)), 'note'],
      },
      {
        guard: ({ event }) => !isOk(event) && event.action !== 'stat',
        target: 'over',
        actions: step(({ context, event }) => notMade(context, event, causeOf(event), `status ${event.status}`)),
      },
      { actions: 'note' },
    ],
    'restic.disconnected': [
      { guard: leaves, target: '.left', actions: 'leave' },
      {
        guard: isLast,
        target: 'over',
        actions: step(({ context, event }) => notMade(context, event, cutOff(event).cause, event.reason)),
      },
    ],
  },
  states: {
    writing: {
      meta: { waitsFor: 'the configuration of the new repository', budget: 'restic-key' },
      on: {
        deadline: unopened('restic.init', {
          waitedFor: 'the configuration of the new repository',
          actual: 'none was written',
          cause: 'store-client-gone',
        }),
      },
    },
    left: {
      meta: LEFT,
      on: {
        deadline: {
          target: '#restic.over',
          actions: step(({ context }) => notMade(context, context.since, 'store-client-gone', 'restic ended')),
        },
      },
    },
  },
});

export const keys = resticSetup.createStateConfig({
  initial: 'trying',
  on: {
    'restic.request': [
      {
        guard: asks('load', 'config'),
        target: 'configuring',
        actions: 'note',
      },
      { target: '.trying', actions: 'note' },
    ],
    'restic.answer': [DENIED, REFUSED, { actions: 'note' }],
    'restic.disconnected': [
      { guard: leaves, target: '.left', actions: 'leave' },
      {
        guard: isLast,
        target: 'over',
        actions: step(({ context, event }) =>
          notOpened(context, event, cutOff(event).cause, 'the store went away while restic tried the keys'),
        ),
      },
      { actions: 'note' },
    ],
  },
  states: {
    trying: {
      meta: { waitsFor: 'a key to be opened', budget: 'restic-key' },
      on: {
        deadline: unopened('restic.open', {
          waitedFor: 'a key to be opened',
          actual: 'restic did not go on after it had read the keys',
          cause: 'store-wrong-password',
        }),
      },
    },
    left: {
      meta: LEFT,
      on: {
        deadline: [
          {
            guard: neverListed,
            target: '#restic.over',
            actions: step(({ context }: Late) =>
              notMade(context, context.since, 'store-exists', 'there is a configuration, and restic ended'),
            ),
          },
          { target: '#restic.over', actions: step(({ context }: Late) => unopenedKeys(context)) },
        ],
      },
    },
  },
});

/** A run has ended while it tried the keys, or after it. */
function unopenedKeys(context: ResticContext) {
  const { refusal, since } = context;
  if (refusal) return notOpened(context, since, refusal.cause, refusal.actual);
  return hasTriedKeys(context)
    ? notOpened(context, since, 'store-wrong-password', 'restic ended after it had read the keys')
    : notOpened(context, since, 'store-client-gone', 'restic ended before it had read all keys');
}

export const configuring = resticSetup.createStateConfig({
  meta: { waitsFor: 'the configuration of the repository', budget: 'restic' },
  on: {
    'restic.request': [
      { guard: asks('load', 'config'), actions: 'note' },
      // The next request shows an answer that the capture does not hold.
      {
        guard: asks('list', 'locks'),
        target: 'locking',
        actions: [step(({ context, event }) => openStep(context, event)), 'beginLock'],
      },
      { target: 'working', actions: [step(({ context, event }) => openStep(context, event)), 'note'] },
    ],
    'restic.answer': [
      {
        guard: got('load', 'config'),
        target: 'opened',
        actions: [step(({ context, event }) => openStep(context, event)), 'note'],
      },
      {
        guard: isRefused,
        target: 'over',
        actions: step(({ context, event }) => notOpened(context, event, causeOf(event), `status ${event.status}`)),
      },
    ],
    deadline: unopened('restic.open', {
      waitedFor: 'the configuration of the repository',
      actual: 'no answer',
      cause: 'store-silent',
    }),
  },
});
