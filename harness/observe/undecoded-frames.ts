/** Frames that may carry IP by a means that nobody takes apart here, such as IEEE 802.11 or PPPoE. */
export interface UndecodedFrames {
  /** The means, e.g. `link type 105 (IEEE 802.11)`. */
  readonly what: string;
  readonly frames: number;
  readonly firstFrame: number;
}

/** Kinds that are told apart: a hostile capture could name a new one in each frame. */
const MAX_KINDS = 32;

/** Counts undecoded frames by their means. */
export class UndecodedCount {
  readonly #byWhat = new Map<string, { what: string; frames: number; firstFrame: number }>();

  add(what: string, frame: number): void {
    const known = this.#byWhat.get(what);
    if (known) known.frames += 1;
    else if (this.#byWhat.size < MAX_KINDS) this.#byWhat.set(what, { what, frames: 1, firstFrame: frame });
  }

  /** In order of appearance. */
  get all(): readonly UndecodedFrames[] {
    return [...this.#byWhat.values()];
  }
}
