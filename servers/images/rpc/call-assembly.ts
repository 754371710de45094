import { joinBytes } from '../../../harness/packet/bytes.ts';
import { FAULTS } from './interface.ts';

/** One fragment of a request, its stub in the clear. */
export interface CallFragment {
  readonly callId: number;
  readonly contextId: number;
  readonly opnum: number;
  readonly first: boolean;
  readonly last: boolean;
  readonly stub: Uint8Array;
  /** Security context under which the fragment came; all fragments of a call have the same. */
  readonly authContextId: number | undefined;
}

/** A call whose fragments are all there. */
export interface WholeCall extends Omit<CallFragment, 'first' | 'last'> {
  readonly fragments: number;
}

type Assembled = WholeCall | 'incomplete' | { readonly fault: number; readonly reason: string };

/** Puts the fragments of a request together (C706 section 12.6.3.3): one call at a time, bounded in bytes. */
export class CallAssembly {
  readonly #mostBytes: number;
  #parts: CallFragment[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether a call has begun and is not whole yet. */
  get partial(): boolean {
    return this.#parts.length > 0;
  }

  /** Takes the next fragment. After a fault the connection can no longer be used. */
  push(fragment: CallFragment): Assembled {
    const begun = this.#parts[0];
    if (fragment.first === (begun !== undefined))
      return wrong(
        begun
          ? `a first fragment of call ${fragment.callId} while call ${begun.callId} is incomplete`
          : `a later fragment of call ${fragment.callId}, which never began`,
      );
    if (
      begun &&
      (begun.callId !== fragment.callId ||
        begun.contextId !== fragment.contextId ||
        begun.opnum !== fragment.opnum ||
        begun.authContextId !== fragment.authContextId)
    ) {
      return wrong(
        `a fragment of call ${fragment.callId} between those of call ${begun.callId}, or of another context, operation or security`,
      );
    }
    this.#bytes += fragment.stub.length;
    if (this.#bytes > this.#mostBytes)
      return {
        fault: FAULTS.noMemory,
        reason: `call ${fragment.callId} has more than the ${this.#mostBytes} bytes that a request may have`,
      };
    // A fragment without bytes does not advance a call: a client could send any number of them for free.
    if (!fragment.last && fragment.stub.length === 0)
      return wrong(`an empty fragment in the middle of call ${fragment.callId}`);
    this.#parts.push(fragment);
    if (!fragment.last) return 'incomplete';
    const whole = {
      ...fragment,
      fragments: this.#parts.length,
      stub: this.#parts.length === 1 ? fragment.stub : joinBytes(this.#parts.map(({ stub }) => stub)),
    };
    this.#parts = [];
    this.#bytes = 0;
    return whole;
  }
}

const wrong = (reason: string): { fault: number; reason: string } => ({ fault: FAULTS.protocolError, reason });
