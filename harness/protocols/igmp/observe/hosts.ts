import type { SourceFilter } from './events.ts';
import { isMember, NO_SOURCE } from './membership.ts';

/** Hosts remembered. */
const MAX_HOSTS = 1024;
/** Groups of a host that are followed: Linux lets it join 20 (net.ipv4.igmp_max_memberships). Each is a conversation that is judged. */
export const MAX_GROUPS = 256;

/** A host that has spoken IGMP. */
export class GroupHost {
  /** Empty where the capture holds no hardware address. */
  readonly mac: string;
  ip: string;
  /** It has named more groups than are followed. */
  exceeds = false;
  /** What it wants to hear in each group that it named, in that order; `NO_SOURCE` after it has left. */
  readonly #groups = new Map<string, SourceFilter>();
  #memberOf: readonly string[] | undefined;

  constructor(mac: string, ip: string) {
    this.mac = mac;
    this.ip = ip;
  }

  /** The groups that are followed. */
  get groups(): ReadonlyMap<string, SourceFilter> {
    return this.#groups;
  }

  /** The groups that it is in. Kept, since a router asks all hosts for all of them. */
  get memberOf(): readonly string[] {
    return (this.#memberOf ??= [...this.#groups].flatMap(([group, filter]) => (isMember(filter) ? [group] : [])));
  }

  /** Whether what it says of a group is followed: of each that it named before, and of as many as there is room for. */
  follows(group: string): boolean {
    return this.#groups.has(group) || this.#groups.size < MAX_GROUPS;
  }

  /** What it wants of a group; nothing, where the capture does not show it. */
  wantedOf(group: string): SourceFilter {
    return this.#groups.get(group) ?? NO_SOURCE;
  }

  /** It says what it wants of a group. */
  wants(group: string, filter: SourceFilter): void {
    this.#groups.set(group, filter);
    this.#memberOf = undefined;
  }
}

/** The hosts of a link that have spoken IGMP, with their groups. No router forwards IGMP: each has an address of its own. */
export class GroupHosts {
  readonly #hosts = new Map<string, GroupHost>();

  /** The host with these addresses. */
  at(mac: string, ip: string): GroupHost {
    const key = mac === '' ? ip : mac;
    let host = this.#hosts.get(key);
    if (!host) {
      this.#makeRoom();
      host = new GroupHost(mac, ip);
      this.#hosts.set(key, host);
    }
    host.ip = ip;
    return host;
  }

  get all(): IterableIterator<GroupHost> {
    return this.#hosts.values();
  }

  /** Forgets the host that spoke first. */
  #makeRoom(): void {
    if (this.#hosts.size < MAX_HOSTS) return;
    for (const oldest of this.#hosts.keys()) {
      this.#hosts.delete(oldest);
      return;
    }
  }
}
