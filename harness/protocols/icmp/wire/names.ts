/** 4: ICMP (RFC 792). 6: ICMPv6 (RFC 4443). */
export type IcmpVersion = 4 | 6;

/** Why a packet did not arrive, in the words of RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1 and RFC 4443. */
export const UNREACHABLE = [
  'port-unreachable',
  'host-unreachable',
  'net-unreachable',
  'protocol-unreachable',
  'admin-prohibited',
  'fragmentation-needed',
  'time-exceeded',
] as const;
export type Unreachable = (typeof UNREACHABLE)[number];

const DESTINATION_UNREACHABLE = 3;
const V4_CODES: Readonly<Record<number, Unreachable>> = {
  0: 'net-unreachable',
  1: 'host-unreachable',
  2: 'protocol-unreachable',
  3: 'port-unreachable',
  4: 'fragmentation-needed',
  5: 'host-unreachable',
  6: 'net-unreachable',
  7: 'host-unreachable',
  8: 'host-unreachable',
  9: 'admin-prohibited',
  10: 'admin-prohibited',
  11: 'net-unreachable',
  12: 'host-unreachable',
  13: 'admin-prohibited',
  14: 'admin-prohibited',
  15: 'admin-prohibited',
};
const V6_CODES: Readonly<Record<number, Unreachable>> = {
  0: 'net-unreachable',
  1: 'admin-prohibited',
  2: 'net-unreachable',
  3: 'host-unreachable',
  4: 'port-unreachable',
  5: 'admin-prohibited',
  6: 'net-unreachable',
};

/** What a message says of a packet that did not arrive; undefined for a message that is no error. */
export function errorOf(version: IcmpVersion, type: number, code: number): Unreachable | undefined {
  if (version === 4) {
    if (type === DESTINATION_UNREACHABLE) return V4_CODES[code];
    return type === 11 ? 'time-exceeded' : undefined;
  }
  if (type === 1) return V6_CODES[code];
  if (type === 2) return 'fragmentation-needed';
  return type === 3 ? 'time-exceeded' : undefined;
}

/** As people write it. */
export const versionName = (version: IcmpVersion): string => (version === 4 ? 'ICMP' : 'ICMPv6');
