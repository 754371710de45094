import { assign, setup } from 'xstate';
import type { BootEvent } from './boot-events.ts';
import {
  asked,
  beginOf,
  type BootContext,
  type BootInput,
  endOf,
  givenUpStep,
  givesUpBootFile,
  loaded,
  loadsItself,
  loopStep,
  missedFile,
  newBoot,
  nothingLoadedStep,
  overBudgetStep,
  silentFirmwareStep,
  silentGuestStep,
  toldBy,
  unreadImageStep,
} from './boot-progress.ts';
import { isNotStarted, misfitStep, notStartedStep } from './program-start.ts';
import type { Phase } from '../../protocols/base/judge/boot-meaning.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { machineActions, step, type WaitMeta } from '../../protocols/base/judge/machine-parts.ts';
import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import { CAUSES, STEPS, type WaitName } from '../../protocols/words.ts';

const { judged } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

// Phases that a boot reaches only after it has loaded something.
const LOADED: readonly Phase[] = ['kernel', 'os', 'authentication', 'image', 'capture', 'backup', 'restore'];

/**
 * The order of a boot over the protocols' steps: firmware, dhcp, proxy, nbp, kernel, (guest), authentication, image.
 * A boot passes the phases that it enters; a later round of DHCP by a network boot program belongs to `kernel`.
 */
