/** The group of every host, which nobody reports (RFC 3376 section 6). */
export const ALL_HOSTS = '224.0.0.1';

/**
 * What well-known groups are for (IANA IPv4 Multicast Address Space Registry). Systems join them whenever they run, for
 * reasons of their own.
 */
const USES: Readonly<Record<string, string>> = {
  [ALL_HOSTS]: 'all hosts',
  '224.0.0.2': 'all routers',
  '224.0.0.22': 'IGMP version 3',
  '224.0.0.106': 'all snoopers',
  '224.0.0.251': 'mDNS',
  '224.0.0.252': 'LLMNR',
  '224.0.1.1': 'NTP',
  '239.255.255.250': 'SSDP',
  '239.255.255.253': 'SLP',
};

/** What a group is registered for; undefined for one that stands in no registry, such as a file transfer's. */
export const useOfGroup = (group: string): string | undefined => USES[group];

/** Whether an address is a group's: 224.0.0.0/4 (RFC 1112 section 4). */
export function isGroup(address: string): boolean {
  const first = Number.parseInt(address, 10);
  return first >= 224 && first < 240;
}

/** Whether routers pass on packets to a group: not those to 224.0.0.0/24, whatever their time to live (RFC 5771 section 4). */
export const isForwardable = (group: string): boolean => isGroup(group) && !group.startsWith('224.0.0.');

/** Whether systems join a group by themselves, so that a boot has nothing to do with it. */
export const isBackground = (group: string): boolean =>
  isGroup(group) && (!isForwardable(group) || useOfGroup(group) !== undefined);
