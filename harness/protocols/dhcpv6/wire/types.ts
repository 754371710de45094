/** Where servers and relays listen, and clients (RFC 8415 section 7.2). */
export const DHCPV6_SERVER_PORT = 547;
export const DHCPV6_CLIENT_PORT = 546;

/** Message types (RFC 8415 section 7.3). */
export const DHCPV6_TYPES: Readonly<Record<number, string>> = {
  1: 'SOLICIT',
  2: 'ADVERTISE',
  3: 'REQUEST',
  4: 'CONFIRM',
  5: 'RENEW',
  6: 'REBIND',
  7: 'REPLY',
  8: 'RELEASE',
  9: 'DECLINE',
  10: 'RECONFIGURE',
  11: 'INFORMATION-REQUEST',
  12: 'RELAY-FORW',
  13: 'RELAY-REPL',
};
export const FIRST_RELAY_TYPE = 12;
