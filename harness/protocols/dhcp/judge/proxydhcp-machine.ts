import { assign, setup } from 'xstate';
import type { Option250Form } from '../../base/judge/boot-facts.ts';
import { machineActions, type MachineEvent, step, triedAgain, type WaitMeta } from '../../base/judge/machine-parts.ts';
import { seen, UNSEEN } from '../../base/judge/step.ts';
import { refusalOf } from '../../icmp/judge/refusal.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TftpEvent } from '../../tftp/observe/events.ts';
import type { DhcpEvent } from '../observe/events.ts';
import { BOOT_SERVER_PORT } from '../wire/ports.ts';
import {
  ackBreach,
  ackStep,
  bothOnPort67Step,
  isOfBootServer,
  isRepeat,
  isWithoutQuestion,
  missed,
  namesBoot,
  offerOf,
  offerStep,
  type ProxyContext,
  recorded,
  repeated,
  requestStep,
  silentStep,
  unexpected,
  withOffer,
  withReferral,
} from './proxydhcp-steps.ts';
import type { DHCP } from './vocabulary.ts';

/** An answer that is later than so many rounds for an address belongs to none of them. */
const MAX_TRANSACTIONS = 16;

/**
 * A client's exchange with boot servers: the offer without an address, and the question on port 4011 (PXE 2.1 section
 * 2.2).
 */
export const proxydhcpMachine = setup({
  types: {
    context: {} as ProxyContext,
    events: {} as MachineEvent<DhcpEvent | TftpEvent | IcmpEvent>,
    input: {} as Option250Form,
    meta: {} as WaitMeta<keyof typeof DHCP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: 'proxydhcp',
  context: ({ input }) => ({
    since: UNSEEN,
    xid: 0,
    discovered: [],
    offers: [],
    asked: UNSEEN,
    askedIp: '',
    askedPort: 0,
    acknowledged: '',
    addressOffers: [],
    referredTo: [],
    form: input,
    refusal: undefined,
  }),
  initial: 'idle',
  on: {
    deadline: {},
    // The judge shows this machine the questions that boot servers answer.
    'dhcp.discover': {
      actions: assign({
        discovered: ({ context, event }) =>
          context.discovered.includes(event.message.xid)
            ? context.discovered
            : [...context.discovered, event.message.xid].slice(-MAX_TRANSACTIONS),
      }),
    },
    'dhcp.offer': [
      {
        guard: ({ context, event }) => isOfBootServer(context, event),
        actions: step(({ context, event }) => bothOnPort67Step(context, event)),
      },
      {
        actions: assign({
          addressOffers: ({ context, event }) => [
            ...context.addressOffers.filter(({ xid }) => xid === event.message.xid),
            { ip: event.from.ip, xid: event.message.xid, at: seen(event) },
          ],
        }),
      },
    ],
    'proxydhcp.offer': [
      {
        guard: ({ context, event }) => isRepeat(context, event),
        actions: step(({ event }) => repeated('proxydhcp.offer', event)),
      },
      // An offer with a boot file needs no second question (iPXE skips the 4011 round).
      {
        guard: ({ event }) => namesBoot(event),
        target: '.offered-boot-file',
        actions: [
          step(({ context, event }) => offerStep(context, event)),
          assign(({ context, event }) => withOffer(context, event)),
        ],
      },
      {
        target: '.offered',
        actions: [
          step(({ context, event }) => offerStep(context, event)),
          assign(({ context, event }) => withOffer(context, event)),
        ],
      },
    ],
    'proxydhcp.request': {
      target: '.requesting',
      actions: [
        step(({ context, event }) => requestStep(context, event)),
        assign(({ event }) => ({
          since: seen(event),
          tries: [seen(event)],
          asked: seen(event),
          askedIp: event.to.ip,
          askedPort: event.from.port,
          xid: event.message.xid,
          refusal: undefined,
        })),
      ],
    },
    'proxydhcp.ack': [
      {
        guard: ({ context, event }) => isWithoutQuestion(context, event),
        actions: step(({ event }) =>
          recorded({
            step: 'proxydhcp.ack',
            at: event,
            detail: { server: event.from.ip },
            why: 'an answer whose question the capture does not have',
          }),
        ),
      },
      {
        actions: step(({ context, event }) =>
          ackStep(context, event, {
            expected: 'an ACK only after a request',
            actual: 'no request is open',
            cause: 'proxydhcp-unasked-answer',
          }),
        ),
      },
    ],
    // The judge also shows this machine that the client went on to load something.
    'tftp.read-request': {},
    'icmp.unreachable': { actions: assign({ refusal: ({ context, event }) => refusalOf(event, context.refusal) }) },
    '*': { actions: step(({ event }) => unexpected(event)) },
  },
  states: {
    idle: {},
    offered: {
      meta: { waitsFor: `a request on port ${BOOT_SERVER_PORT}`, budget: 'proxy-request' },
      on: {
        // It boots by what DHCP told it instead.
        'tftp.read-request': { target: 'idle' },
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) =>
            missed({
              step: 'proxydhcp.request',
              since: context.since,
              atUs: event.atUs,
              detail: {},
              waitedFor: `a request to port ${BOOT_SERVER_PORT}`,
              actual: 'the client never asked the boot server that offered no boot file',
              cause: 'proxydhcp-never-asked',
            }),
          ),
        },
      },
    },
    'offered-boot-file': {},
    requesting: {
      meta: { waitsFor: 'an ACK from the boot server', budget: 'proxy', ladder: 'proxy-request' },
      on: {
        'proxydhcp.request': {
          guard: ({ context, event }) => event.to.ip === context.askedIp,
          actions: [
            step(({ event }) => repeated('proxydhcp.request', event)),
            assign(({ context, event }) => ({
              asked: seen(event),
              tries: triedAgain(context, event),
              xid: event.message.xid,
            })),
          ],
        },
        'proxydhcp.ack': [
          {
            guard: ({ context, event }) => ackBreach(context, event) !== undefined,
            actions: step(({ context, event }) => ackStep(context, event)),
          },
          {
            target: 'acknowledged',
            actions: [
              step(({ context, event }) => ackStep(context, event)),
              assign(({ context, event }) => ({
                acknowledged: offerOf(event),
                referredTo: withReferral(context, event),
              })),
            ],
          },
        ],
        // An answer to the unicast request that came from port 67 looks like DHCP; no client takes it.
        'dhcp.ack': { actions: step(({ context, event }) => ackStep(context, event)) },
        'tftp.read-request': {
          target: 'given-up',
          actions: step(({ context, event }) =>
            recorded({
              step: 'proxydhcp.ack',
              from: context.asked,
              at: event,
              detail: { server: context.askedIp },
              why: 'the client went on without the boot server’s answer',
              cause: 'proxydhcp-silent',
            }),
          ),
        },
        deadline: {
          target: 'given-up',
          actions: step(({ context, event }) => silentStep(context, event.atUs)),
        },
      },
    },
    acknowledged: {
      on: {
        'proxydhcp.ack': {
          guard: ({ context, event }) => offerOf(event) === context.acknowledged,
          actions: step(({ event }) => repeated('proxydhcp.ack', event)),
        },
        'proxydhcp.request': {
          guard: ({ context, event }) => event.message.xid === context.xid && event.to.ip === context.askedIp,
          actions: step(({ event }) => repeated('proxydhcp.request', event)),
        },
      },
    },
    'given-up': {},
  },
});
