import { assign, setup } from 'xstate';
import { type MachineEvent, machineActions, step, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen } from '../../base/judge/step.ts';
import type { ResticEvent } from '../observe/events.ts';
import { type Answer, type Disconnected, is, isOk, type Request } from './exchange.ts';
import { afterLeaving, afterRequest, anew, isLastConnection, isLeaving, noted, type ResticContext } from './run.ts';
import { errorStep, unopenedStep } from './steps.ts';
import type { RESTIC } from './vocabulary.ts';

// What the states of a run of restic share.

export interface Asked {
  readonly event: Request;
}
export interface Answered {
  readonly context: ResticContext;
  readonly event: Answer;
}
export interface Lost {
  readonly context: ResticContext;
  readonly event: Disconnected;
}

export interface Late {
  readonly context: ResticContext;
  readonly event: { readonly atUs: number };
}

/** Whether a request is this one, and an answer is the good one to it. */
export const asks =
  (action: Request['action'], kind: Request['kind']) =>
  ({ event }: Asked): boolean =>
    is(event, action, kind);
export const got =
  (action: Request['action'], kind: Request['kind']) =>
  ({ event }: Answered): boolean =>
    is(event, action, kind) && isOk(event);
export const isRefused = ({ event }: Answered): boolean => !isOk(event);
export const leaves = ({ context, event }: Lost): boolean => isLeaving(context, event);
export const isLast = ({ context, event }: Lost): boolean => isLastConnection(context, event);

export const resticSetup = setup({
  types: {
    context: {} as ResticContext,
    events: {} as MachineEvent<ResticEvent>,
    meta: {} as WaitMeta<keyof typeof RESTIC.waits>,
  },
  actions: {
    ...machineActions,
    /** A run begins anew with a request. */
    begin: assign(({ context, event }) => (event.type === 'restic.request' ? anew(context, event) : context)),
    /** The run begins to place its lock. */
    beginLock: assign(({ context, event }) =>
      event.type === 'restic.request' ? { ...afterRequest(context, event), lockBegan: seen(event) } : context,
    ),
    /** The run has left its store. */
    leave: assign(({ context, event }) =>
      event.type === 'restic.disconnected' ? afterLeaving(context, event) : context,
    ),
    /** The context takes note of an event. */
    note: assign(({ context, event }) => noted(context, event)),
  },
});

export const refusedStep = step(({ context, event }: Answered) => errorStep(context, event));
/** A refused request that is no failure yet: restic may try again. */
export const REFUSED = { guard: isRefused, actions: [refusedStep, 'note'] } as const;

/** What says nothing of a run that has not begun, or is over. */
export const UNHEARD = {
  'restic.answer': {},
  'restic.moved': {},
  'restic.unfinished': {},
  'restic.disconnected': {},
} as const;

/** A run that has left its store, which may have been its end. */
export const LEFT = { waitsFor: 'restic to connect again, or to be at its end', budget: 'restic-again' } as const;

/** A run that ends before it is at work, because nothing came. */
export const unopened = (name: Parameters<typeof unopenedStep>[2], missed: Parameters<typeof unopenedStep>[3]) =>
  ({
    target: '#restic.over',
    actions: step(({ context, event }: Late) => unopenedStep(context, event.atUs, name, missed)),
  }) as const;
