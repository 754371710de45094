import type { Frame } from '../../packet/frame.ts';

/** Frames in the order of a capture. */
export interface Capture {
  readonly frames: readonly Frame[];
}

/** What a walk through all states of a state machine needs. */
export interface MachineSample {
  /** What the protocol's state machine can meet, good and odd: enough to reach each of its states. */
  readonly captures: readonly Capture[];
  /** The part of the context that guards read: with the state's name it identifies a situation. */
  readonly facts?: (context: never) => unknown;
  /** What the machine's conversation is known by, where the machine is told that. */
  readonly key?: string;
}

/** The samples of a room (`testing/machine-samples.ts` in it), by the names of its state machines. */
export type MachineSamples = Readonly<Record<string, MachineSample>>;
