import { FileCoverage, fileKey } from '../../base/observe/file-coverage.ts';
import type { FileOpened, FileWatch, OpenFileWatch } from '../../base/observe/file-watch.ts';
import type { ObservedClient } from '../../base/observe/observed-client.ts';
import type { ConnectionSeen } from '../../base/observe/seen.ts';
import { WIM_FLAGS, type WimHeader } from '../wire/codec.ts';
import type { WimEvent } from './events.ts';
import { WimReading } from './reading.ts';
import { WimSets } from './sets.ts';
import { WrittenHeader } from './written-header.ts';

/** Image files whose header is remembered for one client. */
const MAX_FILES = 1024;

/**
 * Looks for images in the files of one client. Headers are remembered by server, share and path: a client that has the
 * header in its page cache opens the file again and reads only the tail.
 */
export class WimFiles implements FileWatch {
  readonly #emit: (event: WimEvent) => void;
  readonly #coverage: FileCoverage;
  readonly #headers = new Map<string, WimHeader>();
  readonly #sets = new WimSets();

  constructor(client: ObservedClient<WimEvent>) {
    this.#emit = client.emit;
    this.#coverage = client.shared(FileCoverage);
  }

  opened(file: FileOpened): OpenFileWatch {
    const key = fileKey(file);
    const reading = new WimReading(file, {
      known: () => (file.path === '' ? undefined : this.#headers.get(key)),
      found: (header) => {
        if (this.#headers.size >= MAX_FILES) this.#headers.clear();
        this.#headers.set(key, header);
      },
      listed: (header, blobs) => {
        this.#sets.found(key, file, header, blobs);
      },
      emit: this.#emit,
    });
    const written = new WrittenHeader(file, this.#emit);
    return {
      read: (offset, length, requestFrame, seen) => reading.begin({ offset, length, requestFrame }, seen),
      write: (offset, length, seen) => written.begin(offset, length, seen),
      readEnded: (seen) => {
        this.#setReads(key, file, seen);
      },
    };
  }

  /** How much of the images that keep their data in this file has been read; reports nothing for any other file. */
  #setReads(key: string, file: FileOpened, seen: ConnectionSeen): void {
    const header = this.#headers.get(key);
    if (!header || (header.flags & WIM_FLAGS.resourceOnly) === 0) return;
    for (const read of this.#sets.reads(key, header, (other) => this.#coverage.byKey(other)))
      this.#emit({ type: 'wim.set-read', sharedPath: file.path, ...read, ...seen });
  }
}
