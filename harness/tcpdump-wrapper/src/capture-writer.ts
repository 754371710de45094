import { open, type FileHandle } from 'node:fs/promises';
import type { CapturedFrame } from './captured-frame.ts';
import {
  MAX_SNAP_LENGTH,
  PCAP_RECORD_HEADER_BYTES,
  pcapFileHeader,
  putPcapRecordHeader,
} from './formats/encode-pcap.ts';

/**
 * Bytes gathered before a write: large enough that the system call does not show, small enough to lose little in a
 * crash.
 */
const BUFFER_BYTES = 1024 * 1024;

/** How a capture file is written. */
export interface CaptureWriterOptions {
  readonly linkType: number;
  readonly format: 'pcap';
  /** Bytes that any frame keeps at most, also written to the file header; default 262 144, which cuts nothing. */
  readonly snapLength?: number;
}

/** A capture file that grows. */
export interface CaptureWriter {
  /** Frames written so far. */
  readonly frames: number;
  /**
   * Appends a frame, copied at once. `keepBytes` trims what is stored; the original length stays. True while there is
   * room: after false, await `drained()` before the next frame, or memory grows.
   */
  write(frame: CapturedFrame, keepBytes?: number): boolean;
  /** Resolves when everything handed over so far is with the operating system. Rejects with the first write error. */
  drained(): Promise<void>;
  /** Writes the rest and closes the file. Rejects with the first write error. */
  close(): Promise<void>;
}

/** Creates a pcap file with microseconds, little-endian; an existing file is replaced. */
export async function createCaptureWriter(path: string, options: CaptureWriterOptions): Promise<CaptureWriter> {
  const file = await open(path, 'w');
  return new PcapWriter(file, options);
}

class PcapWriter implements CaptureWriter {
  readonly #file: FileHandle;
  readonly #snapLength: number;
  #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #view = viewOf(this.#buffer);
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();
  #pendingWrites = 0;
  #failure: Error | undefined;
  #closing: Promise<void> | undefined;
  frames = 0;

  constructor(file: FileHandle, options: CaptureWriterOptions) {
    this.#file = file;
    this.#snapLength = options.snapLength ?? MAX_SNAP_LENGTH;
    const header = pcapFileHeader(options.linkType, this.#snapLength);
    this.#buffer.set(header, 0);
    this.#filled = header.length;
  }

  write(frame: CapturedFrame, keepBytes: number = this.#snapLength): boolean {
    if (this.#closing !== undefined)
      throw new Error(`frame ${frame.number} came after the capture file was closed: write before close()`);
    const kept = Math.max(0, Math.min(keepBytes, this.#snapLength, frame.bytes.length));
    const recordBytes = PCAP_RECORD_HEADER_BYTES + kept;
    if (this.#filled + recordBytes > this.#buffer.length) this.#flush(recordBytes);
    putPcapRecordHeader(this.#view, this.#filled, frame, kept);
    this.#buffer.set(
      kept === frame.bytes.length ? frame.bytes : frame.bytes.subarray(0, kept),
      this.#filled + PCAP_RECORD_HEADER_BYTES,
    );
    this.#filled += recordBytes;
    this.frames += 1;
    return this.#pendingWrites < 2;
  }

  async drained(): Promise<void> {
    if (this.#closing === undefined && this.#filled > 0) this.#flush(0);
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    this.#flush(0);
    await this.#writing;
    await this.#file.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Hands the buffer over and takes a fresh one that has room for a record of `nextBytes`. */
  #flush(nextBytes: number): void {
    const full = this.#buffer.subarray(0, this.#filled);
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, nextBytes));
    this.#view = viewOf(this.#buffer);
    this.#filled = 0;
    this.#pendingWrites += 1;
    this.#writing = this.#writing.then(() => this.#writeOut(full));
  }

  async #writeOut(bytes: Buffer): Promise<void> {
    try {
      for (let at = 0; at < bytes.length && this.#failure === undefined; ) {
        const { bytesWritten } = await this.#file.write(bytes, at);
        at += bytesWritten;
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#pendingWrites -= 1;
    }
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
