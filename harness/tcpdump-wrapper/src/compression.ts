import type { Readable, Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CaptureFormatError } from './capture-format-error.ts';

/** How a capture was compressed. */
export type Compression = 'gzip' | 'xz' | 'zstd';

/** Bytes that a file must show before its compression is known. */
export const COMPRESSION_MAGIC_BYTES = 6;

/** RFC 1952 section 2.3.1, the .xz file format section 2.1.1.1, RFC 8878 section 3.1.1. */
const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Bytes that come out at a time. What one step had unpacked when it met damage is lost, so that it is not larger. */
const OUTPUT_BYTES = 64 * 1024;

/** The compression that a file begins with; undefined for none of those that are read. */
export function compressionOf(begin: Uint8Array): Compression | undefined {
  return MAGICS.find(([, magic]) => magic.every((byte, index) => begin[index] === byte))?.[0];
}

/**
 * Unpacks a stream as it comes; a chunk is used up when the next one is asked for. Throws CaptureFormatError where the
 * data is damaged or ends early, after what was unpacked before.
 */
export async function* decompressed(
  compression: Compression,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const unpacker = await UNPACKERS[compression]();
  const feeding = feed(unpacker.input, chunks);
  let unpackedBytes = 0;
  try {
    for await (const chunk of unpacker.output as AsyncIterable<Uint8Array>) {
      unpackedBytes += chunk.length;
      yield chunk;
    }
    await unpacker.ended?.();
  } catch (error) {
    // A file that cannot be read is no damage of what it holds.
    if (feeding.failure !== undefined) throw feeding.failure;
    if (error instanceof MissingUnpackerError) throw error;
    throw new CaptureFormatError({
      byteOffset: unpackedBytes,
      expected: `more of the ${compression} data that holds the capture`,
      got: error instanceof Error ? error.message : String(error),
      advice: 'the compressed file is damaged or cut here',
    });
  } finally {
    unpacker.output.destroy();
    unpacker.input.destroy();
  }
}

/** The program that would unpack a capture is not on this host. */
export class MissingUnpackerError extends Error {
  override readonly name = 'MissingUnpackerError';
  readonly code = 'MISSING_UNPACKER';

  constructor(program: 'xz' | 'zstd', debianPackage: string) {
    super(
      `it is compressed by ${program}, and there is no program \`${program}\` to unpack it: install it (Debian package ${debianPackage}), or unpack the file elsewhere`,
    );
  }
}

interface Unpacker {
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves when all was in order; rejects with what was not. */
  readonly ended?: () => Promise<void>;
}

const UNPACKERS: Readonly<Record<Compression, () => Unpacker | Promise<Unpacker>>> = {
  gzip: () => transform(createGunzip({ chunkSize: OUTPUT_BYTES })),
  // Programs, which every Debian has: Node knows no xz, and its zstd (24.21) ends in silence after the first of several
  // frames, as `pzstd` and `cat a.zst b.zst` make them.
  xz: () => program('xz', 'xz-utils'),
  zstd: () => program('zstd', 'zstd'),
};

const transform = (stream: Readable & Writable): Unpacker => ({ input: stream, output: stream });

async function program(name: 'xz' | 'zstd', debianPackage: string): Promise<Unpacker> {
  // Loaded when it is needed: a program that reads captures starts in less time without it.
  const { execa } = await import('execa');
  const running = execa(name, ['--decompress', '--stdout'], { buffer: { stdout: false }, reject: false });
  return {
    input: running.stdin,
    output: running.stdout,
    ended: async () => {
      const { exitCode, code, stderr } = await running;
      if (code === 'ENOENT') throw new MissingUnpackerError(name, debianPackage);
      if (exitCode !== 0) throw new Error(stderr.trim() || `${name} ended with status ${String(exitCode)}`);
    },
  };
}

/** Hands over chunk after chunk, each when the one before is used up; `failure`: why they could not be read. */
function feed(input: Writable, chunks: AsyncIterable<Uint8Array>): { readonly failure: Error | undefined } {
  const feeding: { failure: Error | undefined } = { failure: undefined };
  // The end of the output says what went wrong inside.
  input.on('error', () => undefined);
  const handOver = async (): Promise<void> => {
    for await (const chunk of chunks) if (!(await written(input, chunk))) return;
    input.end();
  };
  handOver().catch((error: unknown) => {
    feeding.failure = error instanceof Error ? error : new Error(String(error));
    input.destroy();
  });
  return feeding;
}

const written = (input: Writable, chunk: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    input.write(chunk, (error) => resolve(!error));
  });
