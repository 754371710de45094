import { CaptureFormatError, openCaptureFile, openCaptureStream } from '#tcpdump-wrapper/capture-file';
import type { CapturedFrame, CaptureSource, Truncation } from '#tcpdump-wrapper';

/** The name of standard input on a command line. */
export const STANDARD_INPUT = '-';

/** What a capture is called in messages and results. */
export const captureName = (file: string): string => (file === STANDARD_INPUT ? 'standard input' : file);

/**
 * Opens a capture file, or standard input for `-`. Its frames are overwritten once the next batch is asked for. What
 * follows damage in the middle is missing, like what follows a cut: `truncated` says where. `name`: in messages.
 */
export async function openCapture(file: string, name = captureName(file)): Promise<CaptureSource> {
  return new UpToDamage(
    file === STANDARD_INPUT
      ? await openCaptureStream(name, process.stdin)
      : await openCaptureFile(file, { name, keepFrames: false }),
  );
}

/** A capture that ends where it is damaged, if there are frames before that. */
class UpToDamage implements CaptureSource {
  readonly #source: CaptureSource;
  #damage: Truncation | undefined;

  constructor(source: CaptureSource) {
    this.#source = source;
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
    let hasFrames = false;
    try {
      for await (const batch of this.#source.batches()) {
        hasFrames ||= batch.length > 0;
        yield batch;
      }
    } catch (error) {
      if (!(error instanceof CaptureFormatError) || !hasFrames) throw error;
      this.#damage = { reason: `expected ${error.expected}, got ${error.got}`, atByte: error.byteOffset };
    }
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
