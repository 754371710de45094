import type { RpcCallSeen } from '../../base/observe/rpc-call-seen.ts';
import type { ConnectionSeen } from '../../base/observe/seen.ts';
import type { RpcAnomaly } from './anomaly.ts';

/**
 * DCE/RPC over TCP (C706 chapter 12, MS-RPCE). `interface` is a name (`WDS control`, `endpoint mapper`) or a UUID,
 * empty where the capture does not hold the bind; `requestFrame` is 0 where it does not hold the request.
 */
export type RpcEvent = ConnectionSeen &
  (
    | {
        readonly type: 'rpc.bind' | 'rpc.alter-context';
        readonly callId: number;
        readonly interface: string;
        readonly version: string;
        readonly level: number;
      }
    | {
        readonly type: 'rpc.bind-answer' | 'rpc.alter-context-answer';
        readonly callId: number;
        readonly interface: string;
        readonly version: string;
        readonly level: number;
        /** 0 accepted; else the first refusal's (C706 section 12.6.3.1). */
        readonly result: number;
        readonly reason: number;
        /** BIND_NAK: no association at all. */
        readonly refusedAssociation: boolean;
        readonly maxTransmit: number;
        readonly maxReceive: number;
        readonly requestFrame: number;
      }
    | { readonly type: 'rpc.auth3'; readonly callId: number; readonly user: string; readonly level: number }
    | (RpcCallSeen & { readonly type: 'rpc.request'; readonly interface: string; readonly opnum: number })
    | (RpcCallSeen & {
        readonly type: 'rpc.response';
        readonly interface: string;
        readonly opnum: number;
        readonly requestFrame: number;
      })
    | {
        readonly type: 'rpc.fault';
        readonly callId: number;
        readonly interface: string;
        readonly opnum: number;
        /** Of a WDS request that could be read. */
        readonly operation: string;
        readonly user: string;
        readonly status: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'rpc.endpoint-map';
        readonly callId: number;
        /** The interface that was asked for. */
        readonly interface: string;
        readonly version: string;
        readonly ip: string;
        /** 0 when the mapper knows none. */
        readonly port: number;
        readonly status: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'rpc.other';
        /** A PDU that is none of the above: `cancel`, `orphaned`, `shutdown`, `type-99`. */
        readonly name: string;
        readonly by: 'client' | 'server';
      }
    | { readonly type: 'rpc.anomaly'; readonly anomaly: RpcAnomaly }
  );
