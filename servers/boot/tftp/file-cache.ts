import type { FileHandle } from 'node:fs/promises';
import type { ConfinedFile } from '../../service/confined-file.ts';

// Large enough that reading ahead is rare work, small enough that 64 clients at 64 places of an image fit the cache.
const CHUNK = 256 * 1024;
// A file without chunks in memory costs only its entry; PXELINUX and GRUB ask for some hundreds of files.
const MAX_FILES = 4096;

interface Version {
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/** Contents of files, read in chunks, shared by everyone who reads the same file, bounded in memory. */
export class FileCache {
  readonly #files = new Map<string, CachedFile>();
  /** Chunks in memory, least recently needed first. */
  readonly #chunks = new Set<Chunk>();
  readonly #maxChunks: number;

  constructor(maxBytes: number) {
    this.#maxChunks = Math.max(4, Math.floor(maxBytes / CHUNK));
  }

  /**
   * Takes over an opened file for one reader, who must `close` it. A file that changed since it was cached is read
   * anew.
   */
  async open({ path, handle }: ConfinedFile): Promise<CachedFile> {
    try {
      const { size, mtimeNs, ino } = await handle.stat({ bigint: true });
      const version = { size: Number(size), mtimeNs, ino };
      let file = this.#files.get(path);
      if (!file?.is(version)) {
        if (file) this.#forget(file);
        file = new CachedFile(path, version, (chunk) => this.#needed(chunk));
        this.#files.set(path, file);
      }
      this.#files.delete(path);
      this.#files.set(path, file); // most recently opened last
      for (const oldest of this.#files.values()) {
        if (this.#files.size <= MAX_FILES) break;
        if (oldest.readers === 0) this.#forget(oldest);
        else this.#files.delete(oldest.path);
      }
      await file.addReader(handle);
      return file;
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
  }

  #forget(file: CachedFile): void {
    this.#files.delete(file.path);
    for (const chunk of file.chunks.values()) this.#chunks.delete(chunk);
  }

  #needed(chunk: Chunk): void {
    this.#chunks.delete(chunk);
    this.#chunks.add(chunk);
    for (const oldest of this.#chunks) {
      if (this.#chunks.size <= this.#maxChunks) break;
      this.#chunks.delete(oldest);
      oldest.file.chunks.delete(oldest.index);
    }
  }
}

interface Chunk {
  readonly file: CachedFile;
  readonly index: number;
  readonly bytes: Buffer;
}

/** A file that is being read. `copy` is synchronous and works for what `load` brought into memory. */
export class CachedFile {
  readonly path: string;
  readonly size: number;
  readonly chunks = new Map<number, Chunk>();
  readers = 0;
  readonly #version: Version;
  readonly #loading = new Map<number, Promise<void>>();
  readonly #needed: (chunk: Chunk) => void;
  #handle: FileHandle | undefined;

  constructor(path: string, version: Version, needed: (chunk: Chunk) => void) {
    this.path = path;
    this.size = version.size;
    this.#version = version;
    this.#needed = needed;
  }

  is(version: Version): boolean {
    return (
      this.#version.size === version.size &&
      this.#version.mtimeNs === version.mtimeNs &&
      this.#version.ino === version.ino
    );
  }

  /** Counts a reader in; one handle serves them all. */
  async addReader(handle: FileHandle): Promise<void> {
    this.readers++;
    if (this.#handle) await handle.close();
    else this.#handle = handle;
  }

  /** Counts a reader out; the last one closes the handle once no read is under way. The contents stay cached. */
  async close(): Promise<void> {
    if (--this.readers > 0) return;
    await Promise.allSettled(this.#loading.values());
    if (this.readers > 0) return; // someone came back meanwhile
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** Whether `copy` can give these bytes now. */
  has(offset: number, length: number): boolean {
    const last = Math.floor((offset + Math.max(length, 1) - 1) / CHUNK);
    for (let index = Math.floor(offset / CHUNK); index <= last; index++)
      if (!this.chunks.has(index) && index * CHUNK < this.size) return false;
    return true;
  }

  /** Copies bytes that `has` said are here. */
  copy(offset: number, length: number, target: Buffer, at: number): void {
    let from = offset;
    let to = at;
    const end = offset + length;
    while (from < end) {
      const index = Math.floor(from / CHUNK);
      const start = index * CHUNK;
      const until = Math.min(end, start + CHUNK);
      this.chunks.get(index)?.bytes.copy(target, to, from - start, until - start);
      to += until - from;
      from = until;
    }
  }

  /** Brings bytes into memory. */
  async load(offset: number, length: number): Promise<void> {
    const last = Math.floor((offset + Math.max(length, 1) - 1) / CHUNK);
    const loads: Promise<void>[] = [];
    for (let index = Math.floor(offset / CHUNK); index <= last; index++) loads.push(this.#chunk(index));
    await Promise.all(loads);
  }

  /** Starts reading the chunk after the one at `offset`; a failure shows when it is needed. */
  readAhead(offset: number): void {
    const index = Math.floor(offset / CHUNK) + 1;
    if (index * CHUNK < this.size && !this.chunks.has(index)) this.#chunk(index).catch(() => undefined);
  }

  #chunk(index: number): Promise<void> {
    const here = this.chunks.get(index);
    if (here) {
      this.#needed(here);
      return Promise.resolve();
    }
    if (index * CHUNK >= this.size) return Promise.resolve();
    let loading = this.#loading.get(index);
    if (!loading) {
      loading = this.#read(index).finally(() => this.#loading.delete(index));
      this.#loading.set(index, loading);
    }
    return loading;
  }

  async #read(index: number): Promise<void> {
    const start = index * CHUNK;
    const bytes = Buffer.allocUnsafeSlow(Math.min(CHUNK, this.size - start));
    for (let at = 0; at < bytes.length; ) {
      if (!this.#handle) throw new Error(`${this.path} is closed`);
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0)
        throw new Error(
          `${this.path} ends at ${start + at} of ${this.size} bytes: it was shortened while it was served`,
        );
      at += bytesRead;
    }
    const chunk = { file: this, index, bytes };
    this.chunks.set(index, chunk);
    this.#needed(chunk);
  }
}

/** Chunk size in bytes: how often a sequential reader has to look ahead. */
export const CHUNK_BYTES = CHUNK;
