/** Where servers and relays listen, and clients (RFC 8415 section 7.2). */
export const DHCPV6_SERVER_PORT = 547;
export const DHCPV6_CLIENT_PORT = 546;

/**
 * The group of all servers and relays on a link (RFC 8415 section 7.1).
 */
export const ALL_DHCP_SERVERS = 'ff02::1:2';

/** Message types (RFC 8415 section 7.3). */
export const DHCPV6_TYPES = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  RECONFIGURE: 10,
  'INFORMATION-REQUEST': 11,
  'RELAY-FORW': 12,
  'RELAY-REPL': 13,
} as const;

/** A message's type by name. */
export type Dhcpv6Type = keyof typeof DHCPV6_TYPES;

const NAMES: ReadonlyMap<number, Dhcpv6Type> = new Map(
  Object.entries(DHCPV6_TYPES).map(([name, number]) => [number, name as Dhcpv6Type]),
);

/** Name of a message type; numbers that have none say so. */
export function dhcpv6TypeName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`;
}

/** Whether a message of this type has a relay's header (RFC 8415 section 9). */
export function isRelayType(type: number): boolean {
  return type === DHCPV6_TYPES['RELAY-FORW'] || type === DHCPV6_TYPES['RELAY-REPL'];
}

/** Status codes (RFC 8415 section 21.13). */
export const DHCPV6_STATUS = {
  Success: 0,
  UnspecFail: 1,
  NoAddrsAvail: 2,
  NoBinding: 3,
  NotOnLink: 4,
  UseMulticast: 5,
  NoPrefixAvail: 6,
} as const;

/** Name of a status code, as the RFC writes it. */
export function dhcpv6StatusName(code: number): string {
  return Object.entries(DHCPV6_STATUS).find(([, number]) => number === code)?.[0] ?? `status ${code}`;
}
