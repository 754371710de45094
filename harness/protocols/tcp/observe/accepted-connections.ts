/** Connections remembered of one client. */
const MAX_ACCEPTED = 4096;

/** Connections that their servers accepted: the frame of the SYN, and that of the SYN, ACK. */
export class AcceptedConnections {
  readonly #answers = new Map<number, number>();

  note(synFrame: number, answerFrame: number): void {
    if (this.#answers.size < MAX_ACCEPTED) this.#answers.set(synFrame, answerFrame);
  }

  /** The frame in which the server accepted what this SYN asks for; undefined where it did not. */
  answerTo(synFrame: number): number | undefined {
    return this.#answers.get(synFrame);
  }
}
