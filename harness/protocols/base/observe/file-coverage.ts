import { CoveredRanges } from './covered-ranges.ts';
import type { FileName } from './file-watch.ts';

/** Files whose read ranges are remembered for one client. */
const MAX_FILES = 1024;

/** What a client has read of each file, over all of its opens. */
export class FileCoverage {
  readonly #covered = new Map<string, CoveredRanges>();

  /** What has been read of a file; a file without a name begins anew with each open. */
  of(file: FileName): CoveredRanges {
    const key = fileKey(file);
    const known = file.path === '' ? undefined : this.#covered.get(key);
    if (known) return known;
    const covered = new CoveredRanges();
    if (this.#covered.size >= MAX_FILES) this.#covered.clear();
    this.#covered.set(key, covered);
    return covered;
  }

  /** What has been read of the file with this `fileKey`; undefined when nothing was read. */
  byKey(key: string): CoveredRanges | undefined {
    return this.#covered.get(key);
  }
}

/** Names a file by server, share and path, without regard to case. */
export function fileKey({ server, share, path }: FileName): string {
  return `${server}\\${share}\\${path}`.toLowerCase();
}
