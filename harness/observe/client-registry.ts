import type { ArpEvent } from '../protocols/arp/observe/events.ts';
import type { ArpClients, ArpWithoutClient } from '../protocols/arp/observe/observer.ts';

/** Hosts that sent ARP but no sign yet of being a client, and ARP events kept for each: enough for a busy segment. */
const MAX_CANDIDATES = 256;
const MAX_KEPT_EVENTS = 32;
/** Addresses remembered; an address pool of a /18. */
const MAX_ADDRESSES = 16_384;

/**
 * Knows which hosts are clients. With a list, these and no others; without one, every host that sends DHCP as a client,
 * and every host that sent ARP and then started a boot transfer (in a capture that begins after DHCP). The ARP of a
 * host that is no client yet is kept, and reported when it becomes one.
 */
export class ClientRegistry implements ArpClients {
  readonly #clients: Set<string>;
  readonly #learns: boolean;
  readonly #byIp = new Map<string, string>();
  readonly #candidates = new Map<string, ArpWithoutClient[]>();
  readonly #candidateIps = new Map<string, string>();
  readonly #onEvent: (event: ArpEvent) => void;

  constructor(clients: readonly string[] | undefined, onEvent: (event: ArpEvent) => void) {
    this.#clients = new Set(clients?.map((mac) => mac.toLowerCase()));
    this.#learns = clients === undefined;
    this.#onEvent = onEvent;
  }

  /** Whether this hardware address is a client's. */
  has(mac: string): boolean {
    return this.#clients.has(mac);
  }

  /** The client that uses an IP address, also when its frames come through a router or relay. */
  byIp(ip: string): string | undefined {
    return this.#byIp.get(ip);
  }

  /** Makes a hardware address a client; false when a fixed list does not have it. */
  learn(mac: string): boolean {
    if (this.#clients.has(mac)) return true;
    if (!this.#learns || !isUnicast(mac)) return false;
    this.#clients.add(mac);
    for (const event of this.#candidates.get(mac) ?? []) this.#onEvent({ ...event, client: mac });
    this.#candidates.delete(mac);
    for (const [ip, owner] of this.#candidateIps) if (owner === mac) this.addressOf(mac, ip);
    return true;
  }

  /**
   * Makes the sender of a first TCP segment a client when it resolved an address before, or when there is no client at
   * all yet.
   */
  learnConnecting(mac: string): boolean {
    return this.#clients.size === 0 || this.#candidates.has(mac) ? this.learn(mac) : this.#clients.has(mac);
  }

  /** Remembers that a client uses an IP address; it belongs to the client that used it last. */
  addressOf(mac: string, ip: string): void {
    if (ip === '' || ip === '0.0.0.0' || ip === '::') return;
    if (this.#byIp.size >= MAX_ADDRESSES) this.#byIp.clear();
    this.#byIp.set(ip, mac);
  }

  /**
   * Reports an ARP message to the clients that it concerns: sender, receiver, or the owner of the requested address.
   */
  arp(event: ArpWithoutClient, receiverMac: string): void {
    if (this.#clients.has(event.senderMac)) this.addressOf(event.senderMac, event.senderIp);
    else if (this.#learns && event.type === 'arp.request' && isUnicast(event.senderMac)) this.#candidate(event);
    const told = new Set<string>();
    for (const mac of [
      event.senderMac,
      receiverMac,
      this.#byIp.get(event.targetIp) ?? this.#candidateIps.get(event.targetIp),
    ]) {
      if (mac === undefined || told.has(mac)) continue;
      told.add(mac);
      if (this.#clients.has(mac)) this.#onEvent({ ...event, client: mac });
      else keep(this.#candidates.get(mac), event);
    }
  }

  /**
   * The capture is over. When no host is a client, those that asked for an address and got no answer are taken as
   * clients.
   */
  finish(): void {
    if (this.#clients.size > 0) return;
    for (const [mac, events] of [...this.#candidates]) {
      const answered = events.some((event) => event.type === 'arp.reply' && event.senderMac !== mac);
      if (!answered && events.some((event) => event.senderMac === mac && !event.gratuitous)) this.learn(mac);
    }
  }

  #candidate(event: ArpWithoutClient): void {
    if (!this.#candidates.has(event.senderMac)) {
      if (this.#candidates.size >= MAX_CANDIDATES) return;
      this.#candidates.set(event.senderMac, []);
    }
    this.#candidateIps.set(event.senderIp, event.senderMac);
  }
}

function keep(events: ArpWithoutClient[] | undefined, event: ArpWithoutClient): void {
  if (events && events.length < MAX_KEPT_EVENTS) events.push(event);
}

/** An individual, non-zero address: the lowest bit of the first byte marks groups (IEEE 802). */
function isUnicast(mac: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac) && mac !== '00:00:00:00:00:00';
}
