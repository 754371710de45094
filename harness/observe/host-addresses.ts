/** An individual, non-zero address: the lowest bit of the first byte marks groups (IEEE 802). */
export function isUnicastMac(mac: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac) && mac !== '00:00:00:00:00:00';
}

/** An IP address that one host can have: not none, not everybody's, not a group's (RFC 1112 section 4, RFC 4291 2.7). */
export function isHostIp(ip: string): boolean {
  if (ip.includes(':')) return ip !== '::' && !ip.startsWith('ff');
  const first = Number.parseInt(ip, 10);
  return first > 0 && first < 224;
}
