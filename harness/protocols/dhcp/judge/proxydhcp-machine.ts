import type { Option250Form } from '../../base/judge/boot-facts.ts';
import { BOOT_SERVER_PORT, DHCP_SERVER_PORT } from '../wire/ports.ts';
import { assign, setup } from 'xstate';
import type { TftpEvent } from '../../tftp/observe/events.ts';
import type { DhcpEvent } from '../observe/events.ts';
import {
  bootFile,
  hasBootServerMenu,
  nextServer,
  optionCodes,
  otherFile,
  serverIdentifier,
  vendorClass,
} from './facts.ts';
import { headerBreach } from './header.ts';
import { answeredDetail, askedDetail, wdsOf } from './wds-facts.ts';
import {
  machineActions,
  step,
  type MachineEvent,
  type WaitMeta,
  type Waiting,
} from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Breach, type Sighting, type StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { DHCP } from './vocabulary.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('proxydhcp', DHCP);

/**
 * The boot server's port of PXE 2.1; a reply from any other port is not taken (iPXE dhcp.c, harness/docs/protocols.md
 * 1.2).
 */

interface ProxyContext extends Waiting {
  readonly xid: number;
  /** Transactions of this client's DISCOVERs. */
  readonly discovered: readonly number[];
  readonly offers: readonly {
    readonly server: string;
    readonly ip: string;
    readonly port: number;
    readonly xid: number;
    readonly offer: string;
    readonly at: Sighting;
  }[];
  readonly asked: Sighting;
  readonly askedIp: string;
  readonly askedPort: number;
  readonly acknowledged: string;
  /** Offers of addresses: a boot server on such a host has no business on port 67. */
  readonly addressOffers: readonly { readonly ip: string; readonly xid: number; readonly at: Sighting }[];
  /** Servers that a boot program was referred to. */
  readonly referredTo: readonly string[];
  readonly form: Option250Form;
}

const machine = 'proxydhcp';
const serverOf = (event: DhcpEvent): string => serverIdentifier(event.message) ?? event.from.ip;
const offerOf = (event: DhcpEvent): string =>
  [event.message.xid, serverOf(event), bootFile(event.message), nextServer(event.message)].join(' ');
const namesBoot = (event: DhcpEvent): boolean => bootFile(event.message) !== '' || hasBootServerMenu(event.message);
/** A boot program that has to wait, to go elsewhere or to stop gets no file. */
const namesAction = (context: ProxyContext, event: DhcpEvent): boolean =>
  wdsOf(event.message, context.form).nextAction !== undefined;
const isRepeat = (context: ProxyContext, event: DhcpEvent): boolean =>
  context.offers.some(({ offer }) => offer === offerOf(event));

/**
 * A client's exchange with boot servers: the offer without an address, and the question on port 4011 (PXE 2.1 section
 * 2.2).
 */