export const bootMachine = setup({
  types: {
    context: {} as BootContext,
    events: {} as BootEvent,
    input: {} as BootInput,
    meta: {} as WaitMeta<WaitName>,
  },
  actions: machineActions,
  guards: {
    /** The scenario set this phase's budget, and no failed step explains why it is exceeded. */
    budgeted: ({ context }, phase: string) => !context.failed && context.budgeted.includes(phase),
    unexplained: ({ context }) => !context.failed,
  },
}).createMachine({
  id: 'boot',
  context: ({ input }) => newBoot(input),
  initial: 'firmware',
  on: {
    deadline: {},
    'address-asked': {
      target: '.dhcp',
      actions: assign(({ context, event }) => ({
        ...asked(context, event.step),
        since: beginOf(event.step),
        phase: 'dhcp',
      })),
    },
    'address-asked-by-guest': {
      target: '.guest-dhcp',
      actions: assign(({ context, event }) => ({ ...asked(context, event.step), phase: 'os' })),
    },
    'address-given': { actions: assign(({ context, event }) => toldBy(context, event.step)) },
    'boot-server-offered': { actions: assign(({ context, event }) => toldBy(context, event.step)) },
    'boot-server-asked': {
      target: '.proxy',
      actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'proxy' })),
    },
    'boot-server-answered': { actions: assign(({ context, event }) => toldBy(context, event.step)) },
    // A download by the booted system belongs to no phase of the boot.
    'load-began': {},
    loaded: {},
    'load-missed': { actions: assign(({ context, event }) => missedFile(context, event.step)) },
    'share-wanted': {
      target: '.authentication',
      actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'authentication' })),
    },
    'session-given': { target: '.share', actions: assign({ phase: 'authentication' }) },
    'image-found': {
      target: '.image',
      actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'image' })),
    },
    'image-read': { target: '.imaged', actions: assign({ phase: 'image' }) },
    'image-written': { target: '.imaged', actions: assign({ phase: 'capture' }) },
    'store-opened': { target: '.store' },
    'backup-written': { target: '.imaged', actions: assign({ phase: 'backup' }) },
    'backup-read': { target: '.imaged', actions: assign({ phase: 'restore' }) },
    failed: { actions: assign({ failed: true }) },
    other: {},
    goal: {
      target: '.complete',
      actions: step(({ context, event }) =>
        judged({
          step: 'boot.complete',
          at: endOf(event.step),
          detail: { phase: context.phase },
        }),
      ),
    },
    end: {
      guard: ({ context, event }) => event.quiet && !context.failed && LOADED.includes(context.phase),
      target: '.complete',
      actions: step(({ context, event }) =>
        judged({
          step: 'boot.complete',
          at: { frame: 0, atUs: event.atUs },
          detail: { phase: context.phase },
        }),
      ),
    },
    '*': {},
  },
  states: {
    firmware: {
      meta: { waitsFor: 'the first DISCOVER', budget: 'firmware' },
      on: {
        // A capture that begins after DHCP.
        'load-began': {
          target: 'nbp-loading',
          actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'nbp' })),
        },
        loaded: { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        deadline: {
          guard: ({ context }) => context.planned && !context.failed,
          actions: step(({ context, event }) => silentFirmwareStep(context, event.atUs)),
        },
      },
    },
    dhcp: {
      meta: { waitsFor: 'an address', budget: 'dhcp' },
      on: {
        'address-asked': { actions: assign(({ context, event }) => asked(context, event.step)) },
        'address-given': {
          target: 'nbp',
          actions: assign(({ context, event }) => ({
            ...toldBy(context, event.step),
            since: endOf(event.step),
            phase: 'nbp',
          })),
        },
        'load-began': {
          target: 'nbp-loading',
          actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'nbp' })),
        },
        loaded: { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        deadline: {
          guard: { type: 'budgeted', params: 'dhcp' },
          actions: step(({ context, event }) => overBudgetStep(context, 'dhcp', event.atUs)),
        },
      },
    },
    proxy: {
      meta: { waitsFor: 'the boot server', budget: 'proxy' },
      on: {
        'boot-server-asked': {},
        'boot-server-answered': {
          target: 'nbp',
          actions: assign(({ context, event }) => ({
            ...toldBy(context, event.step),
            since: endOf(event.step),
            phase: 'nbp',
          })),
        },
        'load-began': {
          target: 'nbp-loading',
          actions: assign(({ event }) => ({ since: beginOf(event.step), phase: 'nbp' })),
        },
        loaded: { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        deadline: {
          guard: { type: 'budgeted', params: 'proxy' },
          actions: step(({ context, event }) => overBudgetStep(context, 'proxy', event.atUs)),
        },
      },
    },
    nbp: {
      meta: { waitsFor: 'a request for the boot file', budget: 'nbp' },
      on: {
        'address-asked': {
          guard: ({ context, event }) => !context.failed && givesUpBootFile(context, event.step),
          target: 'dhcp',
          actions: [
            step(({ context, event }) => givenUpStep(context, event.step)),
            assign(({ context, event }) => ({
              ...asked(context, event.step),
              since: beginOf(event.step),
              phase: 'dhcp',
              failed: true,
            })),
          ],
        },
        // The phase began with the end of DHCP: it includes what the client does before it asks.
        'boot-server-asked': { target: 'proxy', actions: assign({ phase: 'proxy' }) },
        'load-began': { target: 'nbp-loading' },
        loaded: { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        deadline: {
          guard: 'unexplained',
          actions: step(({ context, event }) => nothingLoadedStep(context, event.atUs)),
        },
      },
    },
    // `since` is still the end of DHCP: the phase includes what the client does before it asks.
    'nbp-loading': {
      meta: { waitsFor: 'the boot file', budget: 'nbp' },
      on: {
        'load-began': {},
        loaded: [
          { guard: ({ event }) => isProbeName(String(event.step.detail['path'] ?? '')), actions: [] },
          { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        ],
        deadline: {
          guard: { type: 'budgeted', params: 'nbp' },
          actions: step(({ context, event }) => overBudgetStep(context, 'nbp', event.atUs)),
        },
      },
    },
    // A network boot program runs and is not loading anything now.
    kernel: {
      initial: 'silent',
      always: {
        guard: ({ context }) => !context.failed && context.misfit !== undefined,
        actions: [step(({ context }) => misfitStep(context)), assign({ failed: true })],
      },
      on: {
        'boot-server-asked': {},
        'load-began': [
          {
            guard: ({ context, event }) => !context.failed && loadsItself(context, event.step),
            target: '.silent',
            actions: [step(({ context, event }) => loopStep(context, event.step)), assign({ failed: true })],
          },
          {
            target: 'kernel-loading',
            actions: assign(({ context }) => ({ since: context.kernelSince, unheard: undefined })),
          },
        ],
        loaded: { target: '.silent', actions: assign(({ context, event }) => loaded(context, event.step)) },
      },
      states: {
        silent: {
          meta: { waitsFor: 'the booted system', budget: 'os' },
          on: {
            'address-asked': [
              {
                guard: ({ context, event }) => !context.failed && isNotStarted(context, event.step),
                target: 'asking',
                actions: [
                  step(({ context, event }) => notStartedStep(context, event.step)),
                  assign(({ context, event }) => ({ ...asked(context, event.step), failed: true })),
                ],
              },
              {
                target: 'asking',
                actions: assign(({ context, event }) => asked(context, event.step)),
              },
            ],
            deadline: {
              guard: ({ context }) => !context.failed && (context.guestExpected || context.budgeted.includes('os')),
              actions: step(({ context, event }) => silentGuestStep(context, event.atUs)),
            },
          },
        },
        // The boot program asks for an address of its own. DHCP's machine says what comes of it: that explains more
        // than a system's silence would.
        asking: {
          on: {
            'address-asked': { actions: assign(({ context, event }) => asked(context, event.step)) },
            'address-given': {
              target: 'silent',
              actions: assign(({ context, event }) => ({ ...toldBy(context, event.step), since: endOf(event.step) })),
            },
          },
        },
      },
    },
    'kernel-loading': {
      meta: { waitsFor: 'the boot files', budget: 'kernel' },
      on: {
        'load-began': {},
        'address-asked': { actions: assign(({ context, event }) => asked(context, event.step)) },
        loaded: { target: 'kernel', actions: assign(({ context, event }) => loaded(context, event.step)) },
        'load-missed': {
          target: 'kernel',
          actions: assign(({ context, event }) => ({
            ...missedFile({ ...context, missed: '' }, event.step),
            since: endOf(event.step),
          })),
        },
        deadline: {
          guard: { type: 'budgeted', params: 'kernel' },
          actions: step(({ context, event }) => overBudgetStep(context, 'kernel', event.atUs)),
        },
      },
    },
    'guest-dhcp': { on: { 'address-asked-by-guest': {}, 'address-given': { target: 'guest' } } },
    guest: {},
    authentication: {
      meta: { waitsFor: 'the server to accept the logon', budget: 'authentication' },
      on: {
        'share-wanted': {},
        deadline: {
          guard: { type: 'budgeted', params: 'authentication' },
          actions: step(({ context, event }) => overBudgetStep(context, 'authentication', event.atUs)),
        },
      },
    },
    share: { on: { 'share-wanted': {}, 'load-began': {} } },
    image: {
      meta: { waitsFor: 'the image', budget: 'image' },
      on: {
        'image-found': {},
        'share-wanted': {},
        'session-given': {},
        deadline: [
          {
            guard: { type: 'budgeted', params: 'image' },
            actions: step(({ context, event }) => overBudgetStep(context, 'image', event.atUs)),
          },
          {
            guard: ({ context }) => context.planned && !context.failed,
            actions: step(({ context, event }) => unreadImageStep(context, event.atUs)),
          },
        ],
      },
    },
    // A client of backups opens its store anew for each partition.
    store: { on: { 'store-opened': {} } },
    imaged: { on: { 'share-wanted': {}, 'session-given': {}, 'image-read': {} } },
    complete: { on: { '*': {} } },
  },
});
