import type { Endpoint, Seen } from '../../base/observe/seen.ts';

export type Dhcpv6Event = Seen & {
  readonly type: 'dhcpv6.message';
  /** `SOLICIT`, `ADVERTISE`, … */
  readonly message: string;
  readonly by: 'client' | 'server';
  readonly server: Endpoint;
  readonly architecture: number | undefined;
  readonly vendorClass: string | undefined;
  readonly bootFileUrl: string | undefined;
};
