/** An option of neighbour discovery (RFC 4861 section 4.6, RFC 4191 section 2.3, RFC 8106 section 5.1). */
export type NdpOption =
  | { readonly kind: 'source-link-layer'; readonly mac: string }
  | { readonly kind: 'target-link-layer'; readonly mac: string }
  | {
      readonly kind: 'prefix';
      readonly prefix: string;
      readonly length: number;
      /** Hosts with this prefix are on the link. */
      readonly onLink: boolean;
      /** Hosts may make addresses of their own with this prefix. */
      readonly autonomous: boolean;
      /** Seconds; 4294967295 for ever. */
      readonly validSeconds: number;
      readonly preferredSeconds: number;
    }
  | { readonly kind: 'mtu'; readonly mtu: number }
  | {
      readonly kind: 'route';
      readonly prefix: string;
      readonly length: number;
      /** Two bits, signed: 1 high, 0 medium, 3 low. */
      readonly preference: number;
      readonly lifetimeSeconds: number;
    }
  | { readonly kind: 'dns-servers'; readonly lifetimeSeconds: number; readonly servers: readonly string[] }
  | { readonly kind: 'other'; readonly type: number; readonly data: Uint8Array };

interface Message {
  readonly kind: 'ndp';
  /** Always 0; a receiver drops any other (RFC 4861 sections 6.1 and 7.1). */
  readonly code: number;
  readonly options: readonly NdpOption[];
}

/** A message of neighbour discovery (RFC 4861 section 4). */
export type NdpMessage =
  | (Message & { readonly type: 'router-solicitation' })
  | (Message & {
      readonly type: 'router-advertisement';
      readonly hopLimit: number;
      /** M: addresses come by DHCPv6. */
      readonly managed: boolean;
      /** O: other settings come by DHCPv6. */
      readonly other: boolean;
      /** Seconds; 0 of a router that is nobody's default router. */
      readonly lifetimeSeconds: number;
      readonly reachableMs: number;
      readonly retransMs: number;
    })
  | (Message & { readonly type: 'neighbour-solicitation'; readonly target: string })
  | (Message & {
      readonly type: 'neighbour-advertisement';
      readonly target: string;
      readonly router: boolean;
      readonly solicited: boolean;
      readonly override: boolean;
    });

/** ICMPv6 types (RFC 4861 section 4). */
export const NDP_TYPES = {
  'router-solicitation': 133,
  'router-advertisement': 134,
  'neighbour-solicitation': 135,
  'neighbour-advertisement': 136,
} as const;

/** Hop limit of every message: what a router has forwarded has less, and is dropped (RFC 4861 section 3.1). */
export const NDP_HOP_LIMIT = 255;

export const OPTION_TYPES = {
  'source-link-layer': 1,
  'target-link-layer': 2,
  prefix: 3,
  mtu: 5,
  route: 24,
  'dns-servers': 25,
} as const;
