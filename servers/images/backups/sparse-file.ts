import type { FileHandle } from 'node:fs/promises';

/** Of most file systems: a smaller hole is none. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Writes a new file as its content comes; blocks of zeros become holes, since a disk image may be larger than the disk that it is written to. */
export class SparseFile {
  readonly #handle: FileHandle;
  #bytes = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(chunk: Buffer): Promise<void> {
    for (const { from, to } of filledParts(chunk, this.#bytes))
      for (let at = from; at < to; ) {
        const { bytesWritten } = await this.#handle.write(chunk, at, to - at, this.#bytes + at);
        at += bytesWritten;
      }
    this.#bytes += chunk.length;
  }

  /** Gives the file its size, which a hole at its end has not. */
  async close(): Promise<void> {
    await this.#handle.truncate(this.#bytes);
    await this.#handle.close();
  }
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** The parts of a chunk that are not whole blocks of zeros, or parts of such; `offset` is its place in the file. */
export function filledParts(chunk: Buffer, offset: number): readonly Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < chunk.length; ) {
    const to = Math.min(chunk.length, from + BLOCK_BYTES - ((offset + from) % BLOCK_BYTES));
    if (!chunk.subarray(from, to).equals(ZEROS.subarray(0, to - from))) {
      const joined = parts.at(-1)?.to === from ? parts.pop() : undefined;
      parts.push({ from: joined?.from ?? from, to });
    }
    from = to;
  }
  return parts;
}
