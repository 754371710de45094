import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldedName, readBootName } from './boot-name.ts';
import { kindOf, leadsOut, openConfined, unreachable, type ConfinedFile, type Refused } from './confined-file.ts';
import { isBelow } from './is-below.ts';

interface Listing {
  /** Changes whenever an entry comes or goes. */
  readonly mtimeNs: bigint;
  readonly exact: ReadonlySet<string>;
  /** Folded name to the entry that wins. */
  readonly folded: ReadonlyMap<string, string>;
}

// Boot trees have dozens of folders. The oldest listing goes first when there are more.
const MAX_LISTINGS = 1024;

/**
 * The tree that TFTP and HTTP serve. Names match in any case and with either slash, as on the Windows server that the
 * clients were written for. Where two entries differ only in case, the one written exactly as asked wins, else the
 * first in byte order (capitals before small letters), whatever order the file system lists them in.
 */
export class BootRoot {
  readonly #root: string;
  readonly #listings = new Map<string, Listing>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** The root folder must exist. */
  static async open(root: string): Promise<BootRoot> {
    const real = await realpath(root).catch(async (error: unknown) => {
      const { reason } = await unreachable(error, root, root);
      throw new Error(`root: expected a folder that can be read, got a path that gives none: ${reason}`, {
        cause: error,
      });
    });
    const entry = await stat(real);
    if (!entry.isDirectory()) throw new Error(`root: expected a folder, got ${root}, which is ${kindOf(entry)}`);
    return new BootRoot(real);
  }

  /** The root folder, without links. */
  get folder(): string {
    return this.#root;
  }

  /** The file of a name, open. Links are followed as far as they stay inside the root; only files are opened. */
  async open(name: string): Promise<ConfinedFile | Refused> {
    const read = readBootName(name);
    if ('refused' in read) return { refused: 'forbidden', reason: read.refused };
    const last = read.parts.at(-1);
    let folder = this.#root;
    let shown = '';
    for (const part of read.parts) {
      const where = shown || 'the root folder';
      let entry: string | undefined;
      try {
        // Each folder on the way, too: not even a name of what lies outside is told.
        folder = await realpath(folder);
        if (!isBelow(this.#root, folder)) return leadsOut(where);
        entry = await this.#entry(folder, part);
      } catch (error) {
        return unreachable(error, folder, where);
      }
      if (entry === undefined) return { refused: 'not-found', reason: `no ${part} in ${where}` };
      shown = join(shown, entry);
      folder = join(folder, entry);
    }
    return openConfined(this.#root, folder, last === undefined ? 'the root folder' : shown);
  }

  async #entry(folder: string, part: string): Promise<string | undefined> {
    const { mtimeNs } = await stat(folder, { bigint: true });
    let listing = this.#listings.get(folder);
    if (listing?.mtimeNs !== mtimeNs) {
      listing = listingOf(await readdir(folder), mtimeNs);
      this.#listings.delete(folder);
      this.#listings.set(folder, listing);
      for (const oldest of this.#listings.keys()) {
        if (this.#listings.size <= MAX_LISTINGS) break;
        this.#listings.delete(oldest);
      }
    }
    return listing.exact.has(part) ? part : listing.folded.get(foldedName(part));
  }
}

function listingOf(entries: readonly string[], mtimeNs: bigint): Listing {
  const folded = new Map<string, string>();
  const byBytes = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const entry of byBytes) if (!folded.has(foldedName(entry))) folded.set(foldedName(entry), entry);
  return { mtimeNs, exact: new Set(entries), folded };
}
