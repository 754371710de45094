import { assign, setup } from 'xstate';
import { type MachineEvent, machineActions, step, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen, type StepDraft } from '../../base/judge/step.ts';
import type { ResticEvent } from '../observe/events.ts';
import {
  afterAnswer,
  afterDisconnected,
  afterRequest,
  type Answer,
  causeOf,
  cutOff,
  type Disconnected,
  givesLockBack,
  is,
  isKeptOut,
  isLastConnection,
  isOk,
  isWorthAnotherRun,
  lockRefused,
  NEW_RUN,
  noted,
  type Request,
  type ResticContext,
} from './run.ts';
import {
  backupStep,
  cutStep,
  endStep,
  errorStep,
  forgetStep,
  goneStep,
  initStep,
  keptOutStep,
  lockStep,
  nothingToUnlock,
  notLocked,
  notMade,
  notOpened,
  openStep,
  startedAgainStep,
  stoppedStep,
  unexpectedStep,
  unlockStep,
  unopenedStep,
} from './steps.ts';
import type { RESTIC } from './vocabulary.ts';

interface Asked {
  readonly event: Request;
}
interface Answered {
  readonly context: ResticContext;
  readonly event: Answer;
}
interface Lost {
  readonly context: ResticContext;
  readonly event: Disconnected;
}

/** Whether a request is this one, and an answer is the good one to it. */
const asks =
  (action: Request['action'], kind: Request['kind']) =>
  ({ event }: Asked): boolean =>
    is(event, action, kind);
const got =
  (action: Request['action'], kind: Request['kind']) =>
  ({ event }: Answered): boolean =>
    is(event, action, kind) && isOk(event);
const isRefused = ({ event }: Answered): boolean => !isOk(event);
const isDenied = ({ event }: Answered): boolean => event.status === 401 || event.status === 403;
const isLast = ({ context, event }: Lost): boolean => isLastConnection(context, event);
const isOwn = ({ context, event }: { context: ResticContext; event: Request }): boolean =>
  context.own.includes(event.id ?? '');
/** Whether something is left to say at the end of a run. */
const hasEnd = ({ context, event }: Answered | Lost): boolean => endStep(context, event) !== undefined;
// Its guard has shown that there is one.
const endOf = ({ context, event }: Answered | Lost): StepDraft => endStep(context, event) as StepDraft;
const wrongKey = 'restic ended after it had read the keys';

const resticSetup = setup({
  types: {
    context: {} as ResticContext,
    events: {} as MachineEvent<ResticEvent>,
    meta: {} as WaitMeta<keyof typeof RESTIC.waits>,
  },
  actions: {
    ...machineActions,
    /** The context takes note of an event. */
    note: assign(({ context, event }) => noted(context, event)),
  },
});

const refusedStep = step(({ context, event }: Answered) => errorStep(context, event));
/** A refused request that is no failure yet: restic may try again. */
const REFUSED = { guard: isRefused, actions: [refusedStep, 'note'] } as const;
/** The lock stays, and keeps others out; restic ends all the same. */
const keepsLock = ({ context, event }: Answered): boolean => givesLockBack(context, event) && !isOk(event);

interface Late {
  readonly context: ResticContext;
  readonly event: { readonly atUs: number };
}
/** A run that ends before it is at work, because nothing came. */
const unopened = (name: Parameters<typeof unopenedStep>[2], missed: Parameters<typeof unopenedStep>[3]) =>
  ({
    target: 'over',
    actions: step(({ context, event }: Late) => unopenedStep(context, event.atUs, name, missed)),
  }) as const;
/** A run that ends at its work, because nothing came. */
const stopped = (waitedFor: string, cause: Parameters<typeof stoppedStep>[3]) =>
  ({
    target: '#restic.over',
    actions: step(({ context, event }: Late) => stoppedStep(context, event.atUs, waitedFor, cause)),
  }) as const;

/** Without access there is no run. */
const DENIED = {
  guard: isDenied,
  target: 'over',
  actions: step(({ context, event }: Answered) =>
    notOpened(context, event, 'store-access-denied', `status ${event.status}`),
  ),
} as const;

/**
 * One run of restic: it opens the store with its password, places a lock, does its work, gives the lock back. Contents
 * are encrypted, so that the work is known by the objects that were asked for.
 */
