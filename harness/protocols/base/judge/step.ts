/** What a step was about: the scenario author's keys (harness/docs/steps.md). */
export type Detail = Readonly<Record<string, string | number | boolean>>;

/** A step as a machine emits it, in capture time; the verdict stage turns it into a Result's step. */
export interface StepDraft {
  readonly machine: string;
  /** Stable identifier, `protocol.step`. */
  readonly step: string;
  /** `recorded`: seen, harmless, expected by no state. */
  readonly verdict: 'passed' | 'failed' | 'recorded';
  /** Capture time of the request, microseconds since the epoch. */
  readonly startUs: number;
  /** Capture time of the response; equal to `startUs` for a step of one frame. */
  readonly endUs: number;
  readonly frames: readonly number[];
  readonly detail: Detail;
  readonly expected?: string;
  readonly actual?: string;
  readonly why?: string;
  /** Identifier of the likeliest cause; its room declares a sentence for it. */
  readonly cause?: string;
}

/**
 * A rule that the wire broke: what the rule wants, what came, and the cause that a person would look for. `C`: the
 * causes that the room knows.
 */
export interface Breach<C extends string> {
  readonly expected: string;
  readonly actual: string;
  readonly cause: C;
}

/** Where on the wire something was seen; every event is one. */
export interface Sighting {
  readonly frame: number;
  readonly atUs: number;
}

/** Nothing seen yet. */
export const UNSEEN: Sighting = { frame: 0, atUs: 0 };

/** Frame and time of an event, without holding on to the rest of it. */
export function seen(event: Sighting): Sighting {
  return { frame: event.frame, atUs: event.atUs };
}
