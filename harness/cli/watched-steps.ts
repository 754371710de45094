import { hasAddress } from '../../reports/client-addresses.ts';
import type { Step } from '../../reports/result.ts';
import type { WatchedClient } from '../run/replay/replay.ts';

/**
 * The steps of an interface that is watched, for whoever wants one client's: `wanted` is its MAC or IP address, undefined
 * for every client. A boot begins without an IP address, so that steps are held back until it is known whose they are.
 */
export class WatchedSteps {
  readonly #wanted: string | undefined;
  readonly #print: (client: string, step: Step) => void;
  readonly #held = new Map<string, { readonly client: WatchedClient; readonly steps: Step[] }>();

  constructor(wanted: string | undefined, print: (client: string, step: Step) => void) {
    this.#wanted = wanted;
    this.#print = print;
  }

  add(client: WatchedClient, step: Step): void {
    const held = this.#held.get(client.name)?.steps ?? [];
    held.push(step);
    if (this.#isWanted(client)) this.#release(client.name, held);
    else this.#held.set(client.name, { client, steps: held });
  }

  /** The watch is over: prints what has turned out to be wanted. */
  finish(): void {
    for (const { client, steps } of this.#held.values()) if (this.#isWanted(client)) this.#release(client.name, steps);
  }

  #release(name: string, steps: readonly Step[]): void {
    this.#held.delete(name);
    for (const step of steps) this.#print(name, step);
  }

  #isWanted(client: WatchedClient): boolean {
    if (this.#wanted === undefined) return true;
    const { mac = '', ips } = client.addresses();
    return hasAddress({ mac, ips: [...ips] }, this.#wanted);
  }
}
