import type { ProtocolEvent } from '../../protocols/events.ts';
import { isHostIp, isUnicastMac } from '../../observe/host-addresses.ts';

/** Events that are kept; in a capture with more, a client that is joined late stays two. */
const MAX_EVENTS = 50_000;

/**
 * Clients that are known by their IP address alone: behind a router, or in a capture without hardware addresses, they
 * were first seen after DHCP. When DHCP names them later, what they did before is theirs, so their events are kept, and
 * those of every client that begins beside them.
 */
export class JoinedClients {
  readonly #events = new Map<string, ProtocolEvent[]>();
  readonly #joined = new Map<string, string>();
  #kept = 0;

  /** The client's identity as it is known now. */
  identityOf(client: string): string {
    return this.#joined.get(client) ?? client;
  }

  /** Keeps an event, if its client may be joined with another; `begins`: it is the first of its client. */
  keep(client: string, event: ProtocolEvent, begins: boolean): void {
    if (begins && (this.#events.size > 0 || isIpAddress(client))) this.#events.set(client, []);
    const events = this.#events.get(client);
    if (!events) return;
    events.push(event);
    if (++this.#kept > MAX_EVENTS) this.#events.clear();
  }

  /**
   * Two identities are one client, which is called `client` from now on; `isNew`: it has shown nothing yet. Returns all
   * that it did, in capture order; undefined when that is not known any more.
   */
  join(ip: string, client: string, isNew: boolean): readonly ProtocolEvent[] | undefined {
    const [before, since] = [this.#events.get(ip), isNew ? [] : this.#events.get(client)];
    if (!before || !since) return undefined;
    const all = [...before, ...since].sort((one, other) => one.frame - other.frame);
    this.#events.delete(ip);
    this.#events.set(client, all);
    this.#joined.set(ip, client);
    return all.map((event) => ({ ...event, client }));
  }
}

const isIpAddress = (client: string): boolean => !isUnicastMac(client) && isHostIp(client);
