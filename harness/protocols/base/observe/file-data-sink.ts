import type { Frame } from '../../../packet/frame.ts';

/** Wants parts of the data that one message carries of a file, e.g. of an SMB READ response or WRITE request. */
export interface FileDataSink {
  /** How many of the `left` bytes at file position `offset` to pass over; all of them when none is wanted. */
  unwanted(offset: number, left: number): number;
  /** Bytes from a wanted position; returns how many were of use, at least 1. */
  take(offset: number, bytes: Uint8Array, frame: Frame): number;
  /** The last byte of the message has come. */
  done(frame: Frame): void;
}
