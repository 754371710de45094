import { joinBytes } from '../../../packet/bytes.ts';
import type { Stamp } from '../../base/observe/event-body.ts';
import type { RpcAnomaly } from './anomaly.ts';

/** Bytes that the unfinished calls of one direction may hold: image lists and answer files have some ten thousand. */
export const MAX_HELD_BYTES = 4 << 20;

/** One fragment of a request or response. */
interface Fragment {
  readonly callId: number;
  readonly first: boolean;
  readonly last: boolean;
  /** Copied. */
  readonly stub: Uint8Array;
  /** False when the stub is sealed and the key is unknown. */
  readonly readable: boolean;
}

/** The stub of a call that is complete. */
export interface WholeStub {
  readonly stub: Uint8Array;
  /** All of it. */
  readonly readable: boolean;
  /** Where its first fragment was. */
  readonly begin: Stamp;
  readonly fragments: number;
}

interface Unfinished {
  readonly begin: Stamp;
  readonly parts: Uint8Array[];
  bytes: number;
  readable: boolean;
}

/**
 * Puts the fragments of calls together, one direction of one connection (C706 section 12.5.3: fragments of a call come
 * in order).
 */
export class RpcFragments {
  readonly #unfinished = new Map<number, Unfinished>();
  #held = 0;

  /**
   * Takes a fragment. Returns the whole stub with the last one, how it does not fit, or undefined while more must come.
   */
  add({ callId, first, last, stub, readable }: Fragment, at: Stamp): WholeStub | RpcAnomaly | undefined {
    const before = this.#unfinished.get(callId);
    if (first && last && !before) return { stub, readable, begin: at, fragments: 1 };
    if (!first && !before) return { kind: 'fragment-without-first', callId };
    let odd: RpcAnomaly | undefined;
    if (first && before) {
      odd = { kind: 'first-fragment-twice', callId, wanted: before.parts.length + 1 };
      this.drop(callId);
    }
    const call = this.#unfinished.get(callId) ?? { begin: at, parts: [], bytes: 0, readable: true };
    this.#unfinished.set(callId, call);
    call.parts.push(stub.slice());
    call.bytes += stub.length;
    call.readable &&= readable;
    this.#held += stub.length;
    if (this.#held > MAX_HELD_BYTES) {
      this.clear();
      return { kind: 'fragments-without-end', callId, limit: MAX_HELD_BYTES };
    }
    if (!last) return odd;
    this.drop(callId);
    return { stub: joinBytes(call.parts), readable: call.readable, begin: call.begin, fragments: call.parts.length };
  }

  /** Forgets what a call has sent so far. */
  drop(callId: number): void {
    this.#held -= this.#unfinished.get(callId)?.bytes ?? 0;
    this.#unfinished.delete(callId);
  }

  /** Forgets all: fragments may be missing. */
  clear(): void {
    this.#unfinished.clear();
    this.#held = 0;
  }
}
