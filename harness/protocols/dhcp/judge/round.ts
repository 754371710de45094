import type { IcmpRefusal } from '../../icmp/judge/refusal.ts';
import type { DhcpEvent } from '../observe/events.ts';
import { bootFile, hasBootServerMenu, leaseSeconds, nextServer, requestedAddress, serverIdentifier } from './facts.ts';
import { decodingBreach, headerBreach } from './header.ts';
import { type Waiting, triedAgain } from '../../base/judge/machine-parts.ts';
import { UNSEEN, seen, type Breach, type Sighting } from '../../base/judge/step.ts';
import type { DHCP } from './vocabulary.ts';

/** An address that a server offered. */
interface OfferSeen {
  readonly server: string;
  readonly yiaddr: string;
  readonly at: Sighting;
}

/** One DISCOVER-to-ACK round; a client has several (firmware, chained iPXE, guest). */
export interface DhcpRound extends Waiting {
  readonly xid: number;
  /** DISCOVERs with this xid so far. */
  readonly attempts: number;
  readonly discovered: Sighting;
  /** The last DISCOVER or REQUEST: what an answer is measured from. */
  readonly asked: Sighting;
  readonly offers: readonly OfferSeen[];
  /** Whether any offer named a boot file. */
  readonly bootFileOffered: boolean;
  /** Whether a boot server offered itself in this round. */
  readonly bootServerOffered: boolean;
  readonly requested: string;
  readonly server: string;
  /** What the ACK granted: an equal ACK is a repeat, any other contradicts it. */
  readonly acknowledged: string;
  /** Transactions of this client before this round, the newest last. */
  readonly former: readonly number[];
  /** Transaction of the client's last INFORM, which belongs to no round. */
  readonly informed: number | undefined;
  readonly refusal: IcmpRefusal | undefined;
}

/** Former transactions that are remembered: an answer that is later than so many rounds belongs to nothing. */
const MAX_FORMER = 16;

/** No round yet. */
export const NO_ROUND: DhcpRound = {
  since: UNSEEN,
  xid: 0,
  attempts: 0,
  discovered: UNSEEN,
  asked: UNSEEN,
  offers: [],
  bootFileOffered: false,
  bootServerOffered: false,
  requested: '',
  server: '',
  acknowledged: '',
  former: [],
  informed: undefined,
  refusal: undefined,
};

/** A new round of the same client. */
function after({ xid, asked, former, informed }: DhcpRound): DhcpRound {
  return { ...NO_ROUND, former: asked === UNSEEN ? former : [...former, xid].slice(-MAX_FORMER), informed };
}

/** The round after this DISCOVER: the same round when the xid is the same (iPXE and EDK2 keep it for all attempts). */
export function discovered(round: DhcpRound, event: DhcpEvent, current: boolean): DhcpRound {
  const at = seen(event);
  if (current && event.message.xid === round.xid)
    return { ...round, attempts: round.attempts + 1, asked: at, tries: triedAgain(round, event) };
  // A client that starts over without any offer has still been waiting since its first DISCOVER.
  const startsOver = current && round.offers.length === 0;
  return {
    ...after(round),
    since: startsOver ? round.since : at,
    tries: startsOver ? triedAgain(round, event) : [at],
    xid: event.message.xid,
    attempts: 1,
    discovered: at,
    asked: at,
  };
}

/** The round after an OFFER. */
export function offered(round: DhcpRound, event: DhcpEvent): DhcpRound {
  const offer: OfferSeen = { server: serverOf(event), yiaddr: event.message.yiaddr, at: seen(event) };
  const bootFileOffered = round.bootFileOffered || bootFile(event.message) !== '' || hasBootServerMenu(event.message);
  return {
    ...round,
    since: seen(event),
    offers: [...round.offers, offer],
    bootFileOffered,
    fruitless: !namesBoot({ ...round, bootFileOffered }),
  };
}

/** Whether firmware could boot by what it was offered in a round. */
export const namesBoot = ({ bootFileOffered, bootServerOffered }: DhcpRound): boolean =>
  bootFileOffered || bootServerOffered;

/** The round after a REQUEST; a REQUEST out of nothing (INIT-REBOOT, RFC 2131 section 4.3.2) begins one. */
export function requested(round: DhcpRound, event: DhcpEvent): DhcpRound {
  const at = seen(event);
  const kept = event.message.xid === round.xid ? round : { ...after(round), xid: event.message.xid, discovered: at };
  return {
    ...kept,
    fruitless: false,
    since: at,
    asked: at,
    tries: [at],
    requested: requestedOf(event),
    server: serverIdentifier(event.message) ?? '',
  };
}

