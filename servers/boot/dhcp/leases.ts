import type { DhcpConfig } from './config.ts';
import type { DhcpRequest } from './request.ts';
import { ipToNumber, numberToIp } from '../../service/ipv4.ts';

/** Who holds an address, and until when. An expired lease is kept, so that its client gets the same address again. */
export interface Lease {
  readonly ip: string;
  /** DhcpRequest.client; `declined` when a client found the address in use. */
  readonly client: string;
  readonly mac: string;
  readonly state: 'offered' | 'bound' | 'declined';
  readonly expiresAtMs: number;
}

/** Every lease, one for each address. `byClient` holds the same leases except the declined ones. */
export interface Leases {
  readonly byIp: ReadonlyMap<string, Lease>;
  readonly byClient: ReadonlyMap<string, Lease>;
}

/** What a decision does to the leases. */
export type LeaseChange = { readonly set: Lease } | { readonly drop: string };

/** The server's leases; only `applyChanges` changes them. */
export class LeaseTable implements Leases {
  readonly byIp = new Map<string, Lease>();
  readonly byClient = new Map<string, Lease>();

  applyChanges(changes: readonly LeaseChange[]): void {
    for (const change of changes) {
      const ip = 'set' in change ? change.set.ip : change.drop;
      const before = this.byIp.get(ip);
      if (before && this.byClient.get(before.client)?.ip === ip) this.byClient.delete(before.client);
      this.byIp.delete(ip);
      if (!('set' in change)) continue;
      const { set } = change;
      if (set.state !== 'declined') {
        // A client that moves to another address gives the old one back: never two addresses for one client.
        const elsewhere = this.byClient.get(set.client);
        if (elsewhere) this.byIp.delete(elsewhere.ip);
        this.byClient.set(set.client, set);
      }
      this.byIp.set(ip, set);
    }
  }
}

/** The address reserved for a client. */
export function reservationOf(config: DhcpConfig, mac: string): DhcpConfig['reservations'][number] | undefined {
  return config.reservations.find((reservation) => reservation.mac === mac);
}

/** Whether this client may have that address now: reserved for it, or in the range and free, or its own. */
export function mayHave(request: DhcpRequest, ip: string, config: DhcpConfig, leases: Leases, nowMs: number): boolean {
  const reserved = reservationOf(config, request.mac);
  // A reservation is by hardware address: whatever identifier held its address before was the same client.
  if (reserved) return reserved.ip === ip && leases.byIp.get(ip)?.state !== 'declined';
  if (!assignable(ip, config)) return false;
  const lease = leases.byIp.get(ip);
  return !lease || (lease.client === request.client && lease.state !== 'declined') || lease.expiresAtMs <= nowMs;
}

function assignable(ip: string, config: DhcpConfig): boolean {
  if (!config.range || ip === config.address || config.reservations.some((reservation) => reservation.ip === ip))
    return false;
  const number = ipToNumber(ip);
  return number >= ipToNumber(config.range.from) && number <= ipToNumber(config.range.to);
}

/**
 * The address to offer, in the order of RFC 2131 section 4.3.1: reserved, held now or before, asked for, the lowest
 * that no client ever had, the one that expired longest ago. Undefined when every address is taken.
 */
export function chooseAddress(
  request: DhcpRequest,
  config: DhcpConfig,
  leases: Leases,
  nowMs: number,
): string | undefined {
  const may = (ip: string): boolean => mayHave(request, ip, config, leases, nowMs);
  const reserved = reservationOf(config, request.mac);
  if (reserved) return may(reserved.ip) ? reserved.ip : undefined;
  const held = leases.byClient.get(request.client);
  if (held && may(held.ip)) return held.ip;
  if (request.requestedIp !== undefined && may(request.requestedIp)) return request.requestedIp;
  return (
    (leases.byIp.size < config.limits.leases ? lowestUnused(config, leases) : undefined) ??
    longestExpired(config, leases, nowMs)
  );
}

function lowestUnused(config: DhcpConfig, leases: Leases): string | undefined {
  if (!config.range) return undefined;
  const to = ipToNumber(config.range.to);
  for (let number = ipToNumber(config.range.from); number <= to; number++) {
    const ip = numberToIp(number);
    if (!leases.byIp.has(ip) && assignable(ip, config)) return ip;
  }
  return undefined;
}

function longestExpired(config: DhcpConfig, leases: Leases, nowMs: number): string | undefined {
  let oldest: Lease | undefined;
  for (const lease of leases.byIp.values()) {
    if (
      lease.expiresAtMs <= nowMs &&
      lease.expiresAtMs < (oldest?.expiresAtMs ?? Infinity) &&
      assignable(lease.ip, config)
    )
      oldest = lease;
  }
  return oldest?.ip;
}
