import { CaptureFormatError, openCaptureFile, openCaptureStream } from '#tcpdump-wrapper/capture-file';
import { stat } from 'node:fs/promises';
import type { CapturedFrame, CaptureSource, Truncation } from '#tcpdump-wrapper';
import { tellReading } from './reading-progress.ts';

/** The name of standard input on a command line. */
export const STANDARD_INPUT = '-';

/** What a capture is called in messages and results. */
export const captureName = (file: string): string => (file === STANDARD_INPUT ? 'standard input' : file);

/**
 * Opens a capture file, or standard input for `-`. Its frames are overwritten once the next batch is asked for. What
 * follows damage in the middle is missing, like what follows a cut: `truncated` says where. `name`: in messages.
 */
export async function openCapture(file: string, name = captureName(file)): Promise<CaptureSource> {
  if (file === STANDARD_INPUT) return new UpToDamage(name, await openCaptureStream(name, process.stdin), undefined);
  const source = await openCaptureFile(file, { name, keepFrames: false });
  const facts = await stat(file);
  return new UpToDamage(name, source, facts.isFile() ? facts.size : undefined);
}

/** A capture that ends where it is damaged, if there are frames before that. */
class UpToDamage implements CaptureSource {
  readonly #name: string;
  readonly #source: CaptureSource;
  readonly #ofBytes: number | undefined;
  #damage: Truncation | undefined;

  constructor(name: string, source: CaptureSource, ofBytes: number | undefined) {
    this.#name = name;
    this.#source = source;
    this.#ofBytes = ofBytes;
  }

  get linkType(): number {
    return this.#source.linkType;
  }

  get dropped(): number | undefined {
    return this.#source.dropped;
  }

  get truncated(): Truncation | undefined {
    return this.#damage ?? this.#source.truncated;
  }

  async *batches(): AsyncGenerator<CapturedFrame[]> {
    let frames = 0;
    try {
      for await (const batch of this.#source.batches()) {
        frames += batch.length;
        tellReading({ name: this.#name, frames, bytes: this.#source.bytesRead, ofBytes: this.#ofBytes });
        yield batch;
      }
    } catch (error) {
      if (!(error instanceof CaptureFormatError) || frames === 0) throw error;
      this.#damage = { reason: `expected ${error.expected}, got ${error.got}`, atByte: error.byteOffset };
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
