import type { RpcSyntax } from '../../../harness/protocols/rpc/wire/codec.ts';

/** Who calls: an anonymous client, or a user whose password was right. */
export interface RpcCaller {
  /** `ip:port` of the client. */
  readonly client: string;
  readonly user?: string | undefined;
  readonly domain?: string | undefined;
  /** Auth level of this call: 1 none … 6 privacy (MS-RPCE section 2.2.1.1.8). */
  readonly level: number;
}

/** Result of a call: the response's stub, or the status of a fault and its reason. */
export type RpcAnswer = { readonly stub: Uint8Array } | { readonly fault: number; readonly reason: string };

/** An interface that a server offers. */
export interface RpcInterface {
  readonly syntax: RpcSyntax;
  /** How many operations it has, numbered from 0. */
  readonly operations: number;
  call(opnum: number, stub: Uint8Array, caller: RpcCaller): Promise<RpcAnswer>;
}

/** Statuses of faults (C706 appendix E; MS-RPCE section 2.2.2.4 for Windows' own). */
export const FAULTS = {
  accessDenied: 0x5,
  badStubData: 0x6f7,
  securityPackage: 0x721,
  operationRange: 0x1c01_0002,
  unknownInterface: 0x1c01_0003,
  protocolError: 0x1c01_000b,
  noMemory: 0x1c00_001b,
} as const;
