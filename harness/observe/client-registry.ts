import type { ArpEvent } from '../protocols/arp/observe/events.ts';
import type { ArpClients, ArpWithoutClient } from '../protocols/arp/observe/observer.ts';
import type { IgmpEvent } from '../protocols/igmp/observe/events.ts';
import type { IgmpClients, IgmpWithoutClient } from '../protocols/igmp/observe/observer.ts';
import type { NdpEvent } from '../protocols/ndp/observe/events.ts';
import type { NdpClients, NeighbourWithoutClient, RouterWithoutClient } from '../protocols/ndp/observe/observer.ts';
import type { Sender } from '../protocols/base/observe/udp-service.ts';
import { isHostIp, isUnicastMac } from './host-addresses.ts';
import { Routers } from './routers.ts';

/**
 * Hosts that sent ARP or neighbour discovery but no sign yet of being a client, and events kept for each: enough for a
 * busy segment.
 */
const MAX_CANDIDATES = 256;
const MAX_KEPT_EVENTS = 32;
/** Addresses remembered; an address pool of a /18. */
const MAX_ADDRESSES = 16_384;
/** Hosts that show no sign of a network boot, and are followed all the same: each takes some 20 kB. */
const MAX_HOSTS = 4096;
/** All hosts that are followed; a boot takes some 100 kB. */
const MAX_CLIENTS = 16_384;
/** Hosts that become clients by nothing but a connection to a service: a capture of an office has no end of them. */
const MAX_CONNECTING = 64;

/** The sender of a packet, as one frame shows it. */
export interface SenderSeen {
  /** Empty where the capture holds no hardware address. */
  readonly mac: string;
  readonly ip: string;
  /** Whether a router forwarded the packet; undefined where its time to live does not show. */
  readonly forwarded: boolean | undefined;
}

/** What a capture has shown of a client's addresses. */
export interface ClientAddresses {
  /** Its own hardware address; undefined when only routers' were seen, or none. */
  readonly mac: string | undefined;
  /** Every IP address that it was given or used, in the order of the capture. */
  readonly ips: readonly string[];
}

/** Whose an address of a packet is. */
export interface Owner {
  readonly client: string | undefined;
  /** Whether the IP address is known as that client's; else its next request may show more. */
  readonly certain: boolean;
}

interface Client {
  mac: string | undefined;
  /** Its identity was listed, or DHCP named it: no frame can show that the hardware address is a router's. */
  readonly named: boolean;
  readonly ips: Set<string>;
}

/** An IP address and its client. */
interface Holding {
  readonly client: string;
  /** A DHCP server gave it: whatever hardware address its packets come from, they are the client's. */
  readonly leased: boolean;
}

/** What a registry is told besides. */
interface RegistryOptions {
  readonly wanted?: string | undefined;
  /** Hosts that speak for a client, by IP address. Whom they ask on their link is their own affair. */
  readonly speaking?: ReadonlyMap<string, string> | undefined;
  readonly onSame?: ((ip: string, client: string) => void) | undefined;
}

/**
 * Knows which hosts are clients, and by which addresses their packets are known. With a list, these hosts and no others;
 * without one, every host that sends DHCP as a client, that asks for a file, or that connects to a boot service (in a
 * capture that begins after DHCP). A client's identity is its hardware address as DHCP carries it, or as its frames on
 * its own link do; behind a router without DHCP, and in a capture without hardware addresses, its IP address. What a
 * host that is no client yet asks its link is kept, and reported when it becomes one.
 */
