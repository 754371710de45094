import { type Waiting, triedAgain } from '../../base/judge/machine-parts.ts';
import { seen, UNSEEN, type Breach, type Sighting } from '../../base/judge/step.ts';
import { hexNumber } from '../../../packet/text.ts';
import type { Dhcpv6Event } from '../observe/events.ts';
import { malformedOption } from '../wire/options.ts';
import {
  addressesOf,
  architectureOf,
  asksForBoot,
  bootFileOf,
  clientIdOf,
  hasAssociation,
  iaidOf,
  isUsableUrl,
  serverIdOf,
} from './facts.ts';
import type { DHCPV6 } from './vocabulary.ts';

type Cause = keyof typeof DHCPV6.causes;
type Message = Omit<Dhcpv6Event, 'type'>;

/** What a server offered. */
interface OfferSeen {
  readonly server: string;
  readonly address: string | undefined;
  readonly bootFile: string | undefined;
}

/** One exchange for addresses or settings: SOLICIT to REPLY, or INFORMATION-REQUEST to REPLY. */
export interface Exchange extends Waiting {
  readonly transaction: number;
  readonly attempts: number;
  /** The message that an answer is measured from. */
  readonly asked: Sighting;
  readonly clientId: string | undefined;
  readonly iaid: number | undefined;
  /** Option 61 of the client; undefined where a system asks that does not boot. */
  readonly arch: number | undefined;
  /** Whether it is a boot's, and no network stack's own: `aside` says the same to who waits. */
  readonly boots: boolean;
  /** Whether addresses are asked for, or settings only. */
  readonly wantsAddress: boolean;
  readonly offers: readonly OfferSeen[];
  readonly server: string | undefined;
  readonly requested: string | undefined;
  /** What the REPLY said: an equal one is a resend. */
  readonly replied: string;
  /** Transactions before this one, and what they were for; answers to them change nothing. */
  readonly former: readonly { readonly transaction: number; readonly type: string }[];
}

/** Former transactions that are remembered. */
const MAX_FORMER = 16;

export const NO_EXCHANGE: Exchange = {
  since: UNSEEN,
  transaction: -1,
  attempts: 0,
  asked: UNSEEN,
  clientId: undefined,
  iaid: undefined,
  arch: undefined,
  boots: false,
  wantsAddress: true,
  offers: [],
  server: undefined,
  requested: undefined,
  replied: '',
  former: [],
};

/** The exchange after a SOLICIT or INFORMATION-REQUEST: the same one when the transaction is (RFC 8415 section 15). */
export function begun(exchange: Exchange, event: Message, isWaiting: boolean, type: string): Exchange {
  const at = seen(event);
  if (isWaiting && event.message.transaction === exchange.transaction)
    return { ...exchange, attempts: exchange.attempts + 1, asked: at, tries: triedAgain(exchange, event) };
  // A client that starts over without any answer has still been waiting since it first asked.
  const startsOver = isWaiting && exchange.offers.length === 0;
  return {
    ...NO_EXCHANGE,
    ...who(event),
    former: formerOf(exchange, type),
    since: startsOver ? exchange.since : at,
    tries: startsOver ? triedAgain(exchange, event) : [at],
    transaction: event.message.transaction,
    attempts: 1,
    asked: at,
    wantsAddress: hasAssociation(event.message),
  };
}

/** The exchange after a REQUEST, which has a transaction of its own. */
export function requested(exchange: Exchange, event: Message): Exchange {
  const at = seen(event);
  return {
    ...exchange,
    ...who(event),
    former: formerOf(exchange, 'SOLICIT'),
    since: at,
    asked: at,
    tries: [at],
    transaction: event.message.transaction,
    server: serverIdOf(event.message),
    requested: addressesOf(event.message)[0]?.address,
    wantsAddress: hasAssociation(event.message),
    fruitless: false,
    boots: exchange.boots || asksForBoot(event.message),
    aside: exchange.boots ? false : !asksForBoot(event.message),
    arch: architectureOf(event.message) ?? exchange.arch,
  };
}

/** The exchange after a message that only its REPLY belongs to: RELEASE, RENEW, … */
export function aside(exchange: Exchange, event: Message, type: string): Exchange {
  return {
    ...exchange,
    former: [...exchange.former, { transaction: event.message.transaction, type }].slice(-MAX_FORMER),
  };
}

/** The exchange after an ADVERTISE. */
export function advertised(exchange: Exchange, event: Message): Exchange {
  const offers = [...exchange.offers, offerOf(event)];
  return { ...exchange, since: seen(event), offers, fruitless: exchange.boots && offers.every(namesNoBootFile) };
}

/** An offer that no firmware boots by. */
export const namesNoBootFile = ({ bootFile }: OfferSeen): boolean => bootFile === undefined;

export function offerOf({ message }: Message): OfferSeen {
  return {
    server: serverIdOf(message) ?? '',
    address: addressesOf(message)[0]?.address,
    bootFile: bootFileOf(message),
  };
}

