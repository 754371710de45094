/** Time that a capture's clock may go back between two frames of several interfaces or processors, or ahead of them. */
const TOLERANCE_US = 2_000_000;
/** A silence that one frame proves: longer than any boot ROM tries again for. */
const PLAIN_SILENCE_US = 600_000_000;
/** No boot has a silence this long: captures were joined, or the clock was set. */
const NO_SILENCE_US = 86_400_000_000;
/** Frames that agree with each other against those before them: then it was the clock that was set, or a real silence. */
const AGREEING = 4;
/** Clocks that are remembered, as those of two interfaces. */
const MAX_CLOCKS = 4;

/** What the clock of a capture did wrong. */
export interface ClockFaults {
  /** Frames whose time no frame around them confirms. */
  outliers: number;
  /** Times at which the clock was set back, or two clocks alternate. */
  steps: number;
  /** The first frame that it concerns; 0 without one. */
  firstFrame: number;
}

interface Held<T> {
  readonly item: T;
  readonly number: number;
  readonly atUs: number;
}

/**
 * Gives frames a time that a judge may trust: it never goes back, and no single frame moves it far. A frame that is far
 * from those before it is held until later frames confirm its time, or show it to be wrong; order stays. `keep` makes
 * an item last, `pass` takes it with its time.
 */
export class CaptureClock<T> {
  readonly faults: ClockFaults = { outliers: 0, steps: 0, firstFrame: 0 };
  readonly #keep: (item: T) => T;
  readonly #pass: (item: T, atUs: number) => void;
  /** Added to the capture's times since its clock was set back. */
  #offsetUs = 0;
  #offsets: number[] = [0];
  /** The time of the latest frame. */
  nowUs = -Infinity;
  /** The first frame, until a second one shows what its time is worth. */
  #first: Held<T> | undefined;
  #held: Held<T>[] = [];

  constructor(keep: (item: T) => T, pass: (item: T, atUs: number) => void) {
    this.#keep = keep;
    this.#pass = pass;
  }

  /**
   * Takes the time of the next frame, as nearly every frame is: it follows those before it, none is held, and the frame
   * is from `nowUs`. False when the frame itself is needed: see `doubt`.
   */
  confirms(rawUs: number): boolean {
    const atUs = rawUs + this.#offsetUs;
    if (this.#held.length > 0 || this.#first !== undefined || atUs < this.nowUs || !this.#isNear(atUs)) return false;
    this.nowUs = atUs;
    return true;
  }

  /** Time has passed without a frame, or the capture is over: lets go what is held. */
  settle(): void {
    const [held] = this.#held;
    if (!held) this.#releaseFirst();
    else if (this.#held.length === 1 && !this.#isPlainSilence(held.atUs)) this.#overrule();
    else this.#believe();
  }

  /** Takes the next frame, whose time is not confirmed; `rawUs` is its time in the capture. */
  doubt(item: T, number: number, rawUs: number): void {
    const atUs = rawUs + this.#offsetUs;
    if (this.nowUs === -Infinity) {
      this.nowUs = atUs;
      this.#first = { item: this.#keep(item), number, atUs };
      return;
    }
    const last = this.#held.at(-1);
    if (last) {
      const [{ atUs: heldUs } = last] = this.#held;
      const isSilence = this.#isPlainSilence(heldUs);
      const isBeforeAll = atUs < this.nowUs - TOLERANCE_US;
      if (isSilence && isBeforeAll) this.#believe();
      // A later frame that is before the held ones, and not before all others, shows them to be wrong.
      else if (atUs < last.atUs - TOLERANCE_US || (heldUs < this.nowUs && !isBeforeAll)) this.#overrule();
      else if (isSilence || this.#held.length + 1 >= AGREEING) this.#believe();
      else {
        this.#hold(item, number, atUs);
        return;
      }
      this.#again(item, number, rawUs);
      return;
    }
    if (this.#first && this.#isPlainSilence(atUs)) {
      this.#releaseFirst();
      this.#again(item, number, rawUs);
      return;
    }
    if (this.#isNear(atUs)) {
      this.#go(item, atUs);
      return;
    }
    const known = this.#offsets.find((offset) => this.#isNear(rawUs + offset));
    if (known === undefined) this.#hold(item, number, atUs);
    else {
      this.#set(known, number);
      this.#releaseFirst();
      this.#go(item, rawUs + known);
    }
  }

  #again(item: T, number: number, rawUs: number): void {
    if (this.confirms(rawUs)) this.#pass(item, this.nowUs);
    else this.doubt(item, number, rawUs);
  }

  #hold(item: T, number: number, atUs: number): void {
    this.#held.push({ item: this.#keep(item), number, atUs });
  }

  /** The held frames have the wrong time: they came when they were captured, after those before them. */
  #overrule(): void {
    this.#releaseFirst();
    this.#fault(this.#held[0]?.number ?? 0);
    this.faults.outliers += this.#held.length;
    for (const { item } of this.#held.splice(0)) this.#pass(item, this.nowUs);
  }

  /** The held frames have the right time, or at least agree about it. */
  #believe(): void {
    const [first] = this.#held;
    if (!first) return;
    const laterUs = first.atUs - this.nowUs;
    let shiftUs = 0;
    if (this.#first && !this.#isPlainSilence(first.atUs)) {
      // One frame against several.
      this.#fault(this.#first.number);
      this.faults.outliers += 1;
      this.nowUs = first.atUs;
    } else if (laterUs < -TOLERANCE_US || laterUs > NO_SILENCE_US) {
      shiftUs = -laterUs;
      this.#set(this.#offsetUs + shiftUs, first.number);
    }
    this.#releaseFirst();
    for (const { item, atUs } of this.#held.splice(0)) this.#go(item, atUs + shiftUs);
  }

  #releaseFirst(): void {
    const first = this.#first;
    this.#first = undefined;
    if (first) this.#pass(first.item, this.nowUs);
  }

  #go(item: T, atUs: number): void {
    this.nowUs = Math.max(this.nowUs, atUs);
    this.#pass(item, this.nowUs);
  }

  #set(offsetUs: number, number: number): void {
    this.#fault(number);
    this.faults.steps += 1;
    this.#offsetUs = offsetUs;
    this.#offsets = [offsetUs, ...this.#offsets.filter((other) => other !== offsetUs)].slice(0, MAX_CLOCKS);
  }

  #fault(number: number): void {
    if (this.faults.firstFrame === 0) this.faults.firstFrame = number;
  }

  #isNear(atUs: number): boolean {
    return Math.abs(atUs - this.nowUs) <= TOLERANCE_US;
  }

  /** A silence so short that the next frame alone confirms it. */
  #isPlainSilence(atUs: number): boolean {
    return atUs >= this.nowUs - TOLERANCE_US && atUs <= this.nowUs + PLAIN_SILENCE_US;
  }
}
