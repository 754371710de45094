import type { DhcpMessage } from '../wire/message.ts';
import { option, optionText } from '../wire/options.ts';
import { BOOT_SERVER_PORT } from '../wire/ports.ts';

/**
 * Whether a message is one of a network boot: a vendor class of network boot or an architecture (options 60 and 93), or
 * a question or answer at a boot server's port.
 */
export function isOfBoot(message: DhcpMessage, ...ports: readonly (number | undefined)[]): boolean {
  const vendorClass = optionText(message, 60);
  return (
    ports.includes(BOOT_SERVER_PORT) ||
    option(message, 93) !== undefined ||
    (typeof vendorClass === 'string' && /^(PXE|HTTP)Client/.test(vendorClass))
  );
}
