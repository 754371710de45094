import type { Endpoint, Seen } from '../../base/observe/seen.ts';
import type { QuotedEnd } from '../../../packet/icmp.ts';
import type { IcmpVersion, Unreachable } from '../wire/names.ts';

export type IcmpEvent = Seen & {
  readonly type: 'icmp.unreachable';
  readonly version: IcmpVersion;
  /** Who says it: the host that was asked, or a router on the way. */
  readonly from: Endpoint;
  readonly reason: Unreachable;
  /** Protocol number of the packet that did not arrive: 17 UDP, 6 TCP. */
  readonly protocol: number;
  /** The packet's ends; port 0 where the message does not repeat them. */
  readonly sender: QuotedEnd;
  readonly receiver: QuotedEnd;
  /** Whether the client sent that packet. */
  readonly byClient: boolean;
  /** Next-hop MTU of `fragmentation-needed`. */
  readonly mtu?: number;
};
