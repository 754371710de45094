import { urlHost } from '../../base/judge/boot-target.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { Breach, StepDraft } from '../../base/judge/step.ts';
import type { Dhcpv6Event } from '../observe/events.ts';
import { malformedOption } from '../wire/options.ts';
import { answerBreach, type Exchange, givenBreach, namesNoBootFile, replyBreach, requestBreach } from './exchange.ts';
import {
  addressesOf,
  architectureOf,
  bootFileOf,
  clientIdOf,
  dnsServersOf,
  isRapidCommit,
  optionCodesOf,
  preferenceOf,
  refusalOf,
  serverIdOf,
  userClassOf,
  vendorClassOf,
} from './facts.ts';
import { DHCPV6 } from './vocabulary.ts';

const { judged: judgedOfBoot, recorded, missed } = stepBuilders('dhcpv6', DHCPV6);

/** A step that fails only where it is a boot's: of a network stack's own exchange a breach is told, and harms nobody. */
const judged = (exchange: Exchange, { breach, ...parts }: Parameters<typeof judgedOfBoot>[0]): StepDraft => {
  if (exchange.boots || breach === undefined) return judgedOfBoot({ ...parts, breach });
  const { expected, actual, cause } = breach;
  return recorded({ ...parts, why: `${actual}, expected ${expected}; ${NO_BOOT}`, cause });
};
const NO_BOOT = 'the client asks for itself, and no boot depends on it';

type Message = Omit<Dhcpv6Event, 'type'>;
type Cause = keyof typeof DHCPV6.causes;

const askedDetail = ({ message }: Message) => ({
  arch: architectureOf(message),
  vendorClass: vendorClassOf(message),
  userClass: userClassOf(message),
  clientId: clientIdOf(message),
  options: optionCodesOf(message),
});

function grantDetail({ arch, offers }: Exchange, { message }: Message) {
  const [given] = addressesOf(message);
  const server = serverIdOf(message);
  // EDK2 takes the boot file from the ADVERTISE that it chose, where the REPLY leaves it out.
  const bootfile = bootFileOf(message) ?? offers.findLast((offer) => offer.server === server)?.bootFile;
  return {
    server,
    address: given?.address,
    bootfile,
    nextServer: bootfile === undefined ? undefined : urlHost(bootfile),
    preference: preferenceOf(message),
    validSeconds: given?.valid,
    dnsServers: dnsServersOf(message),
    status: refusalOf(message)?.status,
    arch,
    vendorClass: vendorClassOf(message),
    clientId: clientIdOf(message),
    options: optionCodesOf(message),
  };
}

const soundBreach = ({ message }: Message): Breach<Cause> | undefined => {
  const trouble = malformedOption(message);
  return trouble && { expected: 'options that decode', actual: trouble.reason, cause: 'malformed-message' };
};

/** `dhcpv6.solicit`, one an attempt. `exchange` has it counted. */
export function solicitStep(exchange: Exchange, event: Message): StepDraft {
  const rapidCommit = isRapidCommit(event.message) || undefined;
  return judged(exchange, {
    step: 'dhcpv6.solicit',
    at: event,
    detail: { ...askedDetail(event), attempt: exchange.attempts, rapidCommit },
    breach: soundBreach(event),
  });
}

/** `dhcpv6.information-request`. */
export function informationStep(exchange: Exchange, event: Message): StepDraft {
  return judged(exchange, {
    step: 'dhcpv6.information-request',
    at: event,
    detail: askedDetail(event),
    breach: soundBreach(event),
  });
}

/** `dhcpv6.advertise`, or `dhcpv6.refused` where it says by a status code that there is nothing to offer. */
export function advertiseStep(exchange: Exchange, event: Message): StepDraft {
  const wrong = answerBreach(exchange, event);
  if (!wrong && refusalOf(event.message)) return refusedStep(exchange, event);
  return judged(exchange, {
    step: 'dhcpv6.advertise',
    from: exchange.asked,
    at: event,
    detail: grantDetail(exchange, event),
    breach: wrong ?? givenBreach(exchange, event),
  });
}

/** `dhcpv6.request`. `exchange` is that before it. */
export function requestStep(exchange: Exchange, event: Message): StepDraft {
  return judged(exchange, {
    step: 'dhcpv6.request',
    at: event,
    detail: heldDetail(event),
    breach: requestBreach(exchange, event),
  });
}

const heldDetail = (event: Message) => ({
  ...askedDetail(event),
  server: serverIdOf(event.message),
  requested: addressesOf(event.message)[0]?.address,
});

