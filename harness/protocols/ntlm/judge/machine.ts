import { assign, setup } from 'xstate';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { NTLM } from './vocabulary.ts';
import type { NtlmEvent } from '../observe/events.ts';

const { judged, missed, unexpected } = stepBuilders('ntlm', NTLM);

interface NtlmContext extends Waiting {
  readonly carrier: 'smb' | 'rpc';
}

/**
 * One NTLMSSP exchange: NEGOTIATE, CHALLENGE, AUTHENTICATE (MS-NLMP section 1.3.1.1). The carrier's answer says whether
 * the user is let in.
 */
export const ntlmMachine = setup({
  types: {
    context: {} as NtlmContext,
    events: {} as MachineEvent<NtlmEvent>,
    meta: {} as WaitMeta<keyof typeof NTLM.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'ntlm',
  context: { since: UNSEEN, carrier: 'smb' },
  initial: 'idle',
  on: {
    deadline: {},
    'ntlm.negotiate': {
      target: '.negotiating',
      actions: [
        step(({ event }) =>
          judged({
            step: 'ntlm.negotiate',
            at: event,
            detail: { carrier: event.carrier, flags: hex(event.flags) },
          }),
        ),
        assign({ since: ({ event }) => seen(event), carrier: ({ event }) => event.carrier }),
      ],
    },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    negotiating: {
      meta: { waitsFor: 'a CHALLENGE', budget: 'smb' },
      on: {
        'ntlm.challenge': {
          target: 'challenged',
          actions: [
            step(({ context, event }) =>
              judged({
                step: 'ntlm.challenge',
                from: context.since,
                at: event,
                detail: { target: event.targetName, carrier: event.carrier, flags: hex(event.flags) },
              }),
            ),
            assign({ since: ({ event }) => seen(event) }),
          ],
        },
        deadline: {
          target: 'idle',
          actions: step(({ context, event }) =>
            missed({
              step: 'ntlm.challenge',
              since: context.since,
              atUs: event.atUs,
              detail: {},
              waitedFor: 'a CHALLENGE',
              actual: 'no answer to NEGOTIATE',
              cause: context.carrier === 'rpc' ? 'rpc-silent' : 'smb-silent',
            }),
          ),
        },
      },
    },
    challenged: {
      meta: { waitsFor: 'AUTHENTICATE', budget: 'smb' },
      on: {
        'ntlm.authenticate': {
          target: 'authenticated',
          actions: [
            step(({ context, event }) =>
              judged({
                step: 'ntlm.authenticate',
                from: context.since,
                at: event,
                detail: {
                  user: userName(event.domain, event.user),
                  workstation: event.workstation,
                  anonymous: event.anonymous,
                  carrier: event.carrier,
                },
              }),
            ),
            assign({ since: ({ event }) => seen(event) }),
          ],
        },
        deadline: {
          target: 'idle',
          actions: step(({ context, event }) =>
            missed({
              step: 'ntlm.authenticate',
              since: context.since,
              atUs: event.atUs,
              detail: {},
              waitedFor: 'AUTHENTICATE',
              actual: 'the client did not answer the challenge',
              cause: 'credentials-not-sent',
            }),
          ),
        },
      },
    },
    authenticated: {},
  },
});

const hex = (flags: number): string => `0x${(flags >>> 0).toString(16).padStart(8, '0')}`;

/** `DOMAIN\user`, or the bare name when the client sent no domain (user@realm, or a local account). */
export function userName(domain: string, user: string): string {
  return domain === '' ? user : `${domain}\\${user}`;
}
