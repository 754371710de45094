import type { Writable } from 'node:stream';
import type { LabMessage } from '../lab-protocol.ts';

/** The lab half's way to its host half: one message a line. */
export interface MessageChannel {
  readonly emit: (message: LabMessage) => void;
  /** Resolves when every message is written. Those that come later are left out. */
  readonly close: () => Promise<void>;
}

/**
 * Messages on a stream. Work that a failed lab gave up may still report when the result is on its way: written after the
 * end, its message would destroy the stream with all that waits in it, the result too.
 */
export function messageChannel(stream: Writable): MessageChannel {
  let closed = false;
  return {
    emit: (message) => {
      if (!closed) stream.write(`${JSON.stringify(message)}\n`);
    },
    close: () => {
      closed = true;
      return new Promise((resolve) => void stream.end(() => resolve()));
    },
  };
}
