import type { SourceFilter } from './events.ts';
import { NO_SOURCE } from './membership.ts';

/** Hosts remembered, and groups of each. */
const MAX_HOSTS = 1024;
const MAX_GROUPS = 256;

/** A host that has spoken IGMP. */
export interface GroupHost {
  /** Empty where the capture holds no hardware address. */
  readonly mac: string;
  ip: string;
  /** What it wants to hear in each group that it ever named, in that order; `NO_SOURCE` after it has left. */
  readonly groups: Map<string, SourceFilter>;
}

/** The hosts of a link that have spoken IGMP, with their groups. No router forwards IGMP: each has an address of its own. */
export class GroupHosts {
  readonly #hosts = new Map<string, GroupHost>();

  /** The host with these addresses. */
  at(mac: string, ip: string): GroupHost {
    const key = mac === '' ? ip : mac;
    let host = this.#hosts.get(key);
    if (!host) {
      if (this.#hosts.size >= MAX_HOSTS) this.#hosts.clear();
      host = { mac, ip, groups: new Map() };
      this.#hosts.set(key, host);
    }
    host.ip = ip;
    return host;
  }

  get all(): IterableIterator<GroupHost> {
    return this.#hosts.values();
  }
}

/** Remembers what a host wants of a group. */
export function wants({ groups }: GroupHost, group: string, filter: SourceFilter): void {
  if (groups.size >= MAX_GROUPS && !groups.has(group)) groups.clear();
  groups.set(group, filter);
}

/** What a host wants of a group; nothing, where the capture does not show it. */
export const wantedBy = ({ groups }: GroupHost, group: string): SourceFilter => groups.get(group) ?? NO_SOURCE;
