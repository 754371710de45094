import { refusedExchange } from '../../icmp/judge/refusal.ts';
import type { DhcpEvent } from '../observe/events.ts';
import {
  architecture,
  bootFile,
  leaseSeconds,
  nextServer,
  optionCodes,
  otherFile,
  serverIdentifier,
  serverMessage,
  userClass,
  vendorClass,
  vendorOptions,
} from './facts.ts';
import { headerBreach } from './header.ts';
import { ackBreach, type DhcpRound, namesBoot, offerBreach, requestBreach, requestedOf, serverOf } from './round.ts';
import type { Breach, StepDraft } from '../../base/judge/step.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { DHCP } from './vocabulary.ts';

const { judged, recorded, missed } = stepBuilders('dhcp', DHCP);

/** `dhcp.discover`, one an attempt. `round` is the round that the DISCOVER belongs to, itself counted. */
export function discoverStep(round: DhcpRound, event: DhcpEvent): StepDraft {
  return judged({
    step: 'dhcp.discover',
    at: event,
    detail: {
      arch: architecture(event.message),
      attempt: round.attempts,
      vendorClass: vendorClass(event.message),
      userClass: userClass(event.message),
      options: optionCodes(event.message),
    },
    breach: headerBreach(event),
  });
}

/** `dhcp.offer`, from the DISCOVER that it answers. */
export function offerStep(round: DhcpRound, event: DhcpEvent): StepDraft {
  return judged({
    step: 'dhcp.offer',
    from: round.asked,
    at: event,
    detail: grantDetail(event),
    breach: offerBreach(round, event),
  });
}

/** `dhcp.request`. `round` is the round before it. */
export function requestStep(round: DhcpRound, event: DhcpEvent): StepDraft {
  return judged({
    step: 'dhcp.request',
    at: event,
    detail: requestDetail(event),
    breach: requestBreach(round, event),
  });
}

function requestDetail(event: DhcpEvent) {
  return {
    requested: requestedOf(event),
    server: serverIdentifier(event.message),
    vendorClass: vendorClass(event.message),
    userClass: userClass(event.message),
    options: optionCodes(event.message),
  };
}

/** `dhcp.ack`, from the REQUEST that it answers; `also` is a breach that only the state knows. */
export function ackStep(round: DhcpRound, event: DhcpEvent, also?: Breach<keyof typeof DHCP.causes>): StepDraft {
  return judged({
    step: 'dhcp.ack',
    from: round.asked,
    at: event,
    detail: grantDetail(event),
    breach: also ?? ackBreach(round, event),
  });
}

/**
 * `dhcp.nak`: failed when it ends a round of four messages, recorded when it only refuses an old address (RFC 2131
 * section 3.2).
 */
export function nakStep(round: DhcpRound, event: DhcpEvent): StepDraft {
  const parts = {
    step: 'dhcp.nak' as const,
    from: round.asked,
    at: event,
    detail: { server: serverOf(event), message: serverMessage(event.message) ?? '' },
  };
  if (round.server === '')
    return recorded({
      ...parts,
      why: 'an address of an earlier lease is refused; the client starts again with DISCOVER',
      cause: 'dhcp-nak',
    });
  return judged({
    ...parts,
    breach: {
      expected: `an ACK for ${round.requested} from ${round.server}`,
      actual: `a NAK: ${serverMessage(event.message) ?? 'without a message'}`,
      cause: 'dhcp-nak',
    },
  });
}

/** `dhcp.decline`: the client found that somebody uses the address (RFC 2131 section 3.1 step 5). */
export function declineStep(round: DhcpRound, event: DhcpEvent): StepDraft {
  return judged({
    step: 'dhcp.decline',
    at: event,
    detail: { requested: requestedOf(event) },
    breach: {
      expected: `the client takes ${round.requested || 'the address'}`,
      actual: 'it declines the address',
      cause: 'address-in-use',
    },
  });
}

/** A message that changes nothing: `dhcp.release`, `dhcp.inform`, resends. */
export function recordedMessage(event: DhcpEvent, why: string): StepDraft {
  const detail = event.type === 'dhcp.request' ? requestDetail(event) : grantDetail(event);
  return recorded({ step: event.type, at: event, detail, why });
}

/** The failed step of a server or client that stayed silent. */
export function missingStep(
  step: 'dhcp.offer' | 'dhcp.request' | 'dhcp.ack',
  round: DhcpRound,
  atUs: number,
): StepDraft {
  const common = { step, since: round.since, atUs, detail: {} };
  if (step === 'dhcp.offer')
    return missed({
      ...common,
      waitedFor: 'an OFFER',
      actual: `no answer to ${round.attempts} DISCOVER${round.attempts === 1 ? '' : 's'}`,
      cause: 'dhcp-silent',
    });
  if (step === 'dhcp.ack' && round.refusal)
    return judged({
      step,
      detail: {},
      ...refusedExchange(round.since, `an ACK to the REQUEST for ${round.requested}`, round.refusal),
    });
  if (step === 'dhcp.ack')
    return missed({
      ...common,
      waitedFor: 'an ACK',
      actual: `no answer to the REQUEST for ${round.requested}`,
      cause: 'dhcp-ack-missing',
    });
  return missed({
    ...common,
    waitedFor: 'a REQUEST',
    actual: `the client took none of ${round.offers.length} offers (${round.offers.map((offer) => offer.server).join(', ')})`,
    cause: namesBoot(round) ? 'offer-ignored' : 'no-boot-file',
  });
}

function grantDetail(event: DhcpEvent): Readonly<Record<string, string | number | undefined>> {
  return {
    server: serverOf(event),
    yiaddr: event.message.yiaddr,
    bootfile: bootFile(event.message),
    otherFile: otherFile(event.message),
    nextServer: nextServer(event.message),
    leaseSeconds: leaseSeconds(event.message),
    vendorClass: vendorClass(event.message),
    vendorOptions: vendorOptions(event.message),
    options: optionCodes(event.message),
  };
}
