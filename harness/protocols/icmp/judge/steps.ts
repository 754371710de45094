import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { IcmpEvent } from '../observe/events.ts';
import { refusalText, refusalOf } from './refusal.ts';
import { ICMP } from './vocabulary.ts';

const { recorded } = stepBuilders('icmp', ICMP);
const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };

/**
 * `icmp.unreachable`, recorded: the request that it answers fails by itself, unless the client asks again and is
 * answered.
 */
export function unreachableStep(event: IcmpEvent): StepDraft {
  const { reason, from, protocol, sender, receiver, byClient, mtu } = event;
  const server = byClient ? receiver : sender;
  return recorded({
    step: 'icmp.unreachable',
    at: event,
    detail: {
      reason,
      by: from.ip,
      protocol: PROTOCOLS[protocol] ?? String(protocol),
      server: server.ip,
      port: server.port === 0 ? undefined : server.port,
      mtu,
    },
    why: byClient
      ? `${refusalText(refusalOf(event))}, for what the client sent`
      : `${refusalText(refusalOf(event))}, for what was sent to the client`,
    cause: reason,
  });
}
