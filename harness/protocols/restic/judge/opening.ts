import { step } from '../../base/judge/machine-parts.ts';
import { isOk } from './exchange.ts';
import {
  type Answered,
  asks,
  got,
  isLast,
  isRefused,
  REFUSED,
  refusedStep,
  resticSetup,
  unopened,
} from './machine-setup.ts';
import { isLastConnection, isUnconnected, type ResticContext } from './run.ts';
import { initStep, notMade, notOpened, openStep } from './steps.ts';
import { causeOf, cutOff } from './store-refusal.ts';

// A run of restic opens the store with its password, or makes a repository in it.

const isDenied = ({ event }: Answered): boolean => event.status === 401 || event.status === 403;
const wrongKey = 'restic ended after it had read the keys';

/** Whoever makes a repository only looks whether there is one. */
const neverListed = ({ context }: { readonly context: ResticContext }): boolean => !context.keysListed;
const EXISTS = 'there is a configuration, and restic ended';

/** Without access there is no run. */
const DENIED = {
  guard: isDenied,
  target: 'over',
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
      { actions: [refusedStep, 'note'] },
    ],
    deadline: unopened('restic.open', {
      waitedFor: 'an answer of the backup store',
      actual: 'no answer',
      cause: 'store-silent',
    }),
  },
});

// No repository: a run that makes one goes on.
export const absent = resticSetup.createStateConfig({
  meta: { waitsFor: 'restic to make a repository or to end', budget: 'restic' },
  on: {
    'restic.request': [
      {
        guard: asks('create', 'repository'),
        target: 'creating',
        actions: 'note',
      },
      { actions: 'note' },
    ],
    'restic.disconnected': {
      guard: isLast,
      target: 'over',
      actions: step(({ context, event }) =>
        notOpened(context, event, 'store-no-repository', 'no configuration at this path (status 404)'),
      ),
    },
    deadline: unopened('restic.open', {
      waitedFor: 'a repository, or one to be made',
      actual: 'no configuration at this path (status 404)',
      cause: 'store-no-repository',
    }),
  },
});

export const creating = resticSetup.createStateConfig({
  meta: { waitsFor: 'the configuration of the new repository', budget: 'restic-key' },
  on: {
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
    'restic.disconnected': {
      guard: isLast,
      target: 'over',
      actions: step(({ context, event }) => notMade(context, event, cutOff(event).cause, event.reason)),
    },
    deadline: unopened('restic.init', {
      waitedFor: 'the configuration of the new repository',
      actual: 'none was written',
      cause: 'store-client-gone',
    }),
  },
});

export const keys = resticSetup.createStateConfig({
  meta: { waitsFor: 'a key to be opened', budget: 'restic-key' },
  on: {
    'restic.request': [
      {
        guard: asks('load', 'config'),
        target: 'configuring',
        actions: 'note',
      },
      { actions: 'note' },
    ],
    'restic.answer': [DENIED, REFUSED, { actions: 'note' }],
    'restic.disconnected': [
      { guard: ({ context, event }) => !isLastConnection(context, event), actions: 'note' },
      {
        guard: neverListed,
        target: 'over',
        actions: step(({ context, event }) => notMade(context, event, 'store-exists', EXISTS)),
      },
      {
        target: 'over',
        actions: step(({ context, event }) =>
          notOpened(
            context,
            event,
            cutOff(event).cause === 'store-client-gone' ? 'store-wrong-password' : 'store-unreachable',
            wrongKey,
          ),
        ),
      },
    ],
    deadline: [
      {
        guard: (args) => neverListed(args) && isUnconnected(args.context),
        ...unopened('restic.init', {
          waitedFor: 'the keys to be asked for',
          actual: EXISTS,
          cause: 'store-exists',
        }),
      },
      unopened('restic.open', {
        waitedFor: 'a key to be opened',
        actual: 'restic did not go on after it had read the keys',
        cause: 'store-wrong-password',
      }),
    ],
  },
});

export const configuring = resticSetup.createStateConfig({
  meta: { waitsFor: 'the configuration of the repository', budget: 'restic' },
  on: {
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
