/** What a call over RPC was protected by. `user` is `DOMAIN\\user` of its security context, empty without one. */
interface RpcProtectionSeen {
  readonly user: string;
  /** Authentication level (MS-RPCE section 2.2.1.1.8): 1 none, 5 integrity, 6 privacy. */
  readonly level: number;
  /** Encrypted on the wire, whether or not the observer could read it. */
  readonly sealed: boolean;
}

/** A request or a response, put together from its fragments. */
export interface RpcCallSeen extends RpcProtectionSeen {
  readonly callId: number;
  /** Where its first fragment was; `frame` has the last one. */
  readonly firstFrame: number;
  readonly fragments: number;
  /** Length of the stub. */
  readonly bytes: number;
}
