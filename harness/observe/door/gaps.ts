import type { ProtocolEvent } from '../../protocols/events.ts';

/** Counts what shows that the capture lost frames: somebody acknowledged what it does not hold. */
export class Gaps {
  frames = 0;
  /** The first frame that shows it; 0 without one. */
  firstFrame = 0;
  /** Whether anything came before: the first transfer of a capture may have begun before it. */
  #begun = false;

  /** Takes the next event of any client. */
  event(event: ProtocolEvent): void {
    if (this.#shows(event)) {
      if (this.frames === 0) this.firstFrame = event.frame;
      this.frames += 1;
    }
    this.#begun = true;
  }

  #shows(event: ProtocolEvent): boolean {
    if (event.type === 'tcp.lost') return true;
    if (event.type !== 'tftp.anomaly') return false;
    const { kind } = event.anomaly;
    return kind === 'ack-without-data' || (kind === 'packet-without-request' && this.#begun);
  }
}
