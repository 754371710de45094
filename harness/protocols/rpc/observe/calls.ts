import type { RpcSyntax } from '../wire/codec.ts';
import { UNREAD, type WdsFacts } from '../../wds/observe/packets.ts';

/** Calls under way that are remembered for one connection. */
const MAX_CALLS = 256;

/** A request that waits for its response. */
export interface RpcCall {
  readonly frame: number;
  readonly interface: RpcSyntax | undefined;
  readonly opnum: number;
  /** Who asked, as the security context says. */
  readonly user: string;
  /** What an ept_map asks for. */
  readonly wanted: RpcSyntax | undefined;
  /** A request to the WDS control interface. */
  readonly wds: WdsFacts | undefined;
}

/** The call of a response whose request the capture does not hold. */
export const UNSEEN_CALL: RpcCall = {
  frame: 0,
  interface: undefined,
  opnum: 0,
  user: '',
  wanted: undefined,
  wds: undefined,
};
/** The call of such a response on a connection that carries WDS control. */
export const UNSEEN_WDS_CALL: RpcCall = { ...UNSEEN_CALL, wds: UNREAD };

/** Calls of one connection that wait for an answer, by call id. */
export class RpcCalls {
  readonly #calls = new Map<number, RpcCall>();

  /** Returns false when a call with this id still waits: the new one takes its place. */
  ask(callId: number, call: RpcCall): boolean {
    const isNew = !this.#calls.has(callId);
    this.#calls.set(callId, call);
    if (this.#calls.size > MAX_CALLS)
      for (const oldest of this.#calls.keys()) return this.#calls.delete(oldest) && isNew;
    return isNew;
  }

  answered(callId: number): RpcCall | undefined {
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    return call;
  }
}
