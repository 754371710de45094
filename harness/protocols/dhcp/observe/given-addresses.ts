import { isMalformed } from '../../../packet/malformed.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import { optionIp } from '../wire/options.ts';
import type { DhcpEvent } from './events.ts';

const BOOTREPLY = 2;
const NO_ADDRESS = '0.0.0.0';

/** Tells the capture's clients which addresses a message shows as its client's. */
export function tellAddresses(
  { type, message }: Pick<DhcpEvent, 'type' | 'message'>,
  client: string,
  clients: Clients,
): void {
  const { op, yiaddr, ciaddr } = message;
  switch (type) {
    case 'dhcp.offer':
      clients.hopes(client, yiaddr);
      return;
    case 'dhcp.ack':
      // An INFORM's has the address in ciaddr (RFC 2131 section 4.3.5).
      clients.leased(client, yiaddr === NO_ADDRESS ? ciaddr : yiaddr);
      return;
    case 'dhcp.request':
    case 'dhcp.inform':
    case 'proxydhcp.request': {
      // Only a client that has an address fills in ciaddr (RFC 2131 section 4.3.2).
      if (ciaddr !== NO_ADDRESS) clients.leased(client, ciaddr);
      const requested = optionIp(message, 50);
      if (requested !== undefined && !isMalformed(requested)) clients.hopes(client, requested);
      return;
    }
    default:
      // A server of plain BOOTP answers without a message type (RFC 951 section 3).
      if (op === BOOTREPLY && type === 'dhcp.other' && yiaddr !== NO_ADDRESS) clients.leased(client, yiaddr);
  }
}
