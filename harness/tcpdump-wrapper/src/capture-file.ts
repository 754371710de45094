import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { CapturedFrame, CaptureSource, Truncation } from './captured-frame.ts';
import { COMPRESSION_MAGIC_BYTES, compressionOf, decompressed } from './compression.ts';
import { CaptureFormatError } from './capture-format-error.ts';
import { createCaptureParser, type CaptureParser } from './formats/capture-parser.ts';

export { CaptureFormatError };

/**
 * Bytes of one read: enough that system calls cost nothing to speak of, and the most memory that a single kept frame
 * holds on to.
 */
const READ_BYTES = 4 * 1024 * 1024;

/** How a capture file is read. */
export interface CaptureFileOptions {
  /**
   * Frames may be kept for as long as one likes, which is the default. False: the frames of a batch are overwritten
   * once the next batch is asked for. Fresh memory costs more than parsing does: reading alone took 0.9–2.1 GB/s with
   * it, 2.4–3.7 without.
   */
  readonly keepFrames?: boolean;
  /** What errors call the file; default: its path. */
  readonly name?: string;
}

/**
 * Opens a pcap or pcapng file, also one that is compressed (gzip, xz, zstd). Throws CaptureFormatError for what is no
 * capture, MissingUnpackerError where the program `xz` is needed and not there, and the file system's error for what
 * cannot be read. Errors name the file.
 */
export async function openCaptureFile(
  path: string,
  { keepFrames = true, name = path }: CaptureFileOptions = {},
): Promise<CaptureSource> {
  const file = await open(path, 'r');
  return openChunks(name, chunksOf(file, keepFrames), () => file.close());
}

/**
 * Opens a capture that comes in chunks, such as standard input; `name` stands for it in errors, which are those of
 * `openCaptureFile`. Frames may be kept.
 */
export function openCaptureStream(name: string, stream: Readable): Promise<CaptureSource> {
  return openChunks(name, stream, () => {
    stream.destroy();
    return Promise.resolve();
  });
}

async function openChunks(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  release: () => Promise<void>,
): Promise<CaptureSource> {
  const source = new ChunkSource(name, chunks, release);
  try {
    await source.readFirst();
    return source;
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The file's bytes. Without `keep`, two buffers in turn: one is read into while the caller uses that of the other. */
async function* chunksOf(file: FileHandle, keep: boolean): AsyncGenerator<Uint8Array> {
  const memory: Uint8Array[] = [];
  for (;;) {
    const used = keep || memory.length < 2 ? undefined : memory.shift();
    const buffer = used ?? new Uint8Array(Buffer.allocUnsafeSlow(READ_BYTES).buffer);
    if (!keep) memory.push(buffer);
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

class ChunkSource implements CaptureSource {
  readonly #name: string;
  readonly #release: () => Promise<void>;
  readonly #parser: CaptureParser = createCaptureParser();
  #chunks: AsyncIterator<Uint8Array>;
  #first: CapturedFrame[] = [];
  #ended = false;
  #closed = false;
  truncated: Truncation | undefined;
  bytesRead = 0;

  constructor(name: string, chunks: AsyncIterable<Uint8Array>, release: () => Promise<void>) {
    this.#name = name;
    this.#chunks = unpacked(this.#counted(chunks))[Symbol.asyncIterator]();
    this.#release = release;
  }

  get linkType(): number {
    return this.#parser.linkType ?? 0;
  }

  get dropped(): number | undefined {
    return this.#ended ? this.#parser.dropped : undefined;
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytesRead += chunk.length;
      yield chunk;
    }
  }

  /** Reads up to the first frame: only then the link type is known. */
  async readFirst(): Promise<void> {
    while (this.#first.length === 0 && !this.#ended) {
      const chunk = await this.#readAhead();
      if (chunk instanceof Error) throw chunk;
      this.#first = this.#framesOf(chunk);
    }
  }

  async *batches(): AsyncGenerator<CapturedFrame[]> {
    const first = this.#first;
    this.#first = [];
    // The next read is under way while the consumer works on the frames of the one before.
    let reading = this.#ended ? undefined : this.#readAhead();
    try {
      if (first.length > 0) yield first;
      while (reading !== undefined) {
        const chunk = await reading;
        if (chunk instanceof Error) throw chunk;
        reading = chunk === undefined ? undefined : this.#readAhead();
        const frames = this.#framesOf(chunk);
        if (frames.length > 0) yield frames;
      }
    } finally {
      // First, since a stream may have nothing to read for as long as it is open.
      await this.close();
      await reading;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#release();
    await this.#chunks.return?.();
  }

  /** Frames that a chunk completes; without a chunk the capture is over. */
  #framesOf(chunk: Uint8Array | undefined): CapturedFrame[] {
    try {
      if (chunk !== undefined) return this.#parser.push(chunk);
      this.#ended = true;
      this.truncated = this.#parser.end();
      return [];
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** Resolves to a failure instead of rejecting: until the next batch is asked for, no code would handle a rejection. */
  #readAhead(): Promise<Uint8Array | undefined | Error> {
    return this.#chunks.next().then(
      ({ value, done }) => (done ? undefined : value),
      (error: unknown) => this.#named(error),
    );
  }

  #named(error: unknown): Error {
    const named = error instanceof Error ? error : new Error(String(error));
    if (!named.message.startsWith(`${this.#name}: `)) named.message = `${this.#name}: ${named.message}`;
    return named;
  }
}

/** The chunks of a capture, unpacked where their first bytes say that it is compressed. */
async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reading = chunks[Symbol.asyncIterator]();
  const begin: Uint8Array[] = [];
  while (lengthOf(begin) < COMPRESSION_MAGIC_BYTES) {
    const next = await reading.next();
    if (next.done) break;
    begin.push(next.value);
  }
  const compression = compressionOf(Buffer.concat(begin.map((chunk) => chunk.subarray(0, COMPRESSION_MAGIC_BYTES))));
  const all = joined(begin, reading);
  yield* compression === undefined ? all : decompressed(compression, all);
}

async function* joined(begin: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begin;
  for (;;) {
    const next = await rest.next();
    if (next.done) return;
    yield next.value;
  }
}

const lengthOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