export const resticMachine = resticSetup.createMachine({
  id: 'restic',
  context: NEW_RUN,
  initial: 'idle',
  on: {
    deadline: {},
    'restic.request': { actions: 'note' },
    'restic.answer': [REFUSED, { actions: 'note' }],
    'restic.unfinished': {
      actions: [step(({ context, event }) => cutStep(context, event)), 'note'],
    },
    'restic.disconnected': { actions: 'note' },
    '*': { actions: step(({ event }) => unexpectedStep(event)) },
  },
  states: {
    idle: {
      on: {
        'restic.request': [
          {
            guard: asks('stat', 'config'),
            target: 'asking',
            actions: 'note',
          },
          // The capture began when the run was at work.
          { target: 'working', actions: 'note' },
        ],
        // Of a run nothing comes before its first request.
        'restic.answer': {},
        'restic.unfinished': {},
        'restic.disconnected': {},
      },
    },
    asking: {
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
          {
            actions: [step(({ context, event }) => errorStep(context, event)), 'note'],
          },
        ],
        deadline: unopened('restic.open', {
          waitedFor: 'an answer of the backup store',
          actual: 'no answer',
          cause: 'store-silent',
        }),
      },
    },
    // No repository: a run that makes one goes on.
    absent: {
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
    },
    creating: {
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
    },
    keys: {
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
          { guard: ({ context, event }) => !isLastConnection(context, event) },
          // Whoever makes a repository only looks whether there is one.
          {
            guard: ({ context }) => !context.keysListed,
            target: 'over',
            actions: step(({ context, event }) =>
              notMade(context, event, 'store-exists', 'there is a configuration, and restic ended'),
            ),
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
        deadline: unopened('restic.open', {
          waitedFor: 'a key to be opened',
          actual: 'restic did not go on after it had read the keys',
          cause: 'store-wrong-password',
        }),
      },
    },
    configuring: {
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
    },
    opened: {
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
        deadline: unopened('restic.lock', {
          waitedFor: 'restic to go on',
          actual: 'nothing',
          cause: 'store-client-gone',
        }),
      },
    },
    locking: {
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
            guard: ({ context, event }) =>
              isLastConnection(context, event) && context.own.length + context.others === 0 && !context.refusal,
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
        deadline: {
          target: 'over',
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
    // Another's lock keeps it out. Whoever started it may remove that lock, or try again.
    refused: {
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
    },
    working: {
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
          {
            guard: (args) => isLast(args) && args.context.own.length === 0 && hasEnd(args),
            target: 'over',
            actions: step(endOf),
          },
          { guard: (args) => isLast(args) && args.context.own.length === 0, target: 'over' },
          {
            guard: ({ context, event }) =>
              isLastConnection(context, event) && event.by === 'server' && !context.refusal,
            target: '.gone',
            actions: [
              step(({ context, event }) => goneStep(context, event)),
              assign(({ context, event }) => ({
                ...afterDisconnected(context, event),
                since: seen(event),
                refusal: cutOff(event),
              })),
            ],
          },
          {
            guard: isLast,
            target: '.gone',
            actions: assign(({ context, event }) => ({
              ...afterDisconnected(context, event),
              since: seen(event),
              refusal: context.refusal ?? cutOff(event),
            })),
          },
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
          meta: { waitsFor: 'restic to connect again', budget: 'restic-retry' },
          on: {
            'restic.request': {
              target: 'busy',
              actions: 'note',
            },
            deadline: stopped('restic to connect again', 'store-client-gone'),
          },
        },
      },
    },
    // What made it give up is over, if it is started again.
    givenUp: {
      meta: { waitsFor: 'restic to be started again', budget: 'restic-retry' },
      on: {
        'restic.request': {
          guard: ({ context, event }) => event.run !== context.run,
          target: 'over',
          actions: step(({ context, event }) => startedAgainStep(context, event)),
        },
        'restic.answer': {},
        'restic.unfinished': {},
        'restic.disconnected': {},
        deadline: stopped('restic to be started again', 'store-refused'),
      },
    },
    over: {
      on: {
        // A process that goes on after it has given back a lock may place another one.
        'restic.request': [
          {
            guard: asks('list', 'locks'),
            target: 'locking',
            actions: assign(({ context, event }) => ({
              ...NEW_RUN,
              ...storeAgain(context),
              since: seen(event),
              lockBegan: seen(event),
              connections: [event.connection],
              pending: 1,
            })),
          },
          // Whoever is refused may still try to make a repository.
          { guard: asks('create', 'repository') },
          { actions: step(({ event }) => unexpectedStep(event)) },
        ],
        'restic.answer': {},
        'restic.unfinished': {},
        'restic.disconnected': {},
      },
    },
  },
});

const storeAgain = ({ run, server, port, repository, began, keys }: ResticContext) => ({
  run,
  server,
  port,
  repository,
  began,
  keys,
});
