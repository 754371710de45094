import { WIM_FLAGS, type WimBlob, type WimHeader } from '../wire/codec.ts';
import type { ProtocolEvent } from '../../base/observe/seen.ts';
import { CoveredRanges } from '../../base/observe/covered-ranges.ts';
import { WimSets, type SetRead } from './sets.ts';
import { WimReading } from './reading.ts';

/** Image files whose header is remembered for one client. */
const MAX_FILES = 1024;

/**
 * Headers of the image files that a client looked at, and what it has read of each file, by server, share and path: a
 * client that has the header in its page cache opens the file again and reads only the tail.
 */
export class WimFiles {
  readonly #headers = new Map<string, WimHeader>();
  readonly #covered = new Map<string, CoveredRanges>();
  readonly #sets = new WimSets();

  /** What is to be looked for while this open file is read. */
  reading(
    server: string,
    file: { readonly path: string; readonly share: string; readonly fileId: string; readonly endOfFile: number },
    emit: (event: ProtocolEvent) => void,
  ): WimReading {
    const key = keyOf(server, file);
    return new WimReading(file, {
      known: () => (file.path === '' ? undefined : this.#headers.get(key)),
      found: (header) => {
        if (this.#headers.size >= MAX_FILES) this.#headers.clear();
        this.#headers.set(key, header);
      },
      listed: (header: WimHeader, blobs: readonly WimBlob[]) => {
        this.#sets.found(key, file, header, blobs);
      },
      emit,
    });
  }

  /**
   * A file was closed: how much of the images that keep their data in it has been read. Empty for a file that is no
   * such part.
   */
  setReads(server: string, file: { readonly path: string; readonly share: string }): SetRead[] {
    const key = keyOf(server, file);
    const header = this.#headers.get(key);
    return header && header.flags & WIM_FLAGS.resourceOnly
      ? this.#sets.reads(key, header, (other) => this.#covered.get(other))
      : [];
  }

  /** What has been read of a file, over all of its opens. */
  covered(server: string, file: { readonly path: string; readonly share: string }): CoveredRanges {
    const key = keyOf(server, file);
    const known = file.path === '' ? undefined : this.#covered.get(key);
    if (known) return known;
    const covered = new CoveredRanges();
    if (this.#covered.size >= MAX_FILES) this.#covered.clear();
    this.#covered.set(key, covered);
    return covered;
  }
}

function keyOf(server: string, { share, path }: { readonly path: string; readonly share: string }): string {
  return `${server}\\${share}\\${path}`.toLowerCase();
}
