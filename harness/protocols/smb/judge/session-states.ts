import { assign } from 'xstate';
import { step } from '../../base/judge/machine-parts.ts';
import { STATUS_MORE_PROCESSING_REQUIRED, STATUS_SUCCESS } from '../../base/judge/nt-status.ts';
import { seen } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { smbSetup } from './machine-setup.ts';
import { withLeg } from './session.ts';
import { cutStep, negotiateStep, sessionStep, silentStep, smb1Step, stoppedStep, unaskedSessionStep } from './steps.ts';
import { SMB } from './vocabulary.ts';

// The states of a session's beginning: NEGOTIATE, then SESSION_SETUP in one leg or several.

const { recorded } = stepBuilders('smb', SMB);

/** NEGOTIATE was sent. */
export const negotiating = smbSetup.createStateConfig({
  meta: { waitsFor: 'an answer to NEGOTIATE', budget: 'smb' },
  on: {
    'smb.negotiate-request': {
      actions: step(({ event }) =>
        recorded({
          step: 'smb.negotiate-request',
          at: event,
          detail: {},
          why: 'asked again before an answer came',
        }),
      ),
    },
    'smb.negotiate-response': {
      target: 'negotiated',
      actions: [
        step(({ context, event }) => negotiateStep(context, event)),
        assign(({ event }) => ({ since: seen(event), dialect: event.wildcard ? '' : event.dialect })),
      ],
    },
    'smb.smb1-response': { target: 'smb1', actions: step(({ context, event }) => smb1Step(context, event)) },
    'tcp.closed': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.negotiate', context, event)),
    },
    'tcp.reset': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.negotiate', context, event)),
    },
    deadline: {
      target: 'over',
      actions: step(({ context, event }) => silentStep('smb.negotiate', context, event.atUs)),
    },
  },
});

/** A leg of SESSION_SETUP was sent. */
export const authenticating = smbSetup.createStateConfig({
  meta: { waitsFor: 'an answer to SESSION_SETUP', budget: 'smb' },
  on: {
    'smb.session-setup-request': {
      actions: step(({ event }) =>
        recorded({
          step: 'smb.session-setup-request',
          at: event,
          detail: {},
          why: 'asked again before an answer came',
        }),
      ),
    },
    'smb.session-setup-response': [
      {
        guard: ({ event }) => event.status === STATUS_MORE_PROCESSING_REQUIRED,
        target: 'challenged',
        actions: assign(({ context, event }) => withLeg(context, event)),
      },
      {
        guard: ({ event }) => event.status === STATUS_SUCCESS,
        target: 'ready',
        actions: step(({ context, event }) => sessionStep(context, event)),
      },
      {
        target: 'negotiated',
        actions: step(({ context, event }) => sessionStep(context, event)),
      },
    ],
    'tcp.closed': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.session-setup', context, event)),
    },
    'tcp.reset': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.session-setup', context, event)),
    },
    deadline: {
      target: 'over',
      actions: step(({ context, event }) => silentStep('smb.session-setup', context, event.atUs)),
    },
  },
});

/** The server wants another leg: with NTLM it has sent its challenge. */
export const challenged = smbSetup.createStateConfig({
  meta: { waitsFor: 'the client to continue with SESSION_SETUP', budget: 'smb' },
  on: {
    'smb.session-setup-request': {
      target: 'authenticating',
      actions: assign(({ context, event }) => withLeg(context, event)),
    },
    'smb.session-setup-response': [
      {
        guard: ({ event }) => event.status === STATUS_MORE_PROCESSING_REQUIRED,
        actions: step(({ event }) =>
          recorded({
            step: 'smb.session-setup-response',
            at: event,
            detail: { status: event.statusName },
            why: 'the same answer again',
          }),
        ),
      },
      {
        target: 'ready',
        actions: step(({ context, event }) => unaskedSessionStep(context, event)),
      },
    ],
    'tcp.closed': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.session-setup', context, event)),
    },
    'tcp.reset': {
      target: 'over',
      actions: step(({ context, event }) => cutStep('smb.session-setup', context, event)),
    },
    deadline: {
      target: 'over',
      actions: step(({ context, event }) => stoppedStep(context, event.atUs)),
    },
  },
});
