import { formatIpv4, parseIpv4, parseSubnet, type Subnet } from '../../scenario/schema/ipv4.ts';
import { seen, told, type Commented } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Fact } from '../facts/fact.ts';

/** Where the capture does not show the mask. */
const USUAL_PREFIX = 24;
/** What a scenario's subnet may be (schema/values.ts). */
const SHORTEST_PREFIX = 8;
const LONGEST_PREFIX = 30;

/**
 * The lab's one subnet, which is the clients' own, and where in it everything is. A server in another subnet, behind a
 * router, gets an address in this one: a lab has no router.
 */
export class LabNetwork {
  /** `10.77.0.0/24`; undefined where the capture shows no address: the default serves. */
  readonly subnet: Commented | undefined;
  readonly #subnet: Subnet | undefined;
  readonly #moved = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #relays: ReadonlyMap<string, string>;

  constructor(facts: CaptureFacts) {
    const servers = [...facts.dhcp.servers.values()];
    const address = servers.find(({ yiaddr }) => yiaddr)?.yiaddr ?? facts.clientIp;
    const mask = servers.find((server) => server.mask)?.mask;
    const text = address === undefined ? undefined : subnetText(address.value, mask?.value);
    this.#subnet = text === undefined ? undefined : parseSubnet(text);
    this.subnet = text === undefined || address === undefined ? undefined : subnetSeen(text, address, mask);
    const files = facts.files.files.map(({ server }) => server);
    this.#taken = new Set([
      ...servers.flatMap(({ ip, yiaddr, nextServer }) => [ip, yiaddr?.value ?? ip, nextServer?.value ?? ip]),
      ...facts.dhcp.bootServers.keys(),
      ...files,
    ]);
    this.#relays = new Map(servers.flatMap(({ ip, relay }) => (relay === undefined ? [] : [[ip, relay.value]])));
  }

  /** Whether the lab can have that address. */
  has(ip: string): boolean {
    const address = parseIpv4(ip);
    if (address === undefined) return false;
    return this.#subnet === undefined || (address > this.#subnet.network && address < this.#subnet.broadcast);
  }

  /** Where in the lab a host of the capture is; the same place for the same host. */
  at(ip: string): string {
    if (this.has(ip)) return ip;
    const known = this.#moved.get(ip);
    if (known !== undefined) return known;
    const place = this.#placeFor(ip);
    this.#moved.set(ip, place);
    this.#taken.add(place);
    return place;
  }

  /** The same, with the frame that shows the host, and what it was where the lab has it elsewhere. */
  seenAt(ip: string, frame: number, note = ''): Commented {
    const place = this.at(ip);
    const moved = place === ip ? '' : `${ip} there, outside of the clients' subnet, which is all that a lab has`;
    return seen(place, frame, [note, moved].filter((part) => part !== '').join('; '));
  }

  /** A URL with its host's address in the lab. */
  url(text: string): string {
    return text.replace(
      /^(https?:\/\/)(\d+\.\d+\.\d+\.\d+)(?=[:/]|$)/i,
      (_, scheme: string, ip: string) => scheme + this.at(ip),
    );
  }

  /** A relay's own address stands for the servers behind it; else the highest free one of the subnet. */
  #placeFor(ip: string): string {
    const relay = this.#relays.get(ip);
    if (relay !== undefined && this.has(relay) && !this.#taken.has(relay)) return relay;
    let address = (this.#subnet?.broadcast ?? 0) - 1;
    while (this.#taken.has(formatIpv4(address))) address -= 1;
    return formatIpv4(address);
  }
}

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