export class ClientRegistry implements ArpClients, NdpClients, IgmpClients {
  readonly #clients = new Map<string, Client>();
  readonly #learns: boolean;
  readonly #wanted: string | undefined;
  readonly #byIp = new Map<string, Holding>();
  /** Addresses that clients were offered or asked for: theirs, as long as nobody else is known to have them. */
  readonly #hoped = new Map<string, string>();
  readonly #candidates = new Map<string, LinkEvent[]>();
  readonly #candidateIps = new Map<string, string>();
  /** What hosts that are no clients yet said and heard of their groups, by hardware address, or IP address without one. */
  readonly #groupWords = new Map<string, IgmpWithoutClient[]>();
  readonly #routers = new Routers();
  readonly #onEvent: (event: ArpEvent | NdpEvent | IgmpEvent) => void;
  /** A client showed a better sign than a connection. */
  #signed = false;
  #connecting = 0;
  /** Messages of hosts that were too many to be followed, and of those the ones that are of a boot. */
  leftOut = 0;
  leftOutOfBoots = 0;
  /** Counts what was learnt: an address may have another owner after each. */
  version = 0;

  readonly #speaking: ReadonlyMap<string, string>;
  readonly #onSame: ((ip: string, client: string) => void) | undefined;

  /**
   * `wanted`: a client that is followed however many there are. `onSame`: called when DHCP gives a client the address by
   * which alone it was known before.
   */
  constructor(
    clients: readonly string[] | undefined,
    onEvent: (event: ArpEvent | NdpEvent | IgmpEvent) => void,
    { wanted, speaking = new Map(), onSame }: RegistryOptions = {},
  ) {
    this.#learns = clients === undefined;
    this.#wanted = wanted;
    this.#speaking = speaking;
    this.#onEvent = onEvent;
    this.#onSame = onSame;
    for (const mac of clients ?? []) this.#add(mac.toLowerCase(), true);
  }

  /** Whether this is the identity of a client. */
  has(client: string): boolean {
    return this.#clients.has(client);
  }