/** What a REQUEST asks for: option 50, or ciaddr when it renews (RFC 2131 section 4.3.2). */
export function requestedOf(event: DhcpEvent): string {
  return requestedAddress(event.message) ?? (event.message.ciaddr === '0.0.0.0' ? '' : event.message.ciaddr);
}

/** Who a server says it is, else where its frame came from. */
export function serverOf(event: DhcpEvent): string {
  return serverIdentifier(event.message) ?? event.from.ip;
}

/** Whether this OFFER repeats one of the round. */
export function isRepeatedOffer(round: DhcpRound, event: DhcpEvent): boolean {
  return round.offers.some((offer) => offer.server === serverOf(event) && offer.yiaddr === event.message.yiaddr);
}

/** What an ACK grants, in one line: two equal ones are a resend. */
export function grantOf(event: DhcpEvent): string {
  const message = event.message;
  return [
    message.xid,
    message.yiaddr,
    serverOf(event),
    bootFile(message),
    nextServer(message),
    leaseSeconds(message) ?? '',
  ].join(' ');
}

/**
 * Why an OFFER or ACK answers no question of this round and yet breaks no rule; undefined where it is to be judged. A
 * server may be slower than its client, and a capture may begin after the question.
 */
export function answersElsewhere(round: DhcpRound, event: DhcpEvent): string | undefined {
  const { xid, yiaddr } = event.message;
  if (headerBreach(event)) return undefined;
  // The answer to an INFORM fills in no address (RFC 2131 section 4.3.5).
  if (event.type === 'dhcp.ack' && xid === round.informed && yiaddr === '0.0.0.0')
    return 'the answer to INFORM: options only';
  if (round.asked === UNSEEN) return 'an answer whose question the capture does not have';
  if (xid !== round.xid && round.former.includes(xid))
    return `a late answer to the client’s own transaction ${hex(xid)}: it has gone on to ${hex(round.xid)}`;
  return undefined;
}

/** Which rule of RFC 2131 an OFFER breaks, if any. */
export function offerBreach(round: DhcpRound, event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  const message = event.message;
  if (round.asked !== UNSEEN && message.xid !== round.xid)
    return breach(`transaction id ${hex(round.xid)} of the DISCOVER`, hex(message.xid), 'dhcp-wrong-transaction');
  if (message.yiaddr === '0.0.0.0')
    return breach('an address in yiaddr (RFC 2131 table 3)', '0.0.0.0', 'dhcp-no-address');
  return serverBreach(event) ?? headerBreach(event);
}

/** Which rule a REQUEST breaks: it must choose an offer that was made (RFC 2131 section 3.1 step 3). */
export function requestBreach(round: DhcpRound, event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  const server = serverIdentifier(event.message);
  if (server === undefined || event.message.xid !== round.xid || round.offers.length === 0) return headerBreach(event);
  const fromServer = round.offers.filter((offer) => offer.server === server);
  if (fromServer.length === 0)
    return breach(
      `one of the servers that offered: ${round.offers.map((offer) => offer.server).join(', ')}`,
      server,
      'dhcp-unoffered-request',
    );
  const wanted = requestedOf(event);
  if (!fromServer.some((offer) => offer.yiaddr === wanted))
    return breach(
      `the offered address ${fromServer.map((offer) => offer.yiaddr).join(', ')}`,
      wanted || 'none',
      'dhcp-unoffered-request',
    );
  return headerBreach(event);
}

/**
 * Which rule an ACK breaks: it must answer the REQUEST, by the server that was asked, with the address that was asked
 * for.
 */
export function ackBreach(round: DhcpRound, event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  const message = event.message;
  if (message.xid !== round.xid)
    return breach(`transaction id ${hex(round.xid)} of the REQUEST`, hex(message.xid), 'dhcp-wrong-transaction');
  const wrongServer = serverBreach(event);
  if (wrongServer) return wrongServer;
  if (round.server !== '' && serverOf(event) !== round.server)
    return breach(`server identifier ${round.server}, which the client chose`, serverOf(event), 'dhcp-wrong-server');
  if (round.requested !== '' && message.yiaddr !== round.requested)
    return breach(`yiaddr ${round.requested}, as offered and requested`, message.yiaddr, 'dhcp-address-changed');
  return headerBreach(event);
}

function serverBreach(event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  if (serverIdentifier(event.message) !== undefined) return undefined;
  return (
    decodingBreach(event) ??
    breach('a server identifier, option 54 (RFC 2131 table 3)', 'none', 'dhcp-no-server-identifier')
  );
}

function breach(expected: string, actual: string, cause: keyof typeof DHCP.causes): Breach<keyof typeof DHCP.causes> {
  return { expected, actual, cause };
}

const hex = (xid: number): string => `0x${xid.toString(16).padStart(8, '0')}`;