/** `dhcpv6.reply`, or `dhcpv6.refused`; `also` is a breach that only the state knows. */
export function replyStep(exchange: Exchange, event: Message, also?: Breach<Cause>): StepDraft {
  const wrong = also ?? replyBreach(exchange, event);
  const isOfAnswer = answerBreach(exchange, event) !== undefined;
  if (!also && !isOfAnswer && refusalOf(event.message)) return refusedStep(exchange, event);
  return judged(exchange, {
    step: 'dhcpv6.reply',
    from: exchange.asked,
    at: event,
    detail: grantDetail(exchange, event),
    breach: wrong,
  });
}

const STATUS_CAUSES: Readonly<Record<string, Cause>> = {
  NoAddrsAvail: 'dhcpv6-no-address',
  NoPrefixAvail: 'dhcpv6-no-address',
  NotOnLink: 'dhcpv6-not-on-link',
};

/** `dhcpv6.refused`: failed, unless another server has offered something. */
function refusedStep(exchange: Exchange, event: Message): StepDraft {
  const { status = '', message = '' } = refusalOf(event.message) ?? {};
  const parts = {
    step: 'dhcpv6.refused' as const,
    from: exchange.asked,
    at: event,
    detail: { server: serverIdOf(event.message), status, message },
  };
  const cause = STATUS_CAUSES[status] ?? 'dhcpv6-refused';
  if (exchange.offers.length > 0 && exchange.server === undefined)
    return recorded({ ...parts, why: 'another server has offered an address', cause });
  return judged(exchange, {
    ...parts,
    breach: { expected: 'status Success', actual: message === '' ? status : `${status}: ${message}`, cause },
  });
}

/** `dhcpv6.decline`: the client found that somebody uses the address (RFC 8415 section 18.2.8). */
export function declineStep(exchange: Exchange, event: Message): StepDraft {
  const requested = addressesOf(event.message)[0]?.address;
  return judged(exchange, {
    step: 'dhcpv6.decline',
    at: event,
    detail: { ...askedDetail(event), requested },
    breach: {
      expected: `the client takes ${requested ?? 'the address'}`,
      actual: 'it declines the address',
      cause: 'address-in-use',
    },
  });
}

/** A message that changes nothing. */
export function recordedMessage(exchange: Exchange, event: Dhcpv6Event, why: string): StepDraft {
  const { type } = event;
  const isAnswer = type === 'dhcpv6.advertise' || type === 'dhcpv6.reply' || type === 'dhcpv6.reconfigure';
  const at = { at: event, why };
  if (type === 'dhcpv6.other')
    return recorded({ step: type, detail: { options: optionCodesOf(event.message) }, ...at });
  if (isAnswer) return recorded({ step: type, detail: grantDetail({ ...exchange, offers: [] }, event), ...at });
  if (type === 'dhcpv6.solicit' || type === 'dhcpv6.information-request')
    return recorded({ step: type, detail: askedDetail(event), ...at });
  return recorded({ step: type, detail: heldDetail(event), ...at });
}

/** The failed step of a server or client that stayed silent. */
export function missingStep(
  step: 'dhcpv6.advertise' | 'dhcpv6.request' | 'dhcpv6.reply',
  exchange: Exchange,
  atUs: number,
): StepDraft {
  const common = { step, since: exchange.since, atUs, detail: { arch: exchange.arch } };
  const { attempts, offers, boots } = exchange;
  if (!boots)
    return recorded({
      step,
      from: exchange.since,
      at: { frame: 0, atUs },
      detail: {},
      why: `it did not come; ${NO_BOOT}`,
    });
  if (step === 'dhcpv6.advertise')
    return missed({
      ...common,
      waitedFor: 'an ADVERTISE',
      actual: `no answer to ${attempts} SOLICIT${attempts === 1 ? '' : 's'}`,
      cause: 'dhcpv6-silent',
    });
  if (step === 'dhcpv6.reply')
    return missed({
      ...common,
      waitedFor: 'a REPLY',
      actual: exchange.wantsAddress
        ? `no answer to the REQUEST for ${exchange.requested ?? 'an address'}`
        : 'no answer to the INFORMATION-REQUEST',
      cause: exchange.wantsAddress ? 'dhcpv6-reply-missing' : 'dhcpv6-silent',
    });
  return missed({
    ...common,
    waitedFor: 'a REQUEST',
    actual: `the client took none of ${offers.length} offers (${offers.map(({ server }) => server).join(', ')})`,
    cause: offers.every(namesNoBootFile) ? 'no-boot-file' : 'dhcpv6-offer-ignored',
  });
}
