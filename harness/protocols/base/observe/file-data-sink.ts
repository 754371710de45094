import type { Frame } from '../../../packet/frame.ts';

/** Takes the wanted parts of the file data in one message. Positions count from the message's first data byte. */
export interface FileDataSink {
  /** How many of the `left` bytes at `position` to pass over; all of them when none is wanted. */
  unwanted(position: number, left: number): number;
  /** Bytes from a wanted position; returns how many were of use, at least 1. */
  take(position: number, bytes: Uint8Array, frame: Frame): number;
  /** The last byte of the message has come. */
  done(frame: Frame): void;
}
