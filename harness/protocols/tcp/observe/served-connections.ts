import type { EndKey } from '../../base/observe/flow-ends.ts';

/** Connections remembered for one client. */
const MAX_CONNECTIONS = 512;

/** Connections that other hosts opened to one client: not its story. */
export class ServedConnections {
  readonly #peers = new Map<EndKey, Set<EndKey>>();
  #count = 0;

  has(own: EndKey, peer: EndKey): boolean {
    return this.#count > 0 && (this.#peers.get(own)?.has(peer) ?? false);
  }

  add(own: EndKey, peer: EndKey): void {
    if (this.has(own, peer)) return;
    if (this.#count >= MAX_CONNECTIONS) {
      this.#peers.clear();
      this.#count = 0;
    }
    this.#count += 1;
    const peers = this.#peers.get(own);
    if (peers) peers.add(peer);
    else this.#peers.set(own, new Set([peer]));
  }
}
