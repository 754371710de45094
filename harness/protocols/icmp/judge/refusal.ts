import type { Refusal } from '../../base/judge/refusal.ts';
import { seen, type Sighting } from '../../base/judge/step.ts';
import type { IcmpEvent } from '../observe/events.ts';
import { type Unreachable, versionName } from '../wire/names.ts';

/** A request that ICMP answers instead of its server. */
export interface IcmpRefusal extends Refusal {
  readonly cause: Unreachable;
}

/** What a wait knows after an ICMP error about its request; `before`: what it knew. */
export function refusalOf(event: IcmpEvent, before?: IcmpRefusal): IcmpRefusal {
  const { version, reason, from, receiver, mtu } = event;
  if (before?.cause === reason) return { ...before, times: before.times + 1 };
  const target = [
    ...(from.ip === receiver.ip ? [] : [receiver.ip]),
    ...(receiver.port === 0 ? [] : [`port ${receiver.port}`]),
  ].join(' ');
  const size = mtu === undefined || mtu === 0 ? '' : `, at most ${mtu} bytes`;
  return {
    cause: reason,
    actual: `${versionName(version)} ${reason.replaceAll('-', ' ')}${size} from ${from.ip}${target === '' ? '' : ` for ${target}`}`,
    at: seen(event),
    times: 1,
  };
}

/** A refusal in words. */
export function refusalText({ actual, times }: Refusal): string {
  return times === 1 ? actual : `${actual}, ${times} times`;
}

/** The ends of a failed step's exchange and its breach: the request, and the message that refuses it. */
export function refusedExchange(
  asked: Sighting,
  expected: string,
  refusal: IcmpRefusal,
): {
  readonly from: Sighting;
  readonly at: Sighting;
  readonly breach: { readonly expected: string; readonly actual: string; readonly cause: Unreachable };
} {
  return { from: asked, at: refusal.at, breach: { expected, actual: refusalText(refusal), cause: refusal.cause } };
}
