import type { PercentileSketch } from '../../base/observe/percentile-sketch.ts';

/** Blocks whose sending time is remembered; more than any boot loader's window (EDK2 4, WDS 64). */
const REMEMBERED_BLOCKS = 256;

/** When the last blocks of a transfer were sent, in fixed memory: a ring by block number. */
export class BlockClock {
  readonly #atUs = new Float64Array(REMEMBERED_BLOCKS);
  readonly #block = new Int32Array(REMEMBERED_BLOCKS).fill(-1);

  /** A block went over the wire, for the first time or again. */
  sent(block: number, atUs: number): void {
    const slot = block % REMEMBERED_BLOCKS;
    this.#atUs[slot] = atUs;
    this.#block[slot] = block;
  }

  /** Records the time from a block's last sending to its first ACK. */
  acknowledged(block: number, atUs: number, into: PercentileSketch): void {
    const slot = block % REMEMBERED_BLOCKS;
    if (this.#block[slot] !== block) return;
    into.record(atUs - (this.#atUs[slot] ?? atUs));
    this.#block[slot] = -1;
  }
}
