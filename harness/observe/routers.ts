import { isVirtualRouter } from '../protocols/base/observe/router-marks.ts';

/** Routers remembered. */
const MAX_ROUTERS = 4096;

/** Hardware addresses that carry the packets of other hosts. */
export class Routers {
  readonly #seen = new Set<string>();

  /** Whether packets from or to this hardware address are another host's. */
  has(mac: string): boolean {
    return this.#seen.has(mac) || isVirtualRouter(mac);
  }

  /** A router was seen; false when it was known. */
  add(mac: string): boolean {
    if (this.#seen.has(mac)) return false;
    if (this.#seen.size >= MAX_ROUTERS) this.#seen.clear();
    this.#seen.add(mac);
    return true;
  }
}
