import { step } from '../../base/judge/machine-parts.ts';
import { type CutOff, isCutOff } from './exchange.ts';
import { locking, opened, refused } from './locking.ts';
import { asks, REFUSED, resticSetup, UNHEARD } from './machine-setup.ts';
import { absent, asking, configuring, creating, keys } from './opening.ts';
import { NEW_RUN } from './run.ts';
import { cutStep, unexpectedStep } from './steps.ts';
import { givenUp, working } from './working.ts';

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
    'restic.moved': { actions: 'note' },
    'restic.unfinished': [
      {
        guard: ({ event }) => isCutOff(event),
        // Its guard has shown that it is.
        actions: [step(({ context, event }) => cutStep(context, event as CutOff)), 'note'],
      },
      { actions: 'note' },
    ],
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
        ...UNHEARD,
      },
    },
    asking,
    absent,
    creating,
    keys,
    configuring,
    opened,
    locking,
    refused,
    working,
    givenUp,
    // A run without a lock, which may go on over another connection.
    ended: {
      on: {
        'restic.request': [
          { guard: asks('list', 'locks'), target: 'locking', actions: 'begin' },
          { target: 'working', actions: 'begin' },
        ],
        ...UNHEARD,
      },
    },
    over: {
      on: {
        // A process that goes on after it has given back a lock may place another one.
        'restic.request': [
          { guard: asks('list', 'locks'), target: 'locking', actions: 'begin' },
          // Whoever is refused may still try to make a repository.
          { guard: asks('create', 'repository') },
          { actions: step(({ event }) => unexpectedStep(event)) },
        ],
        ...UNHEARD,
      },
    },
  },
});
