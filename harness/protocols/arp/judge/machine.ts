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
import type { ArpEvent } from '../observe/events.ts';
import { ARP } from './vocabulary.ts';

const { judged, recorded, unexpected } = stepBuilders('arp', ARP);

interface ArpContext extends Waiting {
  readonly targetIp: string;
  /** RFC 5227 probe: sender address 0.0.0.0, and silence is the good answer. */
  readonly probe: boolean;
  /** True when the client asks; false when another host asks for the client's address. */
  readonly byClient: boolean;
  /** Hardware address of the host that asks, when that is not the client. */
  readonly asker: string | undefined;
  /** Who answered, once somebody did. */
  readonly mac: string;
}

/**
 * One question "who has this address" and its answer (RFC 826). The judge runs one for each asking and asked address.
 */
export const arpMachine = setup({
  types: {
    context: {} as ArpContext,
    events: {} as MachineEvent<ArpEvent>,
    meta: {} as WaitMeta<keyof typeof ARP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'arp',
  context: { since: UNSEEN, targetIp: '', probe: false, byClient: false, asker: undefined, mac: '' },
  initial: 'idle',
  on: {
    deadline: {},
    'arp.request': [
      {
        guard: ({ event }) => event.gratuitous,
        actions: step(({ event }) =>
          recorded({
            step: 'arp.announce',
            at: event,
            detail: { ip: event.senderIp, mac: event.senderMac },
            why: 'an announcement, which expects no answer',
          }),
        ),
      },
      {
        target: '.asking',
        actions: assign(({ event }) => ({
          since: seen(event),
          tries: [seen(event)],
          targetIp: event.targetIp,
          probe: event.senderIp === '0.0.0.0',
          byClient: event.senderMac === event.client,
          asker: event.senderMac === event.client ? undefined : event.senderMac,
          mac: '',
        })),
      },
    ],
    '*': {
      actions: step(({ event }) =>
        unexpected(event, 'senderIp' in event ? { ip: event.senderIp, mac: event.senderMac } : {}),
      ),
    },
  },
  states: {
    idle: {},
    asking: {
      meta: { waitsFor: 'an ARP answer', budget: 'arp', ladder: 'arp' },
      on: {
        'arp.reply': {
          target: 'resolved',
          actions: [
            step(({ context, event }) =>
              judged({
                step: 'arp.resolve',
                from: context.since,
                at: event,
                detail: { ip: event.senderIp, mac: event.senderMac, asker: context.asker },
                breach: context.probe
                  ? {
                      expected: `no other host uses ${context.targetIp}`,
                      actual: `${event.senderMac} answered for it`,
                      cause: 'address-in-use',
                    }
                  : undefined,
              }),
            ),
            assign({ mac: ({ event }) => event.senderMac }),
          ],
        },
        'arp.request': {
          guard: ({ event }) => !event.gratuitous,
          actions: [
            step(({ context, event }) =>
              recorded({
                step: 'arp.request',
                at: event,
                detail: { ip: event.targetIp, asker: context.asker },
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
              step: 'arp.resolve',
              from: context.since,
              at: { frame: 0, atUs: event.atUs },
              detail: { ip: context.targetIp, asker: context.asker },
              why: silence(context),
              ...(context.probe || !context.byClient ? {} : { cause: 'arp-silent' }),
            }),
          ),
        },
      },
    },
    resolved: {
      on: {
        'arp.reply': {
          actions: step(({ context, event }) =>
            event.senderMac === context.mac
              ? recorded({
                  step: 'arp.reply',
                  at: event,
                  detail: { ip: event.senderIp, mac: event.senderMac },
                  why: 'the same answer again',
                })
              : judged({
                  step: 'arp.resolve',
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
  },
});

function silence(context: ArpContext): string {
  if (context.probe) return 'an unanswered probe: the address is free';
  if (!context.byClient) return 'the client did not answer: it runs no network stack now';
  return 'no answer; a missing gateway does not stop the boot, a missing boot server does';
}
