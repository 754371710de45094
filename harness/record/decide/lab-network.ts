import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { DEFAULT_SUBNET } from '../../scenario/defaults.ts';
import { formatIpv4, parseIpv4, parseSubnet, type Subnet } from '../../scenario/schema/ipv4.ts';
import { hostIpv6, ipv4OfHost, parseIpv6, parsePrefix } from '../../scenario/schema/ipv6.ts';
import { seen, told, type Commented } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Fact } from '../facts/fact.ts';
import { prefixSeen } from './ipv6-prefix.ts';

/** Where the capture does not show the mask. */
const USUAL_PREFIX = 24;
/** What a scenario's subnet may be (schema/values.ts). */
const SHORTEST_PREFIX = 8;
const LONGEST_PREFIX = 30;
/** A lab's own, where the capture shows no address. */
const USUAL_SUBNET = parseSubnet(DEFAULT_SUBNET);

/**
 * The lab's one subnet, which is the clients' own, and where in it everything is. A server in another subnet, behind a
 * router, gets an address in this one: a lab has no router. A lab's host has its IPv6 address from its IPv4 address.
 */
export class LabNetwork {
  /** `10.77.0.0/24`; undefined where the capture shows no address: the default serves. */
  readonly subnet: Commented | undefined;
  /** `fd77::/64`; undefined where the capture shows none. */
  readonly ipv6: Commented | undefined;
  readonly #subnet: Subnet | undefined;
  readonly #prefix: readonly number[];
  readonly #moved = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #relays: ReadonlyMap<string, string>;

  constructor(facts: CaptureFacts) {
    const servers = [...facts.dhcp.servers.values()];
    const address = servers.find(({ yiaddr }) => yiaddr)?.yiaddr ?? facts.clientIp;
    const mask = servers.find((server) => server.mask)?.mask;
    const text = address === undefined ? undefined : subnetText(address.value, mask?.value);
    this.#subnet = parseSubnet(text ?? '') ?? USUAL_SUBNET;
    this.subnet = text === undefined || address === undefined ? undefined : subnetSeen(text, address, mask);
    const prefix = prefixSeen(facts);
    this.ipv6 = prefix === undefined ? undefined : seen(prefix.value, prefix.frame, prefix.note);
    this.#prefix = parsePrefix(prefix?.value ?? REFERENCE_LAB.ipv6Prefix) ?? [];
    const files = facts.files.files.map(({ server }) => server);
    this.#taken = new Set([
      ...servers.flatMap(({ ip, yiaddr, nextServer }) => [ip, yiaddr?.value ?? ip, nextServer?.value ?? ip]),
      ...facts.dhcp.bootServers.keys(),
      ...files,
    ]);
    this.#relays = new Map(servers.flatMap(({ ip, relay }) => (relay === undefined ? [] : [[ip, relay.value]])));
  }

  /** Whether the lab can have that IPv4 address. */
  has(ip: string): boolean {
    return parseIpv4(ip) !== undefined && (this.subnet === undefined || this.#isInside(ip));
  }

  #isInside(ip: string): boolean {
    const address = parseIpv4(ip) ?? 0;
    return this.#subnet !== undefined && address > this.#subnet.network && address < this.#subnet.broadcast;
  }

  /** Where in the lab a host of the capture is, by its IPv4 address there; the same place for the same host. */
  at(ip: string): string {
    if (this.has(ip)) return ip;
    const known = this.#moved.get(ip);
    if (known !== undefined) return known;
    const place = this.#placeFor(ip);
    this.#moved.set(ip, place);
    this.#taken.add(place);
    return place;
  }

  /** The address of the same version by which clients of the lab speak to that host. */
  address(ip: string): string {
    return isIpv6(ip) ? hostIpv6(this.#prefix, this.at(ip)) : this.at(ip);
  }

  /** The same as `at`, with the frame that shows the host, and what it was where the lab has it elsewhere. */
  seenAt(ip: string, frame: number, note = ''): Commented {
    const place = this.at(ip);
    const there = this.address(ip);
    const moved = isIpv6(ip)
      ? there === ip
        ? ip
        : `${ip} there; a lab's hosts have IPv6 addresses with their IPv4 addresses, here ${there}`
      : place === ip
        ? ''
        : `${ip} there, outside of the clients' subnet, which is all that a lab has`;
    return seen(place, frame, [note, moved].filter((part) => part !== '').join('; '));
  }

  /** A URL with its host's address in the lab. */
  url(text: string): string {
    return text.replace(URL_HOST, (_, scheme: string, host: string) =>
      host.startsWith('[') ? `${scheme}[${this.address(host.slice(1, -1))}]` : scheme + this.address(host),
    );
  }

  /** A relay's own address stands for the servers behind it; else the highest free one of the subnet. */
  #placeFor(ip: string): string {
    const relay = this.#relays.get(ip);
    if (relay !== undefined && this.has(relay) && !this.#taken.has(relay)) return relay;
    const own = isIpv6(ip) ? ipv4OfHost(this.#prefix, ip) : undefined;
    if (own !== undefined && this.#isInside(own)) return own;
    let address = (this.#subnet?.broadcast ?? 0) - 1;
    while (this.#taken.has(formatIpv4(address))) address -= 1;
    return formatIpv4(address);
  }
}

/** Scheme and host of a URL: an IPv4 address, or an IPv6 address in brackets. */
const URL_HOST = /^([a-z][a-z0-9+.-]*:\/\/)(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?=[:/]|$)/i;

const isIpv6 = (ip: string): boolean => parseIpv6(ip) !== undefined;
function subnetText(ip: string, mask: string | undefined): string | undefined {
  const address = parseIpv4(ip);
  if (address === undefined) return undefined;
  const prefix = prefixOf(mask) ?? USUAL_PREFIX;
  const used = prefix < SHORTEST_PREFIX || prefix > LONGEST_PREFIX ? USUAL_PREFIX : prefix;
  return `${formatIpv4((address & (0xffff_ffff << (32 - used))) >>> 0)}/${used}`;
}

/** Ones of a netmask; undefined for one with holes. */
function prefixOf(mask: string | undefined): number | undefined {
  const bits = mask === undefined ? undefined : parseIpv4(mask)?.toString(2).padStart(32, '0');
  return bits === undefined || !/^1*0*$/.test(bits) ? undefined : bits.indexOf('0') < 0 ? 32 : bits.indexOf('0');
}

function subnetSeen(text: string, address: Fact<string>, mask: Fact<string> | undefined): Commented {
  if (mask === undefined) return told(text, `frame ${address.frame} shows ${address.value}; no frame shows the mask`);
  return text.endsWith(`/${prefixOf(mask.value) ?? ''}`)
    ? seen(text, [address.frame, mask.frame], 'option 1')
    : told(text, `frame ${mask.frame} says ${mask.value}, which no lab can have`);
}
