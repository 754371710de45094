import type { Seen, Endpoint } from '../../base/observe/seen.ts';
import type { DhcpMessage } from '../wire/message.ts';

/**
 * DHCP by message type. `proxydhcp.*` when the exchange is with a boot server and not for an address: an OFFER whose
 * yiaddr is zero and whose option 60 begins `PXEClient`, and everything to or from port 4011 (PXE 2.1,
 * harness/docs/protocols.md 1.2).
 */
export type DhcpEvent = Seen & {
  readonly type:
    | 'dhcp.discover'
    | 'dhcp.offer'
    | 'dhcp.request'
    | 'dhcp.decline'
    | 'dhcp.ack'
    | 'dhcp.nak'
    | 'dhcp.release'
    | 'dhcp.inform'
    | 'proxydhcp.offer'
    | 'proxydhcp.request'
    | 'proxydhcp.ack'
    | 'dhcp.other';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly message: DhcpMessage;
};
