import type { Frame } from '../../../packet/frame.ts';
import { ICMPV6 } from '../../../packet/icmp.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import type { Packet } from '../../../packet/packet.ts';
import type { MalformedEvent, Seen } from '../../base/observe/seen.ts';
import type { Clients } from '../../base/observe/shared-medium.ts';
import { beginsNdp, decodeNdp } from '../wire/codec.ts';
import { NDP_HOP_LIMIT, type NdpMessage, type NdpOption } from '../wire/message.ts';
import type { NeighbourEvent, RouterEvent } from './events.ts';

/** An event before its client is known. */
type WithoutClient<E> = E extends Seen ? Omit<E, 'client'> : never;
export type NeighbourWithoutClient = WithoutClient<NeighbourEvent>;
export type RouterWithoutClient = WithoutClient<RouterEvent>;

/** The clients as receivers of neighbour discovery: a host that asks for addresses may turn out to be a client. */
export interface NdpClients extends Clients {
  /** Reports a message to the clients that it concerns, and keeps it for hosts that may become clients. */
  neighbour(event: NeighbourWithoutClient, receivers: readonly string[]): void;
  /** Reports a message to one host, or keeps it in case that the host becomes a client. */
  tell(event: RouterWithoutClient, mac: string): void;
}

/** The source of a host that has no address yet (RFC 4862 section 5.4.2). */
const UNSPECIFIED = '::';
/** Hosts remembered that speak IPv6, and addresses. */
const MAX_SPEAKERS = 1024;

/** Whether a packet is a whole message of neighbour discovery. */
export function isNdp(packet: Packet): boolean {
  const { ipv6 } = packet;
  return ipv6?.protocol === ICMPV6 && !ipv6.fragment && beginsNdp(packet.payload);
}

/**
 * Neighbour discovery of all hosts on the link (RFC 4861). A router speaks to everybody; that concerns the hosts that
 * have spoken IPv6 themselves.
 */
export class NdpObserver {
  readonly #clients: NdpClients;
  readonly #emit: (event: MalformedEvent) => void;
  readonly #speakers = new Set<string>();
  /** Who looked for a duplicate of an address last: answers go to everybody, and concern that host. */
  readonly #probing = new Map<string, string>();

  constructor(clients: NdpClients, emit: (event: MalformedEvent) => void) {
    this.#clients = clients;
    this.#emit = emit;
  }

  packet(packet: Packet, frame: Frame): void {
    const [sourceMac, receiverMac] = [packet.ethernet?.source ?? '', packet.ethernet?.destination ?? ''];
    const message = decodeNdp(packet.payload);
    const seen = { frame: frame.number, atUs: frame.atUs };
    const trouble = isMalformed(message) ? message : dropped(message, packet);
    if (trouble) {
      const client = [sourceMac, receiverMac].find((mac) => this.#clients.has(mac));
      if (client !== undefined)
        this.#emit({ type: 'malformed', malformed: { ...trouble, bytes: trouble.bytes.slice() }, ...seen, client });
      return;
    }
    if (isMalformed(message)) return;
    const [source, destination] = [packet.ipv6?.source ?? '', packet.ipv6?.destination ?? ''];
    const senderMac = linkLayerOf(message) ?? sourceMac;
    if (message.type !== 'router-advertisement') this.#speaks(sourceMac);
    switch (message.type) {
      case 'router-solicitation':
        this.#clients.tell({ type: 'ndp.router-solicitation', ...seen, senderMac }, sourceMac);
        return;
      case 'router-advertisement': {
        const event = {
          type: 'ndp.router-advertisement',
          ...seen,
          senderMac,
          router: source,
          ...said(message),
        } as const;
        const receivers = this.#speakers.has(receiverMac) ? [receiverMac] : this.#speakers;
        for (const mac of receivers) this.#clients.tell(event, mac);
        return;
      }
      case 'neighbour-solicitation': {
        const receivers = [receiverMac, ...this.#probersOf(message.target)];
        if (source === UNSPECIFIED) this.#probes(message.target, sourceMac);
        this.#clients.neighbour(
          {
            type: 'ndp.solicitation',
            ...seen,
            senderMac,
            senderIp: source,
            targetIp: message.target,
            gratuitous: false,
          },
          receivers,
        );
        return;
      }
      case 'neighbour-advertisement':
        this.#clients.neighbour(
          {
            type: 'ndp.advertisement',
            ...seen,
            senderMac,
            senderIp: message.target,
            targetIp: destination,
            gratuitous: !message.solicited,
          },
          [receiverMac, ...this.#probersOf(message.target)],
        );
    }
  }

  #probersOf(address: string): string[] {
    const mac = this.#probing.get(address);
    return mac === undefined ? [] : [mac];
  }

  #probes(address: string, mac: string): void {
    if (this.#probing.size >= MAX_SPEAKERS) this.#probing.clear();
    this.#probing.set(address, mac);
  }

  #speaks(mac: string): void {
    if (this.#speakers.size >= MAX_SPEAKERS) this.#speakers.clear();
    this.#speakers.add(mac);
  }
}

/** Why every receiver drops a message that decodes (RFC 4861 sections 6.1 and 7.1); undefined for one that counts. */
function dropped({ code }: NdpMessage, { ipv6, payload }: Packet): Malformed | undefined {
  if (ipv6?.hopLimit !== NDP_HOP_LIMIT)
    return malformed('ndp', `expected hop limit ${NDP_HOP_LIMIT}, got ${ipv6?.hopLimit ?? 'none'}`, payload);
  return code === 0 ? undefined : malformed('ndp', `expected code 0, got ${code}`, payload, 1);
}

function linkLayerOf(message: NdpMessage): string | undefined {
  const wanted = message.type === 'neighbour-advertisement' ? 'target-link-layer' : 'source-link-layer';
  return message.options.find(
    (option): option is Extract<NdpOption, { readonly mac: string }> => option.kind === wanted,
  )?.mac;
}

function said(message: Extract<NdpMessage, { readonly type: 'router-advertisement' }>) {
  const { managed, other, lifetimeSeconds, options } = message;
  return {
    managed,
    other,
    lifetimeSeconds,
    prefixes: options.flatMap((option) =>
      option.kind === 'prefix' ? [{ prefix: option.prefix, length: option.length, autonomous: option.autonomous }] : [],
    ),
    mtu: options.flatMap((option) => (option.kind === 'mtu' ? [option.mtu] : []))[0],
    dnsServers: options.flatMap((option) => (option.kind === 'dns-servers' ? option.servers : [])),
  };
}
