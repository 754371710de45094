import { write } from 'node:fs';

/** An event of a service: one happening, in words that a report can print. */
export interface ServiceEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Events that every service has; all others are its own. */
export type LifeEvent = 'ready' | 'stopped' | 'error';

/** A service has done something wrong because it was told to. */
export const MISBEHAVED = 'misbehaved';

/** `how`: the key of `misbehave` that told it to. */
export interface MisbehavedEvent extends ServiceEvent {
  readonly event: typeof MISBEHAVED;
  readonly how: string;
}

/** Takes an event; never throws, never blocks. */
export type Emit = (event: ServiceEvent) => void;

// A reader that stops reading must cost neither memory nor service: lines beyond this are dropped and counted.
const MAX_WAITING_LINES = 10_000;

// A non-blocking pipe that is full says EAGAIN and offers no event for "writable again" to a bare descriptor.
const RETRY_MS = 5;

/**
 * JSON event lines on a file descriptor. Writing goes through the thread pool, one write at a time, because Node writes
 * to pipes synchronously: a stalled reader would stop the service itself.
 */
export class EventLines {
  readonly #fd: number;
  readonly #service: string;
  #waiting: string[] = [];
  #dropped = 0;
  #writing = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(fd: number, service: string) {
    this.#fd = fd;
    this.#service = service;
  }

  readonly emit: Emit = (event) => {
    if (this.#closed) return;
    if (this.#waiting.length >= MAX_WAITING_LINES) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(`${line(event, this.#service)}\n`);
    if (!this.#writing) this.#next();
  };

  /** Resolves when every line has been handed to the kernel, or the reader is gone. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#writing) resolve();
      else this.#idle.push(resolve);
    });
  }

  #next(): void {
    if (this.#dropped > 0 && this.#waiting.length === 0) {
      this.#waiting.push(
        `${line({ event: 'error', message: `${this.#dropped} events were dropped because standard output was not read` }, this.#service)}\n`,
      );
      this.#dropped = 0;
    }
    if (this.#waiting.length === 0 || this.#closed) {
      this.#writing = false;
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#writing = true;
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#write(bytes), RETRY_MS);
      else if (error) {
        this.#closed = true; // EPIPE: the reader is gone; the service goes on serving
        this.#next();
      } else if (written < bytes.length) this.#write(bytes.subarray(written));
      else this.#next();
    });
  }
}

function line(event: ServiceEvent, service: string): string {
  const { event: name, ...fields } = event;
  // performance.timeOrigin + now(): microsecond resolution on the same epoch as the capture's time stamps.
  const atUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  return JSON.stringify({ event: name, service, atUs, ...fields });
}
