import { assign, setup } from 'xstate';
import { isGoOn, kerberosCause } from './refusals.ts';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { KERBEROS } from './vocabulary.ts';
import type { KerberosEvent } from '../observe/events.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('kerberos', KERBEROS);

type Request = Pick<
  Extract<MachineEvent<KerberosEvent>, { readonly type: 'kerberos.as-request' }>,
  'frame' | 'atUs' | 'user' | 'realm' | 'service'
>;
type Reply = Pick<
  Extract<MachineEvent<KerberosEvent>, { readonly type: 'kerberos.as-reply' }>,
  'frame' | 'atUs' | 'user' | 'realm' | 'service' | 'encryptionType' | 'carrier'
>;
type Refusal = Pick<
  Extract<MachineEvent<KerberosEvent>, { readonly type: 'kerberos.error' }>,
  | 'frame'
  | 'atUs'
  | 'code'
  | 'codeName'
  | 'realm'
  | 'user'
  | 'service'
  | 'text'
  | 'ntStatus'
  | 'ntStatusName'
  | 'during'
>;

interface KerberosContext extends Waiting {
  readonly first: Sighting;
  readonly frames: readonly number[];
  readonly user: string;
  readonly realm: string;
  readonly service: string;
}

const NAMES = { as: 'kerberos.as', tgs: 'kerberos.tgs', ap: 'kerberos.ap' } as const;

/**
 * One exchange with the KDC, AS or TGS (RFC 4120 sections 3.1 and 3.3), as one step for all of its messages: a first
 * request, the request with the proof that the KDC asks for, and the request by TCP when the answer is too long for
 * UDP. `input.exchange` says which of the two; `ap` is the ticket that a service is shown.
 */
