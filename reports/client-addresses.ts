import type { ClientResult } from './result.ts';

/** The address that people know a client by; a name where the capture has shown none. */
export function addressOf({ name, mac, ip }: ClientResult): string {
  return mac === '' ? (ip ?? name) : mac;
}

/** Whether a MAC or IP address is a client's, in whatever way people write it. */
export function hasAddress({ mac, ip, ips = [] }: Pick<ClientResult, 'mac' | 'ip' | 'ips'>, address: string): boolean {
  const wanted = canonicalAddress(address);
  return mac.toLowerCase() === wanted || ip === wanted || ips.includes(wanted);
}

/** A MAC address in any spelling, or an IP address, as results have them. */
export const canonicalAddress = (address: string): string => address.toLowerCase().replaceAll('-', ':');
