import type { Dhcpv6Config } from './config.ts';
import { ipv6Number, ipv6Text } from './ipv6-number.ts';

/** Which client's association an address is for: its DUID in hexadecimal, and the association's number. */
export interface Association {
  readonly client: string;
  readonly iaid: number;
}

const keyOf = ({ client, iaid }: Association): string => `${client}/${iaid}`;

/** Addresses of one range: an association keeps its own until it gives it back. */
export class Dhcpv6Leases {
  readonly #byAssociation = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #range: readonly [from: bigint, to: bigint] | undefined;
  readonly #limit: number;

  constructor({ range, limits }: Pick<Dhcpv6Config, 'range' | 'limits'>) {
    this.#range = range && [ipv6Number(range.from), ipv6Number(range.to)];
    this.#limit = limits.leases;
  }

  get size(): number {
    return this.#byAssociation.size;
  }

  /** The address of an association, the next free one for a new one; undefined when none is free. */
  addressFor(association: Association): string | undefined {
    const key = keyOf(association);
    const known = this.#byAssociation.get(key);
    if (known !== undefined) return known;
    const address = this.#byAssociation.size < this.#limit ? this.#nextFree() : undefined;
    if (address === undefined) return undefined;
    this.#byAssociation.set(key, address);
    this.#taken.add(address);
    return address;
  }

  /** The association gives its address back; one that somebody else uses is given to nobody any more. */
  release(association: Association, isUsedElsewhere: boolean): void {
    const key = keyOf(association);
    const address = this.#byAssociation.get(key);
    if (address === undefined) return;
    this.#byAssociation.delete(key);
    if (!isUsedElsewhere) this.#taken.delete(address);
  }

  /** Whether an address is one of the link's that this server serves. */
  isOfLink(address: string): boolean {
    return this.#range !== undefined && ipv6Number(address) >> 64n === this.#range[0] >> 64n;
  }

  // Taken addresses are bounded by the limit, and so is this walk.
  #nextFree(): string | undefined {
    if (this.#range === undefined) return undefined;
    const [from, to] = this.#range;
    for (let number = from; number <= to; number++) {
      const address = ipv6Text(number);
      if (!this.#taken.has(address)) return address;
    }
    return undefined;
  }
}
