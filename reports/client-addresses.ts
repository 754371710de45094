import type { ClientResult } from './result.ts';

/** The address that people know a client by; a name where the capture has shown none. */
export function addressOf({ name, mac, ip }: ClientResult): string {
  return mac === '' ? (ip ?? name) : mac;
}

/** Whether a MAC or IP address is a client's. */
export function hasAddress({ mac, ip, ips = [] }: ClientResult, address: string): boolean {
  const wanted = address.toLowerCase();
  return mac.toLowerCase() === wanted || ip === wanted || ips.includes(wanted);
}