  /** The client that sends from, or is sent to at, these addresses. */
  ownerOf(mac: string, ip: string): Owner {
    const spokenFor = this.#speaking.get(ip);
    if (spokenFor !== undefined) return { client: spokenFor, certain: true };
    const holding = this.#byIp.get(ip);
    const byIp = holding?.client;
    const byMac = this.#clients.get(mac);
    if (!byMac) {
      // Another host than the one that had the address so far, or the same behind another router.
      const certain = holding !== undefined && (holding.leased || byIp === ip) && this.#candidateIps.get(ip) !== mac;
      return { client: byIp, certain };
    }
    if (byIp === mac) return { client: mac, certain: true };
    if (byMac.named) return { client: mac, certain: false };
    if (this.#routers.has(mac)) return { client: byIp, certain: byIp !== undefined };
    return { client: holding && (holding.leased || byIp === ip) ? byIp : mac, certain: false };
  }

  /**
   * Makes a hardware address that DHCP names a client; false when a fixed list does not have it, or when there are too
   * many hosts that do not boot.
   */
  learn(mac: string, boots: boolean): boolean {
    if (this.#clients.has(mac)) {
      // DHCP names it: it is no router's, and no chance.
      if (this.#learns && !this.#clients.get(mac)?.named) this.#add(mac, true);
      return true;
    }
    return isUnicastMac(mac) && this.#hasRoom(mac, boots) && this.#become(mac, true);
  }

  /** The same of an identity that is no hardware address, such as a UUID. */
  learnIdentity(identity: string, boots: boolean): boolean {
    return this.#clients.has(identity) || (this.#hasRoom(identity, boots) && this.#become(identity, true));
  }

  /** A host sent what only clients send, or what clients send besides others (`sign`). */
  learnSender(sender: SenderSeen, sign: Sender): void {
    if (this.#speaking.has(sender.ip)) return;
    const client = this.#identityOf(sender);
    if (client === undefined) return;
    if (!this.#clients.has(client)) {
      if (sign === 'candidate' && !this.#mayConnect(client)) return;
      if (!this.#become(client, false)) return;
      if (sign === 'candidate') this.#connecting += 1;
    }
    if (sign === 'client') this.#signed = true;
    this.#uses(client, sender.ip, this.#hoped.get(sender.ip) === client && client !== sender.mac);
  }

  /** A DHCP server gave the client this address, or the client says so itself. */
  leased(client: string, ip: string): void {
    this.#signed = true;
    this.#uses(client, ip, true);
  }

  /** A client was offered an address, or asked for it. */
  hopes(client: string, ip: string): void {
    if (!isHostIp(ip) || this.#hoped.get(ip) === client) return;
    if (this.#hoped.size >= MAX_ADDRESSES) this.#hoped.clear();
    this.#hoped.set(ip, client);
  }

  /** What is known of a client's addresses. */
  addressesOf(client: string): ClientAddresses {
    const known = this.#clients.get(client);
    return { mac: known?.mac, ips: [...(known?.ips ?? [])] };
  }

  /**
   * Reports an ARP message to the clients that it concerns: sender, receiver, or the owner of the requested address.
   */
  arp(event: ArpWithoutClient, receiverMac: string): void {
    this.#asked(event, event.type === 'arp.request', [receiverMac]);
  }

  /** The same of neighbour discovery. */
  neighbour(event: NeighbourWithoutClient, receivers: readonly string[]): void {
    this.#asked(event, event.type === 'ndp.solicitation', receivers);
  }

  /** Reports what a router said, or was asked, to a client; keeps it for a host that may become one. */
  tell(event: RouterWithoutClient, mac: string): void {
    if (this.#clients.has(mac)) this.#onEvent({ ...event, client: mac });
    else keep(this.#candidates.get(mac), event);
  }

  /** The same of multicast groups. Nobody becomes a client, or a candidate, by being in one. */
  ofGroups(event: IgmpWithoutClient, mac: string, ip: string): void {
    const { client } = this.ownerOf(mac, ip);
    if (client !== undefined) {
      this.#onEvent({ ...event, client });
      return;
    }
    const host = mac === '' ? ip : mac;
    const words = this.#groupWords.get(host) ?? [];
    if (!this.#learns || (words.length === 0 && this.#groupWords.size >= MAX_CANDIDATES)) return;
    // The newest: what a host is in, it says again.
    this.#groupWords.set(host, [...words, event].slice(-MAX_KEPT_EVENTS));
  }

  #asked(event: ArpWithoutClient | NeighbourWithoutClient, isQuestion: boolean, receivers: readonly string[]): void {
    // A link-local address is unique on its own link only, and tells nothing that the hardware address does not.
    const tells = !event.senderIp.startsWith('fe80:');
    if (this.#clients.has(event.senderMac) && tells) this.#uses(event.senderMac, event.senderIp);
    else if (this.#learns && isQuestion && isUnicastMac(event.senderMac)) this.#candidate(event);
    const told = new Set<string>();
    for (const mac of [
      event.senderMac,
      ...receivers,
      this.#byIp.get(event.targetIp)?.client ?? this.#candidateIps.get(event.targetIp),
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
      // Every system with IPv6 looks for routers and duplicates: only who asks by ARP wants an answer.
      const asked = events.filter((event): event is ArpWithoutClient => event.type.startsWith('arp.'));
      const answered = asked.some((event) => event.type === 'arp.reply' && event.senderMac !== mac);
      if (!answered && asked.some((event) => event.senderMac === mac && !event.gratuitous)) this.#become(mac, false);
    }
  }

  /** Who the sender of a request is: by its hardware address if that is its own, else by its IP address. */
  #identityOf(sender: SenderSeen): string | undefined {
    const { mac, ip, forwarded } = sender;
    const holding = this.#byIp.get(ip);
    if (this.#clients.get(mac)?.named || holding?.client === mac) return mac;
    if (holding?.leased) return holding.client;
    if (this.#isOwn(sender, holding)) return mac;
    this.#sawRouter(mac);
    const hoping = forwarded === false ? undefined : this.#hoped.get(ip);
    return holding?.client ?? hoping ?? (isHostIp(ip) ? ip : undefined);
  }

  /** Whether the hardware address of a frame is that of the packet's sender, and not a router's. */
  #isOwn({ mac, ip, forwarded }: SenderSeen, holding: Holding | undefined): boolean {
    if (!isUnicastMac(mac) || forwarded || this.#routers.has(mac)) return false;
    if (forwarded === false || this.#candidateIps.get(ip) === mac) return true;
    // It speaks for other addresses, or this one was another's.
    const client = this.#clients.get(mac);
    if (client) return !holding && ![...client.ips].some((other) => other.includes(':') === ip.includes(':'));
    const asked = [...this.#candidateIps].some(
      ([other, owner]) => owner === mac && isHostIp(other) && other.includes(':') === ip.includes(':'),
    );
    return !asked && !this.#hoped.has(ip);
  }

  #sawRouter(mac: string): void {
    if (mac === '' || !this.#learns || !this.#routers.add(mac)) return;
    const client = this.#clients.get(mac);
    if (client) client.mac = undefined;
    this.version += 1;
  }

  /**
   * Whether a host that connects to a service is a client: it resolved an address before, or the capture has shown no
   * better sign of any client.
   */
  #mayConnect(client: string): boolean {
    return this.#candidates.has(client) || (!this.#signed && this.#connecting < MAX_CONNECTING);
  }

  /** Whether another host can be followed: of those that boot many, of others fewer. */
  #hasRoom(client: string, boots: boolean): boolean {
    const isFull = this.#clients.size >= (boots ? MAX_CLIENTS : MAX_HOSTS);
    if (!this.#learns || !isFull || client === this.#wanted) return true;
    this.leftOut += 1;
    if (boots) this.leftOutOfBoots += 1;
    return false;
  }

  #become(client: string, named: boolean): boolean {
    if (!this.#learns) return false;
    this.#add(client, named);
    if (named) this.#signed = true;
    // A host that asks for an address begins anew: the groups before that were another system's.
    const words = named ? [] : (this.#groupWords.get(client) ?? []);
    const before = [...(this.#candidates.get(client) ?? []), ...words];
    for (const event of before.sort((one, other) => one.frame - other.frame)) this.#onEvent({ ...event, client });
    this.#candidates.delete(client);
    this.#groupWords.delete(client);
    for (const [ip, owner] of this.#candidateIps) if (owner === client) this.#uses(client, ip);
    return true;
  }

  #add(client: string, named: boolean): void {
    const ips = this.#clients.get(client)?.ips ?? new Set<string>();
    this.#clients.set(client, { mac: isUnicastMac(client) ? client : undefined, named, ips });
    this.version += 1;
  }

  /** Remembers that a client uses an IP address; it belongs to the client that used it last. */
  #uses(client: string, ip: string, leased = false): void {
    if (!isHostIp(ip)) return;
    const before = this.#byIp.get(ip);
    const same = before?.client === client;
    if (same && (before.leased || !leased)) return;
    if (this.#byIp.size >= MAX_ADDRESSES) this.#byIp.clear();
    this.#byIp.set(ip, { client, leased });
    this.#clients.get(client)?.ips.add(ip);
    this.version += 1;
    if (leased && before?.client === ip && client !== ip) this.#onSame?.(ip, client);
  }

  #candidate(event: ArpWithoutClient | NeighbourWithoutClient): void {
    if (!this.#candidates.has(event.senderMac)) {
      if (this.#candidates.size >= MAX_CANDIDATES) return;
      this.#candidates.set(event.senderMac, []);
    }
    if (this.#candidateIps.get(event.senderIp) === event.senderMac || this.#candidateIps.size >= MAX_ADDRESSES) return;
    this.#candidateIps.set(event.senderIp, event.senderMac);
    this.version += 1;
  }
}

/** What a host says to its link, or hears there. */
type LinkEvent = ArpWithoutClient | NeighbourWithoutClient | RouterWithoutClient;

function keep(events: LinkEvent[] | undefined, event: LinkEvent): void {
  if (events && events.length < MAX_KEPT_EVENTS) events.push(event);
}
