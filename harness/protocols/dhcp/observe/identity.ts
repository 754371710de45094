import { macText } from '../../../packet/addresses.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { optionBytes } from '../wire/options.ts';
import { clientMachineIdentifier } from '../wire/pxe.ts';

const ETHERNET = 1;
const MAC_LENGTH = 6;

/**
 * Who a client says that it is where the message has no hardware address of six bytes, as over InfiniBand (RFC 4390
 * section 2): by the hardware address in its client identifier (option 61, RFC 2132 section 9.14), else by that
 * identifier as a whole, else by its UUID (option 97, RFC 4578 section 2.3).
 */
export function identityWithoutHardware(message: DhcpMessage): string | undefined {
  if (isHardwareAddress(message.chaddr)) return undefined;
  const identifier = optionBytes(message, 61);
  if (identifier && identifier.length > 1)
    return identifier[0] === ETHERNET && identifier.length === 1 + MAC_LENGTH
      ? macText(identifier.subarray(1))
      : `client identifier ${hex(identifier)}`;
  const uuid = clientMachineIdentifier(message);
  return uuid === undefined || isMalformed(uuid) ? undefined : `UUID ${uuid}`;
}

/** Six bytes that are not all zero. */
function isHardwareAddress(chaddr: string): boolean {
  return chaddr.length === MAC_LENGTH * 3 - 1 && /[1-9a-f]/.test(chaddr);
}
