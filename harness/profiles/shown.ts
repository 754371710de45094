import type { ProtocolEvent } from '../protocols/events.ts';
import { NONE, type Shown } from './habits.ts';
import { shownByDhcp, shownByDhcpv6 } from './shown-by-dhcp.ts';

/** What a message of the client shows of the program that wrote it; undefined for a message that shows nothing. */
export function shownBy(event: ProtocolEvent): Shown | undefined {
  switch (event.type) {
    case 'dhcp.discover':
    case 'dhcp.request':
    case 'proxydhcp.request':
      return shownByDhcp(event);
    case 'dhcpv6.solicit':
    case 'dhcpv6.request':
      return shownByDhcpv6(event);
    case 'tftp.read-request':
      return {
        'tftp.options': event.options.map(({ name, value }) => `${name}=${value}`).join(' ') || NONE,
        'tftp.file': event.filename,
      };
    case 'http.request':
      return {
        'http.user-agent': event.userAgent ?? NONE,
        'http.method': event.method,
        'http.range': event.range ?? NONE,
      };
    case 'arp.request':
    case 'arp.reply':
      return event.gratuitous && event.senderMac === event.client
        ? { 'arp.announcement': event.type === 'arp.request' ? 'request' : 'reply' }
        : undefined;
    default:
      return undefined;
  }
}
