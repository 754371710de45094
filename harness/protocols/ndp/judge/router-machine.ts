import { assign, setup } from 'xstate';
import {
  type MachineEvent,
  type WaitMeta,
  type Waiting,
  machineActions,
  step,
  triedAgain,
} from '../../base/judge/machine-parts.ts';
import { seen, UNSEEN } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { RouterEvent } from '../observe/events.ts';
import { NDP } from './vocabulary.ts';

const { judged, recorded, unexpected } = stepBuilders('router', NDP);

interface RouterContext extends Waiting {
  /** What each router said last, in one line, by its address. */
  readonly known: Readonly<Record<string, string>>;
}

type Advertisement = Omit<Extract<RouterEvent, { readonly router: string }>, 'type'>;

const detailOf = (event: Advertisement) => ({
  router: event.router,
  mac: event.senderMac,
  managed: event.managed,
  other: event.other,
  lifetimeSeconds: event.lifetimeSeconds,
  prefix: event.prefixes.map(({ prefix, length }) => `${prefix}/${length}`).join(', ') || undefined,
  autonomous: event.prefixes.length === 0 ? undefined : event.prefixes.some(({ autonomous }) => autonomous),
  mtu: event.mtu,
  dnsServers: event.dnsServers.join(', ') || undefined,
});
const sameAs = ({ known }: RouterContext, event: Advertisement): boolean =>
  known[event.router] === JSON.stringify(detailOf(event));
const remembered = ({ known }: RouterContext, event: Advertisement): RouterContext['known'] => ({
  ...known,
  [event.router]: JSON.stringify(detailOf(event)),
});

/** Routers as one client hears them (RFC 4861 section 6.3): what it asks, what they say, when they change it. */
export const routerMachine = setup({
  types: {
    context: {} as RouterContext,
    events: {} as MachineEvent<RouterEvent>,
    meta: {} as WaitMeta<keyof typeof NDP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'router',
  context: { since: UNSEEN, aside: true, known: {} },
  initial: 'idle',
  on: {
    deadline: {},
    'ndp.router-solicitation': {
      target: '.soliciting',
      actions: [
        // A step by itself it is not: clients that boot over IPv4 ask as well, and nobody answers.
        step(({ event }) =>
          recorded({
            step: 'ndp.router-solicitation',
            at: event,
            detail: { mac: event.senderMac },
            why: 'the client asks for routers',
          }),
        ),
        assign(({ event }) => ({ since: seen(event), tries: [seen(event)] })),
      ],
    },
    'ndp.router-advertisement': [
      {
        guard: ({ context, event }) => sameAs(context, event),
        actions: step(({ event }) =>
          recorded({
            step: 'ndp.router-advertisement',
            at: event,
            detail: detailOf(event),
            why: 'the same advertisement again',
          }),
        ),
      },
      {
        actions: [
          step(({ event }) => judged({ step: 'ndp.router-advertisement', at: event, detail: detailOf(event) })),
          assign({ known: ({ context, event }) => remembered(context, event) }),
        ],
      },
    ],
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    soliciting: {
      meta: { waitsFor: 'a router advertisement', budget: 'router', ladder: 'router-solicitation' },
      on: {
        'ndp.router-solicitation': {
          actions: [
            step(({ event }) =>
              recorded({
                step: 'ndp.router-solicitation',
                at: event,
                detail: { mac: event.senderMac },
                why: 'asked again before a router answered',
              }),
            ),
            assign({ tries: ({ context, event }) => triedAgain(context, event) }),
          ],
        },
        'ndp.router-advertisement': {
          target: 'advertised',
          actions: [
            step(({ context, event }) =>
              judged({ step: 'ndp.router-advertisement', from: context.since, at: event, detail: detailOf(event) }),
            ),
            assign({ known: ({ context, event }) => remembered(context, event) }),
          ],
        },
        deadline: {
          target: 'unanswered',
          actions: step(({ context, event }) =>
            recorded({
              step: 'ndp.router-advertisement',
              from: context.since,
              at: { frame: 0, atUs: event.atUs },
              detail: {},
              why: 'no router answered; a client that gets its address by DHCPv6 goes on without one',
              cause: 'router-silent',
            }),
          ),
        },
      },
    },
    advertised: {},
    unanswered: {},
  },
});
