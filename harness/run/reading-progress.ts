/** How far a capture has been read. */
export interface Reading {
  /** What messages call the capture. */
  readonly name: string;
  readonly frames: number;
  /** Bytes of the file that were read, and all that it has; undefined for what has no end yet, such as a pipe. */
  readonly bytes: number | undefined;
  readonly ofBytes: number | undefined;
}

let watcher: ((reading: Reading) => void) | undefined;

/** Is told how far every capture is read, until the function that it returns is called: one person watches a process. */
export function watchReading(onRead: (reading: Reading) => void): () => void {
  watcher = onRead;
  return () => {
    if (watcher === onRead) watcher = undefined;
  };
}

/** Tells whoever watches, if anybody does. */
export function tellReading(reading: Reading): void {
  watcher?.(reading);
}
