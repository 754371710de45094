import type { StreamReader } from '../observe/stream-reader.ts';

/** Collects everything that a stream delivers; losses are marked. Reads `need` bytes at a time when that is set. */
export class RecordingReader implements StreamReader {
  need = 1;
  /** Delivered bytes; a loss of n bytes is n times -1. */
  readonly bytes: number[] = [];
  readonly #takes: number | undefined;

  constructor(takes?: number) {
    this.#takes = takes;
    this.need = takes ?? 1;
  }

  read(bytes: Uint8Array): number {
    const taken = this.#takes ?? bytes.length;
    this.bytes.push(...bytes.subarray(0, taken));
    return taken;
  }

  skipped(): void {
    this.bytes.push(-2);
  }

  lost(bytes: number): void {
    for (let i = 0; i < bytes; i++) this.bytes.push(-1);
  }
}
