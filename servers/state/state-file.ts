import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync, type BigIntStats } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type * as z from 'zod';
import { configProblems } from '../service/service.ts';
import { withFileLock } from './file-lock.ts';
import { syncFolder } from './sync-folder.ts';

/** A state file cannot be used as it is; the message says what to do. It was not touched. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

/** A writer holds the lock for a few milliseconds; a disk that stalls gets some seconds more. */
const LOCK_TIMEOUT_MS = 10_000;

interface Change<Content> {
  readonly change: (content: Content) => Content;
  readonly resolve: (content: Content) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One JSON file that several processes share. Readers always find a whole file and never wait. Changes go one after the
 * other, whichever process they come from: lock, read, change, write beside it, fsync, rename. A process that dies at
 * any point leaves the old content or the new one.
 */
export class StateFile<Schema extends z.ZodType> {
  readonly #file: string;
  readonly #schema: Schema;
  readonly #empty: z.output<Schema>;
  #cached: { readonly version: string; readonly content: z.output<Schema> } | undefined;
  readonly #waiting: Change<z.output<Schema>>[] = [];
  #writing = false;

  /** `empty` is the content while there is no file. */
  constructor(file: string, schema: Schema, empty: z.output<Schema>) {
    this.#file = file;
    this.#schema = schema;
    this.#empty = empty;
  }

  /** The content now; costs a stat when nothing changed. Throws `StateFileError` for a damaged file. */
  read(): z.output<Schema> {
    const stats = statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return this.#empty;
    if (this.#cached?.version === versionOf(stats)) return this.#cached.content;
    const fd = openSync(this.#file, 'r');
    try {
      // Of the file that is read, which may be a newer one than that of the stat above.
      const version = versionOf(fstatSync(fd, { bigint: true }));
      const content = this.#parsed(readFileSync(fd, 'utf8'));
      this.#cached = { version, content };
      return content;
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Applies a change to the newest content and returns what is then on the disk. A change that throws changes nothing.
   * Changes that come while others are written share the next write.
   */
  update(change: (content: z.output<Schema>) => z.output<Schema>): Promise<z.output<Schema>> {
    const { promise, resolve, reject } = Promise.withResolvers<z.output<Schema>>();
    this.#waiting.push({ change, resolve, reject });
    if (!this.#writing) void this.#write();
    return promise;
  }

  /** Makes the file with this content where there is none; one that is there stays as it is. */
  async begin(content: z.output<Schema>): Promise<void> {
    const checked = this.#checked(content);
    await this.#locked(async () => {
      if (!existsSync(this.#file)) await this.#replace(checked);
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const changes = this.#waiting.splice(0);
      try {
        await this.#locked(() => this.#apply(changes));
      } catch (error) {
        for (const { reject } of changes) reject(error);
      }
    }
    this.#writing = false;
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true });
    await withFileLock(`${this.#file}.lock`, LOCK_TIMEOUT_MS, work);
  }

  async #replace(content: z.output<Schema>): Promise<void> {
    await replaceFile(this.#file, `${JSON.stringify(content, null, 2)}\n`);
  }

  async #apply(changes: readonly Change<z.output<Schema>>[]): Promise<void> {
    const before = this.read();
    let content = before;
    const made: Change<z.output<Schema>>[] = [];
    for (const one of changes) {
      try {
        // What could not be read again is not written.
        content = this.#checked(one.change(content));
        made.push(one);
      } catch (error) {
        one.reject(error);
      }
    }
    if (made.length > 0) await this.#replace(content);
    for (const { resolve } of made) resolve(content);
  }

  #parsed(text: string): z.output<Schema> {
    const mend = `the file is unchanged: fix it, restore an older copy, or move it away (mv ${this.#file} ${this.#file}.damaged) to begin with an empty one`;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new StateFileError(
        `${this.#file}: expected JSON, got ${text.length} characters that are not JSON (${error instanceof Error ? error.message : String(error)}); ${mend}`,
        { cause: error },
      );
    }
    const parsed = this.#schema.safeParse(value);
    if (!parsed.success)
      throw new StateFileError(`${this.#file}: ${configProblems(parsed.error, value).join('; ')}; ${mend}`);
    return parsed.data;
  }

  #checked(content: z.output<Schema>): z.output<Schema> {
    const parsed = this.#schema.safeParse(content);
    if (!parsed.success)
      throw new StateFileError(
        `${path.basename(this.#file)}: ${configProblems(parsed.error, content).join('; ')}; nothing was changed`,
      );
    return parsed.data;
  }
}

/** Every write makes another file: its number, size and time together are its version. */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/**
 * Puts a whole new file in the place of the old one; only the holder of its lock may. What a dead process left
 * half-written is written over.
 */
async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  await syncFolder(path.dirname(file));
}
