import type { ProtocolEvent } from '../../protocols/events.ts';

/** Counts what shows that the capture lost frames: somebody acknowledged what it does not hold. */
export class Gaps {
  frames = 0;
  /** The first frame that shows it; 0 without one. */
  firstFrame = 0;

  /** Takes the next event of any client. */
  event(event: ProtocolEvent): void {
    if (event.type === 'tcp.lost' || (event.type === 'tftp.anomaly' && event.anomaly.kind === 'ack-without-data')) {
      if (this.frames === 0) this.firstFrame = event.frame;
      this.frames += 1;
    }
  }
}
