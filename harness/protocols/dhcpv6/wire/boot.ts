import { isMalformed } from '../../../packet/malformed.ts';
import type { Dhcpv6Message } from './message.ts';
import { DHCPV6_OPTIONS, option } from './options.ts';

/** Vendor class, option 16, data of the first class: `PXEClient:Arch:00007:UNDI:003001`. */
export function vendorClassOf(message: Dhcpv6Message): string | undefined {
  const value = option(message, 'vendorClass');
  return value === undefined || isMalformed(value) ? undefined : value.classes[0];
}

/** Client architecture, option 61, first of the list (RFC 5970 section 3.3). */
export function architectureOf(message: Dhcpv6Message): number | undefined {
  const value = option(message, 'architectures');
  return value === undefined || isMalformed(value) ? undefined : value[0];
}

/** Whether a client's message is of a boot: an architecture, or the wish for a boot file URL. */
export function asksForBoot(message: Dhcpv6Message): boolean {
  const wanted = option(message, 'optionRequest');
  return (
    architectureOf(message) !== undefined ||
    (wanted !== undefined && !isMalformed(wanted) && wanted.includes(DHCPV6_OPTIONS.bootFileUrl.code))
  );
}
