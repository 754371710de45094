import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { Dhcpv6Event } from '../observe/events.ts';
import { DHCPV6 } from './vocabulary.ts';

const { recorded } = stepBuilders('dhcpv6', DHCPV6);

/** `dhcpv6.message`: which message, and what it says of a boot. */
export function dhcpv6Step(event: Dhcpv6Event): StepDraft {
  const { message, by, server, architecture, vendorClass, bootFileUrl } = event;
  return recorded({
    step: 'dhcpv6.message',
    at: event,
    detail: {
      message,
      by,
      server: by === 'server' ? server.ip : undefined,
      arch: architecture,
      vendorClass,
      bootfile: bootFileUrl,
    },
    why: 'boots over IPv6 are not judged yet',
  });
}
