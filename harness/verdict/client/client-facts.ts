import { defined } from '../../../servers/service/defined.ts';
import type { ClientResult } from '../../../reports/result.ts';
import type { ClientShown } from '../../protocols/base/judge/boot-meaning.ts';
import { architectureName } from '../../protocols/dhcp/wire/architectures.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { roomOfEvent } from '../../protocols/rooms.ts';

/** What messages show of one client. */
interface Shown {
  startUs: number;
  architecture: number | undefined;
  vendorClass: ClientShown['vendorClass'];
  relay: string | undefined;
  readonly identities: Set<string>;
}

/** Identities that are remembered of a client. */
const MAX_IDENTITIES = 16;
/** Other clients that a sentence names. */
const MAX_NAMED = 3;

/** Collects what the messages of all clients show of who they are, as each protocol declares it (`shows`). */
export class ClientFactsCollector {
  readonly #shown = new Map<string, Shown>();
  readonly #byIdentity = new Map<string, Set<string>>();

  event(event: ProtocolEvent): void {
    const shown = this.#of(event);
    // The ARP of a host that became a client later is told late.
    shown.startUs = Math.min(shown.startUs, event.atUs);
    const more = roomOfEvent(event)?.shows?.(event);
    if (!more) return;
    shown.architecture ??= more.architecture;
    shown.relay ??= more.relay;
    // The system that was booted has a class of its own.
    if (!shown.vendorClass?.boots)
      shown.vendorClass = more.vendorClass?.boots ? more.vendorClass : (shown.vendorClass ?? more.vendorClass);
    for (const identity of more.identities ?? []) this.#identify(event.client.toLowerCase(), shown, identity);
  }

  /** Forgets a client, whose events are then told anew. */
  forget(client: string): void {
    this.#shown.delete(client);
    for (const clients of this.#byIdentity.values()) clients.delete(client);
  }

  /** What a result says of a client. */
  of(client: string): Pick<ClientResult, 'vendorClass' | 'architecture' | 'relay' | 'startedAt'> {
    const shown = this.#shown.get(client.toLowerCase());
    if (!shown) return {};
    const { startUs, architecture, vendorClass, relay } = shown;
    return defined({
      vendorClass: vendorClass?.text,
      architecture: architecture === undefined ? undefined : `${architecture} (${architectureName(architecture)})`,
      relay,
      startedAt: new Date(startUs / 1000).toISOString(),
    });
  }

  /** What a client calls itself as other clients do, each in a sentence; `nameOf`: how people know a client. */
  alike(client: string, nameOf: (client: string) => string): string[] {
    return [...(this.#shown.get(client)?.identities ?? [])].flatMap((identity) => {
      const alike = this.#byIdentity.get(identity) ?? new Set();
      if (alike.size < 2) return [];
      // Not all of them: of a thousand cloned machines each has as many others.
      const others = alike.values().filter((other) => other !== client);
      const names = [...others.take(MAX_NAMED)].map(nameOf);
      const more = alike.size - 1 - names.length;
      return [
        `${identity} is also that of ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}: one computer with several network cards, or machines that were cloned; each is judged by itself`,
      ];
    });
  }

  #identify(client: string, shown: Shown, identity: string): void {
    if (shown.identities.has(identity) || shown.identities.size >= MAX_IDENTITIES) return;
    shown.identities.add(identity);
    const clients = this.#byIdentity.get(identity);
    if (clients) clients.add(client);
    else this.#byIdentity.set(identity, new Set([client]));
  }

  #of({ client, atUs }: ProtocolEvent): Shown {
    const key = client.toLowerCase();
    const known = this.#shown.get(key);
    if (known) return known;
    const shown: Shown = {
      startUs: atUs,
      architecture: undefined,
      vendorClass: undefined,
      relay: undefined,
      identities: new Set(),
    };
    this.#shown.set(key, shown);
    return shown;
  }
}