export const proxydhcpMachine = setup({
  types: {
    context: {} as ProxyContext,
    events: {} as MachineEvent<DhcpEvent | TftpEvent>,
    input: {} as Option250Form,
    meta: {} as WaitMeta<keyof typeof DHCP.waits>,
  },
  actions: machineActions,
}).createMachine({
  id: machine,
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
            : [...context.discovered, event.message.xid],
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
          asked: seen(event),
          askedIp: event.to.ip,
          askedPort: event.from.port,
          xid: event.message.xid,
        })),
      ],
    },
    'proxydhcp.ack': {
      actions: step(({ context, event }) =>
        ackStep(context, event, {
          expected: 'an ACK only after a request',
          actual: 'no request is open',
          cause: 'proxydhcp-unasked-answer',
        }),
      ),
    },
    // The judge also shows this machine that the client went on to load something.
    'tftp.read-request': {},
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
      meta: { waitsFor: 'an ACK from the boot server', budget: 'proxy' },
      on: {
        'proxydhcp.request': {
          guard: ({ context, event }) => event.to.ip === context.askedIp,
          actions: [
            step(({ event }) => repeated('proxydhcp.request', event)),
            assign(({ event }) => ({ asked: seen(event), xid: event.message.xid })),
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
          actions: step(({ context, event }) =>
            missed({
              step: 'proxydhcp.ack',
              since: context.since,
              atUs: event.atUs,
              detail: { server: context.askedIp },
              waitedFor: `an ACK from ${context.askedIp}:${BOOT_SERVER_PORT} with a boot file`,
              actual: 'none that the client could take',
              cause: context.referredTo.includes(context.askedIp) ? 'referral-unanswered' : 'proxydhcp-silent',
            }),
          ),
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

function withOffer(context: ProxyContext, event: DhcpEvent): Partial<ProxyContext> {
  // Offers of an earlier round (another transaction) no longer count.
  const current = context.offers.filter((offer) => offer.xid === event.message.xid);
  return {
    since: seen(event),
    offers: [
      ...current,
      {
        server: serverOf(event),
        ip: event.from.ip,
        port: event.from.port,
        xid: event.message.xid,
        offer: offerOf(event),
        at: seen(event),
      },
    ],
  };
}

function withReferral({ referredTo, form }: ProxyContext, event: DhcpEvent): readonly string[] {
  const { referralServer } = wdsOf(event.message, form);
  return referralServer === undefined ? referredTo : [...referredTo, referralServer];
}

function offerStep(context: ProxyContext, event: DhcpEvent): StepDraft {
  const { discovered } = context;
  const { xid } = event.message;
  const wrongTransaction =
    discovered.length > 0 && !discovered.includes(xid)
      ? {
          expected: `transaction id ${discovered.join(' or ')} of a DISCOVER`,
          actual: String(xid),
          cause: 'dhcp-wrong-transaction' as const,
        }
      : undefined;
  return judged({
    step: 'proxydhcp.offer',
    at: event,
    detail: {
      server: serverOf(event),
      bootfile: bootFile(event.message),
      nextServer: nextServer(event.message),
      vendorClass: vendorClass(event.message),
      options: optionCodes(event.message),
    },
    breach: wrongTransaction ?? port67Breach(context, event) ?? headerBreach(event),
  });
}

/**
 * PXE 2.1 section 2.2.3: on the DHCP server's own host a boot server is found by option 60 and answers on its own port
 * alone.
 */
function port67Breach({ addressOffers }: ProxyContext, event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  const both =
    event.from.port === DHCP_SERVER_PORT &&
    addressOffers.some(({ ip, xid }) => ip === event.from.ip && xid === event.message.xid);
  return both ? bothOnPort67(event.from.ip) : undefined;
}

const isOfBootServer = ({ offers }: ProxyContext, event: DhcpEvent): boolean =>
  event.from.port === DHCP_SERVER_PORT &&
  offers.some(({ ip, port, xid }) => ip === event.from.ip && port === DHCP_SERVER_PORT && xid === event.message.xid);
const bothOnPort67 = (ip: string): Breach<keyof typeof DHCP.causes> => ({
  expected: `one service of ${ip} on port ${DHCP_SERVER_PORT}`,
  actual: 'it offers an address and, in another message, a boot server',
  cause: 'pxe-and-dhcp-both-on-67',
});

/** `pxe-and-dhcp-both-on-67` at the second of the two offers, when that is the DHCP server's. */
function bothOnPort67Step(context: ProxyContext, event: DhcpEvent): StepDraft {
  const offer = context.offers.find(({ ip }) => ip === event.from.ip);
  return judged({
    step: 'proxydhcp.offer',
    from: offer?.at,
    at: event,
    detail: { server: event.from.ip },
    breach: bothOnPort67(event.from.ip),
  });
}

function requestStep(context: ProxyContext, event: DhcpEvent): StepDraft {
  const servers = [...context.offers.flatMap((offer) => [offer.server, offer.ip]), ...context.referredTo];
  const known = context.offers.length === 0 || servers.includes(event.to.ip) || event.to.ip === '255.255.255.255';
  // iPXE names the server in option 54, EDK2 leaves it out (harness/docs/protocols.md 1.1).
  const identifier = serverIdentifier(event.message);
  const misnamed =
    identifier !== undefined && identifier !== event.to.ip && !servers.includes(identifier)
      ? {
          expected: `option 54 to name ${event.to.ip}, which is asked`,
          actual: identifier,
          cause: 'proxydhcp-wrong-server' as const,
        }
      : undefined;
  const breach =
    misnamed ??
    (known
      ? headerBreach(event)
      : {
          expected: `a boot server that offered: ${[...new Set(servers)].join(', ')}`,
          actual: event.to.ip,
          cause: 'proxydhcp-wrong-server' as const,
        });
  return judged({
    step: 'proxydhcp.request',
    at: event,
    detail: {
      server: event.to.ip,
      port: event.to.port,
      clientPort: event.from.port,
      ...askedDetail(event.message, context.form),
      vendorClass: vendorClass(event.message),
      options: optionCodes(event.message),
    },
    breach,
  });
}

function ackStep(context: ProxyContext, event: DhcpEvent, also?: Breach<keyof typeof DHCP.causes>): StepDraft {
  return judged({
    step: 'proxydhcp.ack',
    from: context.asked,
    at: event,
    detail: {
      server: serverOf(event),
      bootfile: bootFile(event.message),
      otherFile: otherFile(event.message),
      nextServer: nextServer(event.message),
      clientPort: event.to.port,
      ...answeredDetail(event.message, context.form),
      vendorClass: vendorClass(event.message),
      bytes: event.message.length,
      options: optionCodes(event.message),
    },
    breach: also ?? ackBreach(context, event),
  });
}

function ackBreach(context: ProxyContext, event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  if (event.from.port !== BOOT_SERVER_PORT)
    return {
      expected: `an answer from port ${BOOT_SERVER_PORT}`,
      actual: `from port ${event.from.port}`,
      cause: 'proxydhcp-wrong-port',
    };
  if (event.to.port !== context.askedPort && event.message.giaddr === '0.0.0.0')
    return {
      expected: `an answer to port ${context.askedPort}, which asked`,
      actual: `to port ${event.to.port}`,
      cause: 'proxydhcp-wrong-port',
    };
  if (event.message.xid !== context.xid)
    return {
      expected: `transaction id ${context.xid} of the request`,
      actual: String(event.message.xid),
      cause: 'dhcp-wrong-transaction',
    };
  const server = serverIdentifier(event.message);
  const broadcast = context.askedIp === '255.255.255.255';
  if (!broadcast && event.from.ip !== context.askedIp && server !== context.askedIp)
    return { expected: `an answer by ${context.askedIp}`, actual: event.from.ip, cause: 'proxydhcp-wrong-server' };
  if (!namesBoot(event) && !namesAction(context, event))
    return { expected: 'a boot file in the answer', actual: 'none', cause: 'proxydhcp-no-boot-file' };
  return headerBreach(event);
}

function repeated(step: 'proxydhcp.offer' | 'proxydhcp.request' | 'proxydhcp.ack', event: DhcpEvent): StepDraft {
  return recorded({
    step,
    at: event,
    detail: { server: event.type === 'proxydhcp.request' ? event.to.ip : serverOf(event) },
    why: 'the same message again',
  });
}
