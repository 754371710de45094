import type { RpcCallSeen } from '../../base/observe/rpc-call-seen.ts';
import type { ConnectionSeen } from '../../base/observe/seen.ts';

/** A variable of a WDS packet as a step's detail shows it. */
export type WdsValues = Readonly<Record<string, string | number>>;

/**
 * The WDS control protocol (MS-WDSC section 2.2.1). `service` and `operation` are empty where the packet is sealed and
 * could not be read.
 */
export type WdsEvent = ConnectionSeen &
  RpcCallSeen & { readonly service: string; readonly operation: string; readonly values: WdsValues } & (
    | { readonly type: 'wds.request'; readonly opcode?: number }
    | {
        readonly type: 'wds.reply';
        /** 0, or a Windows error code; absent where the reply could not be read. */
        readonly errorCode?: number;
        readonly requestFrame: number;
      }
  );
