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
import type { NeighbourEvent } from '../observe/events.ts';
import { NDP } from './vocabulary.ts';

const { judged, recorded, unexpected } = stepBuilders('ndp', NDP);

interface NdpContext extends Waiting {
  readonly targetIp: string;
  /** True when the client asks; false when another host asks for the client's address. */
  readonly byClient: boolean;
  readonly askerMac: string;
  /** Who answered, once somebody did. */
  readonly mac: string;
}

const askerOf = ({ byClient, askerMac }: NdpContext): string | undefined => (byClient ? undefined : askerMac);

/** The failed step of an address that two hosts have. */
const duplicate = (context: NdpContext, event: NeighbourEvent | Omit<NeighbourEvent, 'type'>) =>
  judged({
    step: 'ndp.duplicate-address',
    from: context.since,
    at: event,
    detail: { ip: context.targetIp, mac: event.senderMac, asker: askerOf(context) },
    breach: {
      expected: `no other host uses ${context.targetIp}`,
      actual: `${event.senderMac} ${event.senderIp === '::' ? 'is about to use it, too' : 'answered for it'}`,
      cause: 'address-in-use',
    },
  });

/**
 * One question "who has this address" and its answer (RFC 4861 section 7.2), or the search for a duplicate of an address
 * (RFC 4862 section 5.4). The judge runs one for each asking and asked address.
 */
export const ndpMachine = setup({
  types: {
    context: {} as NdpContext,
    events: {} as MachineEvent<NeighbourEvent>,
    meta: {} as WaitMeta<keyof typeof NDP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'ndp',
  context: { since: UNSEEN, targetIp: '', byClient: false, askerMac: '', mac: '' },
  initial: 'idle',
  on: {
    deadline: {},
    'ndp.solicitation': [
      {
        guard: ({ event }) => event.senderIp === '::',
        target: '.probing',
        actions: assign(({ event }) => asked(event)),
      },
      { target: '.asking', actions: assign(({ event }) => asked(event)) },
    ],
    'ndp.advertisement': {
      guard: ({ event }) => event.gratuitous,
      actions: step(({ event }) =>
        recorded({
          step: 'ndp.announce',
          at: event,
          detail: { ip: event.senderIp, mac: event.senderMac },
          why: 'an announcement, which expects no answer',
        }),
      ),
    },
    '*': {
      actions: step(({ event }) =>
        unexpected(event, 'senderIp' in event ? { ip: event.senderIp, mac: event.senderMac } : {}),
      ),
    },
  },
  states: {
    idle: {},
    asking: {
      meta: { waitsFor: 'a neighbour advertisement', budget: 'neighbour', ladder: 'neighbour' },
      on: {
        'ndp.advertisement': {
          target: 'resolved',
          actions: [
            step(({ context, event }) =>
              judged({
                step: 'ndp.resolve',
                from: context.since,
                at: event,
                detail: { ip: event.senderIp, mac: event.senderMac, asker: askerOf(context) },
              }),
            ),
            assign({ mac: ({ event }) => event.senderMac }),
          ],
        },
        'ndp.solicitation': {
          actions: [
            step(({ context, event }) =>
              recorded({
                step: 'ndp.solicitation',
                at: event,
                detail: { ip: event.targetIp, asker: askerOf(context) },
                why: 'asked again before an answer came',
              }),
            ),
            assign({ tries: ({ context, event }) => triedAgain(context, event) }),
          ],
        },
        deadline: {
          target: 'unanswered',
          actions: step(({ context, event }) =>
            recorded({
              step: 'ndp.resolve',
              from: context.since,
              at: { frame: 0, atUs: event.atUs },
              detail: { ip: context.targetIp, asker: askerOf(context) },
              why: context.byClient
                ? 'no answer; a missing router does not stop the boot, a missing boot server does'
                : 'the client did not answer: it runs no network stack now',
              ...(context.byClient ? { cause: 'neighbour-silent' } : {}),
            }),
          ),
        },
      },
    },
    resolved: {
      on: {
        'ndp.advertisement': {
          actions: step(({ context, event }) =>
            event.senderMac === context.mac
              ? recorded({
                  step: 'ndp.advertisement',
                  at: event,
                  detail: { ip: event.senderIp, mac: event.senderMac },
                  why: 'the same answer again',
                })
              : judged({
                  step: 'ndp.resolve',
                  from: context.since,
                  at: event,
                  detail: { ip: event.senderIp, mac: event.senderMac },
                  breach: {
                    expected: `one owner of ${event.senderIp}: ${context.mac}`,
                    actual: `${event.senderMac} claims it too`,
                    cause: 'address-in-use',
                  },
                }),
          ),
        },
      },
    },
    unanswered: {},
    probing: {
      meta: { waitsFor: 'silence about its new address', budget: 'duplicate-address' },
      on: {
        'ndp.advertisement': {
          guard: ({ context, event }) => event.senderMac !== context.askerMac,
          target: 'duplicate',
          actions: step(({ context, event }) => duplicate(context, event)),
        },
        'ndp.solicitation': [
          {
            guard: ({ context, event }) => event.senderIp === '::' && event.senderMac !== context.askerMac,
            target: 'duplicate',
            actions: step(({ context, event }) => duplicate(context, event)),
          },
          {
            actions: step(({ context, event }) =>
              recorded({
                step: 'ndp.solicitation',
                at: event,
                detail: { ip: event.targetIp, asker: askerOf(context) },
                why: 'asked again before the wait was over',
              }),
            ),
          },
        ],
        deadline: {
          target: 'free',
          actions: step(({ context, event }) =>
            judged({
              step: 'ndp.duplicate-address',
              from: context.since,
              at: { frame: 0, atUs: event.atUs },
              detail: { ip: context.targetIp, asker: askerOf(context) },
            }),
          ),
        },
      },
    },
    free: {
      on: {
        'ndp.advertisement': {
          guard: ({ context, event }) => event.senderMac !== context.askerMac,
          target: 'duplicate',
          actions: step(({ context, event }) => duplicate(context, event)),
        },
      },
    },
    duplicate: {},
  },
});

function asked(event: NeighbourEvent | Omit<NeighbourEvent, 'type'>): NdpContext {
  return {
    since: seen(event),
    tries: [seen(event)],
    aside: event.senderIp === '::' || event.senderMac !== event.client,
    targetIp: event.targetIp,
    byClient: event.senderMac === event.client,
    askerMac: event.senderMac,
    mac: '',
  };
}
