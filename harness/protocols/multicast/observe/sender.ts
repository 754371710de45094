import type { EndKey } from '../../base/observe/flow-ends.ts';
import { Sending } from './sending.ts';
import type { Session } from './session.ts';

/** A sender whose receivers do not answer asks again every second at least (senddata.c); one that says nothing for so long is gone. */
const SENDER_SILENCE_US = 10_000_000;

/** One image on its way, from the first receiver that is let in. */
export class Transfer {
  readonly sending = new Sending();
  /** Whom the sender let in, and who has not gone: what it sends to a group is theirs. */
  readonly sessions = new Set<Session>();
  /** All whom it let in, whether or not they are clients. */
  readonly receivers = new Set<EndKey>();
  /** The next packet of the image is the first one for some of them. */
  hasNewcomers = true;
}

/** One sender: the image that it sends, and whom it lets in meanwhile. */
export class Sender {
  readonly port: number;
  current = new Transfer();
  /** Those whom it let in after this image had begun. */
  #next: Transfer | undefined;

  constructor(port: number) {
    this.port = port;
  }

  /** What a receiver is let in to now: the image that is about to begin, or whatever comes after the blocks so far. */
  get lettingIn(): Transfer {
    return this.current.sending.begun ? (this.#next ??= new Transfer()) : this.current;
  }

  /** Whether it sends an image, and lets nobody in. */
  isBusy(atUs: number): boolean {
    const { sending, sessions } = this.current;
    const isSending = sending.begun && atUs - sending.lastAtUs < SENDER_SILENCE_US;
    return isSending && this.#next === undefined && (sessions.size > 0 || sending.endSlice < 0);
  }

  /**
   * A block is about to go out. It shows what those have joined who were let in last: this image, where the sender streams or
   * its answer came twice; or another one that begins, in which case those are returned who took part in this one.
   */
  sends(slice: number, block: number): Iterable<Session> {
    const { current } = this;
    const next = this.#next;
    this.#next = undefined;
    if (!next) return [];
    if (!current.sending.goesOnWith(slice, block)) {
      this.current = next;
      return current.sessions;
    }
    current.hasNewcomers = true;
    for (const session of next.sessions) {
      session.sending = current.sending;
      current.sessions.add(session);
    }
    for (const receiver of next.receivers) current.receivers.add(receiver);
    return [];
  }

  /** A receiver has ended, or is another one now. */
  forget(session: Session): void {
    this.current.sessions.delete(session);
    this.#next?.sessions.delete(session);
  }

  /** A receiver says that it goes. Returns whether it was one of those who take part in this image. */
  left(receiver: EndKey): boolean {
    this.#next?.receivers.delete(receiver);
    return this.current.receivers.delete(receiver);
  }
}
