import type { Seen } from '../../base/observe/seen.ts';

/** A prefix that a router advertises. */
export interface AdvertisedPrefix {
  readonly prefix: string;
  readonly length: number;
  readonly autonomous: boolean;
}

/** A host asks who has an address, or says that it has one. */
export type NeighbourEvent = Seen & {
  readonly type: 'ndp.solicitation' | 'ndp.advertisement';
  readonly senderMac: string;
  /** Who asks, `::` while it looks for a duplicate of its own address; who has the address. */
  readonly senderIp: string;
  /** The address that is asked for; who is told. */
  readonly targetIp: string;
  /** An advertisement that nobody asked for. */
  readonly gratuitous: boolean;
};

export type RouterEvent = Seen &
  (
    | { readonly type: 'ndp.router-solicitation'; readonly senderMac: string }
    | {
        readonly type: 'ndp.router-advertisement';
        readonly senderMac: string;
        /** Address of the router. */
        readonly router: string;
        readonly managed: boolean;
        readonly other: boolean;
        readonly lifetimeSeconds: number;
        readonly prefixes: readonly AdvertisedPrefix[];
        readonly mtu: number | undefined;
        readonly dnsServers: readonly string[];
      }
  );

export type NdpEvent = NeighbourEvent | RouterEvent;
