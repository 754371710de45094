/**
 * Hardware addresses that several routers share: VRRP for IPv4 and IPv6 (RFC 5798 section 7.3), Cisco's HSRP versions 1
 * and 2 and GLBP. A frame that comes from or goes to one of them was routed, and answers may come from another address.
 */
const VIRTUAL_ROUTERS = /^00:00:5e:00:0[12]:|^00:00:0c:07:ac:|^00:00:0c:9f:f|^00:05:73:a0:0|^00:07:b4:00:/;

/** Whether a hardware address is one that routers share. */
export function isVirtualRouter(mac: string): boolean {
  return VIRTUAL_ROUTERS.test(mac);
}

/** Initial times to live of IP stacks, and how many routers may lie between. Old boot ROMs have others (16, 20, 32, 60). */
const INITIAL_TTLS = [64, 128, 255];
const MAX_HOPS = 3;

/**
 * Whether a router has forwarded a packet with this time to live: each takes one off (RFC 1812 section 5.3.1). Undefined
 * where it does not show.
 */
export function isForwarded(ttl: number): boolean | undefined {
  if (INITIAL_TTLS.includes(ttl)) return false;
  return INITIAL_TTLS.some((initial) => ttl < initial && ttl >= initial - MAX_HOPS) ? true : undefined;
}
