import { BOOT_SERVER_PORT, DHCP_SERVER_PORT } from '../wire/ports.ts';
import type { Option250Form } from '../../base/judge/boot-facts.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { type Breach, seen, type Sighting, type StepDraft, UNSEEN } from '../../base/judge/step.ts';
import { type IcmpRefusal, refusalText, refusedExchange } from '../../icmp/judge/refusal.ts';
import type { DhcpEvent } from '../observe/events.ts';
import {
  bootFile,
  hasBootServerMenu,
  nextServer,
  optionCodes,
  otherFile,
  serverIdentifier,
  userClass,
  vendorClass,
  vendorOptions,
} from './facts.ts';
import { headerBreach } from './header.ts';
import { DHCP } from './vocabulary.ts';
import { answeredDetail, askedDetail, wdsOf } from './wds-facts.ts';

export const { judged, recorded, missed, unexpected } = stepBuilders('proxydhcp', DHCP);

type ProxyBreach = Breach<keyof typeof DHCP.causes>;

/** What a client's exchange with boot servers has shown so far. */
export interface ProxyContext extends Waiting {
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
  readonly refusal: IcmpRefusal | undefined;
}

const serverOf = (event: DhcpEvent): string => serverIdentifier(event.message) ?? event.from.ip;
export const offerOf = (event: DhcpEvent): string =>
  [event.message.xid, serverOf(event), bootFile(event.message), nextServer(event.message)].join(' ');
export const namesBoot = (event: DhcpEvent): boolean =>
  bootFile(event.message) !== '' || hasBootServerMenu(event.message);
/** A boot program that has to wait, to go elsewhere or to stop gets no file. */
const namesAction = (context: ProxyContext, event: DhcpEvent): boolean =>
  wdsOf(event.message, context.form).nextAction !== undefined;
export const isRepeat = (context: ProxyContext, event: DhcpEvent): boolean =>
  context.offers.some(({ offer }) => offer === offerOf(event));

export function withOffer(context: ProxyContext, event: DhcpEvent): Partial<ProxyContext> {
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

export function withReferral({ referredTo, form }: ProxyContext, event: DhcpEvent): readonly string[] {
  const { referralServer } = wdsOf(event.message, form);
  return referralServer === undefined || referredTo.includes(referralServer)
    ? referredTo
    : [...referredTo, referralServer];
}

export function offerStep(context: ProxyContext, event: DhcpEvent): StepDraft {
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
      vendorOptions: vendorOptions(event.message),
      options: optionCodes(event.message),
    },
    breach: wrongTransaction ?? port67Breach(context, event) ?? headerBreach(event),
  });
}

/**
 * PXE 2.1 section 2.2.3: on the DHCP server's own host a boot server is found by option 60 and answers on its own port
 * alone.
 */
function port67Breach({ addressOffers }: ProxyContext, event: DhcpEvent): ProxyBreach | undefined {
  const both =
    event.from.port === DHCP_SERVER_PORT &&
    addressOffers.some(({ ip, xid }) => ip === event.from.ip && xid === event.message.xid);
  return both ? bothOnPort67(event.from.ip) : undefined;
}

export const isOfBootServer = ({ offers }: ProxyContext, event: DhcpEvent): boolean =>
  event.from.port === DHCP_SERVER_PORT &&
  offers.some(({ ip, port, xid }) => ip === event.from.ip && port === DHCP_SERVER_PORT && xid === event.message.xid);
const bothOnPort67 = (ip: string): ProxyBreach => ({
  expected: `one service of ${ip} on port ${DHCP_SERVER_PORT}`,
  actual: 'it offers an address and, in another message, a boot server',
  cause: 'pxe-and-dhcp-both-on-67',
});

/** `pxe-and-dhcp-both-on-67` at the second of the two offers, when that is the DHCP server's. */
export function bothOnPort67Step(context: ProxyContext, event: DhcpEvent): StepDraft {
  const offer = context.offers.find(({ ip }) => ip === event.from.ip);
  return judged({
    step: 'proxydhcp.offer',
    from: offer?.at,
    at: event,
    detail: { server: event.from.ip },
    breach: bothOnPort67(event.from.ip),
  });
}

export function requestStep(context: ProxyContext, event: DhcpEvent): StepDraft {
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
      userClass: userClass(event.message),
      vendorOptions: vendorOptions(event.message),
      options: optionCodes(event.message),
    },
    breach,
  });
}

export function ackStep(context: ProxyContext, event: DhcpEvent, also?: ProxyBreach): StepDraft {
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
      vendorOptions: vendorOptions(event.message),
      options: optionCodes(event.message),
    },
    breach: also ?? ackBreach(context, event),
  });
}

/** Whether the capture has no question of the client that any boot server could answer: it began later. */
export function isWithoutQuestion({ discovered, asked }: ProxyContext, event: DhcpEvent): boolean {
  return discovered.length === 0 && asked === UNSEEN && headerBreach(event) === undefined;
}

export function ackBreach(context: ProxyContext, event: DhcpEvent): ProxyBreach | undefined {
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

/** The failed step of a boot server that stayed silent, or whose host said by ICMP that none is there. */
export function silentStep(context: ProxyContext, atUs: number): StepDraft {
  const { askedIp, since, refusal, referredTo } = context;
  const wasReferred = referredTo.includes(askedIp);
  const parts = { step: 'proxydhcp.ack', detail: { server: askedIp } } as const;
  const waitedFor = `an ACK from ${askedIp}:${BOOT_SERVER_PORT} with a boot file`;
  if (refusal && !wasReferred) return judged({ ...parts, ...refusedExchange(since, waitedFor, refusal) });
  return missed({
    ...parts,
    since,
    atUs,
    waitedFor,
    actual: refusal ? refusalText(refusal) : 'no answer that the client could use',
    cause: wasReferred ? 'referral-unanswered' : 'proxydhcp-silent',
  });
}

export function repeated(step: 'proxydhcp.offer' | 'proxydhcp.request' | 'proxydhcp.ack', event: DhcpEvent): StepDraft {
  return recorded({
    step,
    at: event,
    detail: { server: event.type === 'proxydhcp.request' ? event.to.ip : serverOf(event) },
    why: 'the same message again',
  });
}
