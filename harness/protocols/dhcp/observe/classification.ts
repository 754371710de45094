import { BOOT_SERVER_PORT } from '../wire/ports.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { messageType, option, optionText } from '../wire/options.ts';
import { hasPxeSubOption, PXE_SUB_OPTIONS } from '../wire/pxe-vendor.ts';
import type { DhcpEvent } from './events.ts';

const BOOTREPLY = 2;
const OFFER = 2;
const REQUEST = 3;
const ACK = 5;
const NAK = 6;
const INFORM = 8;
const NO_ADDRESS = '0.0.0.0';

const BY_MESSAGE_TYPE: Readonly<Record<number, DhcpEvent['type']>> = {
  1: 'dhcp.discover',
  2: 'dhcp.offer',
  3: 'dhcp.request',
  4: 'dhcp.decline',
  5: 'dhcp.ack',
  6: 'dhcp.nak',
  7: 'dhcp.release',
  8: 'dhcp.inform',
};

/** What a DHCP message is to a PXE client: part of getting an address, or part of finding a boot server. */
export function classifyDhcp(message: DhcpMessage, sourcePort: number, destinationPort: number): DhcpEvent['type'] {
  const type = messageType(message);
  if (typeof type !== 'number') return 'dhcp.other';
  const bootServer = sourcePort === BOOT_SERVER_PORT || destinationPort === BOOT_SERVER_PORT;
  if (message.op === BOOTREPLY) {
    if (bootServer || (message.yiaddr === NO_ADDRESS && isNetworkBootReply(message))) {
      if (type === OFFER) return 'proxydhcp.offer';
      // An ACK without an address also answers an INFORM, whose ciaddr it repeats (RFC 2131 section 4.3.5).
      if (type === ACK && (bootServer || message.ciaddr === NO_ADDRESS)) return 'proxydhcp.ack';
      if (bootServer && type !== NAK) return 'dhcp.other';
    }
  } else if (bootServer && (type === REQUEST || type === INFORM)) return 'proxydhcp.request';
  else if (type === REQUEST && asksForBootItem(message)) return 'proxydhcp.request';
  return BY_MESSAGE_TYPE[type] ?? 'dhcp.other';
}

/** Option 60 as a boot server sets it: `PXEClient` (PXE 2.1), or `HTTPClient` for UEFI HTTP boot. */
function isNetworkBootReply(message: DhcpMessage): boolean {
  const vendorClass = optionText(message, 60);
  return (
    typeof vendorClass === 'string' && (vendorClass.startsWith('PXEClient') || vendorClass.startsWith('HTTPClient'))
  );
}

/**
 * Option 43 with sub-option 71, boot item: boot server discovery, which may go to port 67 as a broadcast
 * (harness/docs/protocols.md 1.3, 1.4).
 */
function asksForBootItem(message: DhcpMessage): boolean {
  return option(message, 60) !== undefined && hasPxeSubOption(message, PXE_SUB_OPTIONS.bootItem);
}
