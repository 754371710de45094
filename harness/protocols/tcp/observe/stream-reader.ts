import type { Frame } from '../../../packet/frame.ts';

/** Lets a reader pass over bytes of its stream that it need not see. */
export interface StreamControl {
  /**
   * Passes over the next `bytes` unread. `bulk`: they are never decoded, so that the evidence file may drop them.
   */
  skip(bytes: number, bulk: boolean): void;
  /** Bytes of the last `skip` that have not gone by yet. */
  readonly skipping: number;
}

/** Turns one direction of a TCP connection into messages. The stream calls it with contiguous bytes only. */
export interface StreamReader {
  /**
   * Contiguous bytes that `read` needs to get on, at least 1; no more than 1 MiB, which is what a stream will hold
   * back.
   */
  readonly need: number;
  /**
   * Takes bytes from the start of `bytes` (at least `need`, or more when a segment holds more) and returns how many.
   * May return 0 only after `need` grew beyond what it got, or after another reader took its place. The view is only
   * valid during the call.
   */
  read(bytes: Uint8Array, frame: Frame): number;
  /** Everything that `skip` asked for has gone by, the last of it in this frame. */
  skipped(frame: Frame): void;
  /** The stream goes on `bytes` after what was read: the capture does not hold them, or not all of them. */
  lost(bytes: number, frame: Frame): void;
}

/** A reader for what no protocol decodes: it keeps every byte in the evidence and reports nothing. */
export class OpaqueReader implements StreamReader {
  readonly need = 1;
  read(bytes: Uint8Array): number {
    return bytes.length;
  }
  skipped(): void {
    // asked for nothing
  }
  lost(): void {
    // nothing to resynchronise
  }
}