/** What a REPLY says, in one line. */
export function grantOf({ message }: Message): string {
  return [message.transaction, serverIdOf(message), addressesOf(message)[0]?.address, bootFileOf(message)].join(' ');
}

const who = ({ message }: Message) => ({
  clientId: clientIdOf(message),
  iaid: iaidOf(message),
  arch: architectureOf(message),
  boots: asksForBoot(message),
  aside: !asksForBoot(message),
});

function formerOf({ transaction, asked, former }: Exchange, type: string): Exchange['former'] {
  return asked === UNSEEN ? former : [...former, { transaction, type }].slice(-MAX_FORMER);
}

/** Why an answer belongs to no open question of this exchange and yet breaks no rule; undefined where it is to be judged. */
export function answersElsewhere(exchange: Exchange, { message }: Message): string | undefined {
  if (message.transaction === exchange.transaction) return undefined;
  const former = exchange.former.findLast(({ transaction }) => transaction === message.transaction);
  if (former) return `the answer to ${former.type}, transaction ${hexNumber(message.transaction, 6)}`;
  return exchange.asked === UNSEEN ? 'an answer whose question the capture does not have' : undefined;
}

/** Which rule an answer breaks whatever its type (RFC 8415 sections 16.3 and 16.10). */
export function answerBreach(exchange: Exchange, { message }: Message): Breach<Cause> | undefined {
  const trouble = malformedOption(message);
  if (trouble) return breach('options that decode', trouble.reason, 'malformed-message');
  if (message.transaction !== exchange.transaction)
    return breach(
      `transaction ${hexNumber(exchange.transaction, 6)}`,
      hexNumber(message.transaction, 6),
      'dhcpv6-wrong-transaction',
    );
  if (serverIdOf(message) === undefined)
    return breach('a server identifier, option 2', 'none', 'dhcpv6-no-server-identifier');
  // Who asks for settings only need not say who it is (RFC 8415 section 18.2.6).
  const client = clientIdOf(message);
  if (client !== exchange.clientId && (exchange.clientId !== undefined || client !== undefined))
    return breach(`client identifier ${exchange.clientId ?? 'none'}`, client ?? 'none', 'dhcpv6-wrong-client');
  // A server that has nothing to give may leave the association out (RFC 8415 section 18.3.9).
  const iaid = iaidOf(message);
  if (iaid !== undefined && iaid !== exchange.iaid)
    return breach(
      `identity association ${exchange.iaid === undefined ? 'none' : hexNumber(exchange.iaid)}`,
      hexNumber(iaid),
      'dhcpv6-wrong-association',
    );
  return undefined;
}

/** Which rule an offer or a grant breaks in what it gives. */
export function givenBreach(exchange: Exchange, { message }: Message): Breach<Cause> | undefined {
  if (exchange.wantsAddress && addressesOf(message).length === 0)
    return breach('an address in the identity association', 'none', 'dhcpv6-no-address');
  const url = bootFileOf(message);
  if (exchange.boots && url !== undefined && !isUsableUrl(url))
    return breach('a URL with scheme, host and path (RFC 5970 section 3.1)', `“${url}”`, 'boot-file-url-unusable');
  return undefined;
}

/** Which rule a REQUEST breaks: it must choose an offer that was made (RFC 8415 section 18.2.2). */
export function requestBreach({ offers }: Exchange, { message }: Message): Breach<Cause> | undefined {
  const trouble = malformedOption(message);
  if (trouble) return breach('options that decode', trouble.reason, 'malformed-message');
  const server = serverIdOf(message);
  if (server === undefined) return breach('a server identifier, option 2', 'none', 'dhcpv6-no-server-identifier');
  if (offers.length === 0) return undefined;
  const fromServer = offers.filter((offer) => offer.server === server);
  if (fromServer.length === 0)
    return breach(
      `one of the servers that offered: ${offers.map((offer) => offer.server).join(', ')}`,
      server,
      'dhcpv6-unoffered-request',
    );
  const wanted = addressesOf(message)[0]?.address;
  if (wanted !== undefined && !fromServer.some(({ address }) => address === wanted))
    return breach(
      `the offered address ${fromServer.map(({ address }) => address ?? 'none').join(', ')}`,
      wanted,
      'dhcpv6-unoffered-request',
    );
  return undefined;
}

/** Which rule a REPLY breaks: the chosen server, the address that was asked for. */
export function replyBreach(exchange: Exchange, event: Message): Breach<Cause> | undefined {
  const wrong = answerBreach(exchange, event);
  if (wrong) return wrong;
  const server = serverIdOf(event.message);
  if (exchange.server !== undefined && server !== exchange.server)
    return breach(
      `server identifier ${exchange.server}, which the client chose`,
      server ?? 'none',
      'dhcpv6-wrong-server',
    );
  const given = addressesOf(event.message)[0]?.address;
  if (exchange.requested !== undefined && given !== undefined && given !== exchange.requested)
    return breach(`address ${exchange.requested}, as offered and requested`, given, 'dhcpv6-address-changed');
  return givenBreach(exchange, event);
}

const breach = (expected: string, actual: string, cause: Cause): Breach<Cause> => ({ expected, actual, cause });
