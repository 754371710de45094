import type { WimHeader } from '../wire/wim.ts';
import type { ProtocolEvent } from './events.ts';
import { WimReading } from './wim-reading.ts';

/** Image files whose header is remembered for one client. */
const MAX_FILES = 1024;

/**
 * Headers of the image files that a client looked at, by server, share and path: a client that has the header in its page
 * cache opens the file again and reads only the tail.
 */
export class WimFiles {
  readonly #headers = new Map<string, WimHeader>();

  /** What is to be looked for while this open file is read. */
  reading(server: string, file: { readonly path: string; readonly share: string; readonly fileId: string; readonly endOfFile: number }, emit: (event: ProtocolEvent) => void): WimReading {
    const key = `${server}\\${file.share}\\${file.path}`.toLowerCase();
    return new WimReading(file, {
      known: () => (file.path === '' ? undefined : this.#headers.get(key)),
      found: (header) => {
        if (this.#headers.size >= MAX_FILES) this.#headers.clear();
        this.#headers.set(key, header);
      },
      emit,
    });
  }
}