export const kerberosMachine = setup({
  types: {
    context: {} as KerberosContext & { readonly exchange: keyof typeof NAMES },
    events: {} as MachineEvent<KerberosEvent>,
    input: {} as { readonly exchange: keyof typeof NAMES },
    meta: {} as WaitMeta<keyof typeof KERBEROS.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'kerberos',
  context: ({ input }) => ({
    since: UNSEEN,
    first: UNSEEN,
    frames: [],
    user: '',
    realm: '',
    service: '',
    exchange: input.exchange,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    'kerberos.as-request': { target: '.asking', actions: assign(({ event }) => begun(event)) },
    'kerberos.tgs-request': { target: '.asking', actions: assign(({ event }) => begun(event)) },
    'kerberos.ap-request': {
      actions: step(({ event }) =>
        judged({
          step: 'kerberos.ap',
          at: event,
          detail: { service: event.service, realm: event.realm, carrier: event.carrier },
        }),
      ),
    },
    'kerberos.error': { actions: step(({ context, event }) => refusedStep(context, event)) },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    asking: {
      meta: { waitsFor: 'a ticket', budget: 'kerberos' },
      on: {
        'kerberos.as-request': { actions: assign(({ context, event }) => goneOn(context, event)) },
        'kerberos.tgs-request': { actions: assign(({ context, event }) => goneOn(context, event)) },
        'kerberos.as-reply': {
          target: 'idle',
          actions: step(({ context, event }) => grantedStep(context, event)),
        },
        'kerberos.tgs-reply': {
          target: 'idle',
          actions: step(({ context, event }) => grantedStep(context, event)),
        },
        'kerberos.error': [
          {
            guard: ({ event }) => isGoOn(event.code),
            target: 'challenged',
            actions: [
              step(({ context, event }) => refusedStep(context, event)),
              assign(({ context, event }) => answered(context, event)),
            ],
          },
          { target: 'idle', actions: step(({ context, event }) => refusedStep(context, event)) },
        ],
        deadline: {
          target: 'idle',
          actions: step(({ context, event }) => silentStep(context, event.atUs)),
        },
      },
    },
    // The KDC wants more, or wants it another way: the client's turn.
    challenged: {
      meta: { waitsFor: 'the client to prove its password', budget: 'kerberos' },
      on: {
        'kerberos.as-request': { target: 'asking', actions: assign(({ context, event }) => goneOn(context, event)) },
        'kerberos.tgs-request': { target: 'asking', actions: assign(({ context, event }) => goneOn(context, event)) },
        deadline: {
          target: 'idle',
          actions: step(({ context, event }) => stoppedStep(context, event.atUs)),
        },
      },
    },
  },
});

function begun(event: Request): Partial<KerberosContext> {
  return {
    since: seen(event),
    first: seen(event),
    frames: [event.frame],
    user: event.user ?? '',
    realm: event.realm,
    service: event.service ?? '',
  };
}

function goneOn(context: KerberosContext, event: Request): Partial<KerberosContext> {
  return {
    since: seen(event),
    frames: [...context.frames, event.frame].slice(-16),
    ...(event.user === undefined ? {} : { user: event.user }),
    ...(event.service === undefined ? {} : { service: event.service }),
  };
}

function answered(context: KerberosContext, event: Sighting): Partial<KerberosContext> {
  return { since: seen(event), frames: [...context.frames, event.frame].slice(-16) };
}

type Judged = KerberosContext & { readonly exchange: keyof typeof NAMES };

function grantedStep(context: Judged, event: Reply): StepDraft {
  const detail = {
    user: event.user,
    realm: event.realm,
    service: event.service,
    encryption: event.encryptionType,
    carrier: event.carrier,
  };
  return judged({
    step: NAMES[context.exchange],
    from: context.first,
    at: event,
    frames: [...context.frames, event.frame],
    detail,
  });
}

/** The exchange, failed; or `kerberos.error`, recorded, where clients go on or only try. */
function refusedStep(context: Judged, event: Refusal): StepDraft {
  const detail = {
    user: context.user || event.user,
    realm: event.realm,
    service: event.service,
    code: event.code,
    error: event.codeName,
    text: event.text,
    status: event.ntStatusName,
  };
  const parts = { at: event, detail };
  if (isGoOn(event.code))
    return recorded({
      ...parts,
      step: 'kerberos.error',
      why: 'not final: the client must repeat the request, with pre-authentication or over TCP',
    });
  const cause = kerberosCause({ ...event, user: detail.user });
  if (cause === undefined)
    return recorded({
      ...parts,
      step: 'kerberos.error',
      why: 'clients try options and names that a KDC need not know',
      ...(event.code === SERVICE_UNKNOWN ? { cause: 'unknown-service' } : {}),
    });
  const whose = detail.user === undefined || detail.user === '' ? '' : ` for ${detail.user}`;
  const actual = [event.codeName, ...(event.ntStatusName === undefined ? [] : [event.ntStatusName])].join(', ');
  return judged({
    ...parts,
    step: NAMES[event.during],
    from: context.first.frame === 0 ? undefined : context.first,
    frames: [...context.frames, event.frame],
    breach: { expected: event.during === 'ap' ? 'the service takes the ticket' : `a ticket${whose}`, actual, cause },
  });
}

const SERVICE_UNKNOWN = 7;

function silentStep(context: Judged, atUs: number): StepDraft {
  return missed({
    step: NAMES[context.exchange],
    since: context.since,
    atUs,
    frames: context.frames,
    detail: namesOf(context),
    waitedFor: 'a ticket',
    actual: 'no answer from the KDC',
    cause: 'kerberos-silent',
  });
}

function stoppedStep(context: Judged, atUs: number): StepDraft {
  return missed({
    step: NAMES[context.exchange],
    since: context.since,
    atUs,
    frames: context.frames,
    detail: namesOf(context),
    waitedFor: 'the client to continue',
    actual: 'it sent nothing more to the KDC',
    cause: 'credentials-not-sent',
  });
}

function namesOf({ user, realm, service }: KerberosContext): {
  readonly user: string | undefined;
  readonly realm: string;
  readonly service: string;
} {
  return { user: user || undefined, realm, service };
}
