import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { foldedName, readBootName } from './boot-name.ts';

/** A file below the root, or why the name gives none. */
export type Found =
  | { readonly path: string }
  | { readonly refused: 'not-found' | 'forbidden'; readonly reason: string };

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
    const real = await realpath(root);
    if (!(await stat(real)).isDirectory()) throw new Error(`root: expected a folder, got ${root}`);
    return new BootRoot(real);
  }

  /** The file of a name. Symbolic links are followed as long as they end inside the root. */
  async find(name: string): Promise<Found> {
    const read = readBootName(name);
    if ('refused' in read) return { refused: 'forbidden', reason: read.refused };
    try {
      let path = this.#root;
      for (const part of read.parts) {
        const entry = await this.#entry(path, part);
        if (entry === undefined) return { refused: 'not-found', reason: `no ${part} in ${this.#inside(path)}` };
        path = join(path, entry);
      }
      const real = await realpath(path);
      if (!real.startsWith(this.#root === sep ? sep : this.#root + sep))
        return { refused: 'forbidden', reason: `${this.#inside(path)} leads out of the root folder` };
      if (!(await stat(real)).isFile()) return { refused: 'forbidden', reason: `${this.#inside(path)} is not a file` };
      return { path: real };
    } catch (error) {
      // ENOENT for a broken link, ENOTDIR for a file in the middle, ENAMETOOLONG, EACCES: no file for this client.
      return { refused: 'not-found', reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
    }
  }

  /** A path as messages show it, from the root on. */
  #inside(path: string): string {
    return path === this.#root ? 'the root folder' : path.slice(this.#root.length + 1);
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
