import type { Seen, Endpoint } from '../../base/observe/seen.ts';

/** A message of ISAKMP or AuthIP on UDP port 500 (RFC 2408 section 3.1, MS-AIPS section 2.2.1). */
export type IsakmpEvent = Seen & {
  readonly type: 'isakmp.message';
  /** e.g. `AuthIP main mode`, or `exchange 99`. */
  readonly exchange: string;
  readonly by: 'client' | 'server';
  readonly server: Endpoint;
};
