import type { Frame } from '../../packet/frame.ts';
import { decodeFrame, type Packet } from '../../packet/packet.ts';
import { CaptureClock, type ClockFaults } from './capture-clock.ts';
import { CopyFinder } from './copy-finder.ts';
import { Witness } from './witness.ts';

/** What the door of a capture needs. */
export interface DoorOptions {
  /** Link type of frames that name none of their own. */
  readonly linkType: number;
  /** Takes what passes, in the order of the capture, with a time that never goes back. */
  readonly onFrame: (frame: Frame, packet: Packet) => void;
  /** Told of a frame that holds the packet of frame `of` again, and does not pass. */
  readonly onCopy?: ((frame: Frame, of: number) => void) | undefined;
}

/** Frames that a capture holds again. */
export interface Copies {
  readonly frames: number;
  /** The first of them, and the one that it repeats; 0 without one. */
  readonly firstFrame: number;
  readonly of: number;
}

/**
 * The door of a capture that nobody can vouch for: every frame of a replay goes through it. What the capture itself did
 * wrong ends here: packets that it holds twice, times that its clock got wrong. It is pure, and looks at no more than a
 * few frames at a time.
 */
export class Door {
  readonly #linkType: number;
  readonly #onFrame: DoorOptions['onFrame'];
  readonly #onCopy: DoorOptions['onCopy'];
  readonly #copyFinder: CopyFinder;
  readonly #clock: CaptureClock<Frame>;
  /** What the capture shows of what it does not hold. */
  readonly witness = new Witness();
  #copies: Copies = { frames: 0, firstFrame: 0, of: 0 };

  constructor({ linkType, onFrame, onCopy }: DoorOptions) {
    this.#linkType = linkType;
    this.#onFrame = onFrame;
    this.#onCopy = onCopy;
    this.#copyFinder = new CopyFinder((frame) => this.#decode(frame));
    this.#clock = new CaptureClock<Frame>(
      // The memory of a batch is used again while the frame waits.
      (frame) => ({ ...frame, bytes: frame.bytes.slice() }),
      (frame, atUs) => this.#pass(frame, this.#decode(frame), atUs),
    );
  }

  /** Takes the next frames of the capture; some may pass only with later ones. */
  frames(batch: readonly Frame[]): void {
    this.#copyFinder.begin(batch);
    let place = 0;
    for (const frame of batch) {
      const packet = this.#decode(frame);
      const of = this.#copyFinder.look(packet, frame, place++);
      if (of > 0) this.#setAside(frame, of);
      else if (this.#clock.confirms(frame.atUs)) this.#pass(frame, packet, this.#clock.nowUs);
      else this.#clock.doubt(frame, frame.number, frame.atUs);
    }
    this.#copyFinder.end();
  }

  /** Time has passed without a frame, or the capture is over: lets go what is held. */
  settle(): void {
    this.#clock.settle();
  }

  get copies(): Copies {
    return this.#copies;
  }

  get clockFaults(): Readonly<ClockFaults> {
    return this.#clock.faults;
  }

  #decode(frame: Frame): Packet {
    return decodeFrame(frame.bytes, frame.linkType ?? this.#linkType, frame.originalLength);
  }

  #pass(frame: Frame, packet: Packet, atUs: number): void {
    this.witness.packet(packet, frame.number);
    this.#onFrame(frame.atUs === atUs ? frame : { ...frame, atUs }, packet);
  }

  #setAside(frame: Frame, of: number): void {
    const { frames, firstFrame } = this.#copies;
    this.#copies =
      frames === 0
        ? { frames: 1, firstFrame: frame.number, of }
        : { frames: frames + 1, firstFrame, of: this.#copies.of };
    this.#onCopy?.(frame, of);
  }
}
