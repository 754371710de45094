import type { Endpoint, Seen } from '../../base/observe/seen.ts';
import type { Dhcpv6Message } from '../wire/message.ts';

/** DHCPv6 by message type, on the link that client and server (or relay) share. */
export type Dhcpv6Event = Seen & {
  readonly type:
    | 'dhcpv6.solicit'
    | 'dhcpv6.advertise'
    | 'dhcpv6.request'
    | 'dhcpv6.confirm'
    | 'dhcpv6.renew'
    | 'dhcpv6.rebind'
    | 'dhcpv6.reply'
    | 'dhcpv6.release'
    | 'dhcpv6.decline'
    | 'dhcpv6.reconfigure'
    | 'dhcpv6.information-request'
    | 'dhcpv6.other';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly message: Dhcpv6Message;
};
