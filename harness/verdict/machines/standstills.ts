/** A time in which a lab's host ran nothing: it was suspended, or moved to other hardware. Capture time, epoch microseconds. */
export interface Standstill {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Standstills of the host so far. Nobody could answer in that time, and the clock went on: without this every wait of more than its
 * length would end the moment that the host goes on, before anybody has had a turn.
 */
export class Standstills {
  #spans: readonly Standstill[] = [];

  add(span: Standstill): void {
    this.#spans = [...this.#spans, span].sort((one, other) => one.fromUs - other.fromUs);
  }

  /** When a wait is over that began at `sinceUs`, and for which `waitUs` of running time are allowed. */
  dueAfter(sinceUs: number, waitUs: number): number {
    let dueUs = sinceUs + waitUs;
    for (const { fromUs, toUs } of this.#spans)
      if (toUs > sinceUs && fromUs < dueUs) dueUs += Math.max(0, toUs - Math.max(fromUs, sinceUs));
    return dueUs;
  }
}
