import { seen, UNSEEN, type Breach, type Sighting, type StepDraft } from './step.ts';
import type { Causes, DetailOf, Steps } from './vocabulary.ts';

/** A step by name, with the details that its declaration gives it. */
type Named<S extends Steps> = {
  [N in keyof S & string]: { readonly step: N; readonly detail: DetailOf<S[N]> };
}[keyof S & string];

export interface Where {
  /** The request, when the step is an exchange. */
  readonly from?: Sighting | undefined;
  readonly at: Sighting;
  /** Frames of the step when they are more or others than `from` and `at`. */
  readonly frames?: readonly number[];
}

/** Makes the steps of one machine, typed by the words that its room declares. */
export interface StepBuilders<S extends Steps, C extends string> {
  /** A step that passed, or failed where `breach` says which rule was broken. */
  readonly judged: (parts: Named<S> & Where & { readonly breach?: Breach<C> | undefined }) => StepDraft;
  /** A step that is harmless but that nothing waited for: a resend, a probe, a stray. */
  readonly recorded: (parts: Named<S> & Where & { readonly why: string; readonly cause?: C | undefined }) => StepDraft;
  /** A step that did not come before its deadline. */
  readonly missed: (
    parts: Named<S> & {
      readonly since: Sighting;
      readonly atUs: number;
      readonly waitedFor: string;
      readonly actual: string;
      readonly cause: C;
      readonly frames?: readonly number[];
    },
  ) => StepDraft;
  /** The recorded step of an event that no state of the machine expected. */
  readonly unexpected: (
    event: { readonly type: string; readonly atUs: number; readonly frame?: number },
    detail?: Readonly<Record<string, string | number | boolean | undefined>>,
  ) => StepDraft;
}

/** The step builders of `machine` for the steps and causes that its room, and those below it, declare. */
export function stepBuilders<const S extends Steps, const C extends Causes>(
  machine: string,
  _words: { readonly steps: S; readonly causes: C },
): StepBuilders<S, keyof C & string> {
  return {
    judged: (parts) => ({ ...draft(machine, parts, parts.breach ? 'failed' : 'passed'), ...parts.breach }),
    recorded: (parts) => recordedStep(machine, parts),
    missed(parts) {
      const { since, atUs } = parts;
      const waitedMs = Math.round((atUs - since.atUs) / 1000);
      return {
        ...draft(machine, { ...parts, from: since, at: { frame: since.frame, atUs } }, 'failed'),
        expected: `${parts.waitedFor} within ${waitedMs} ms`,
        actual: parts.actual,
        cause: parts.cause,
      };
    },
    unexpected(event, detail = {}) {
      const at: Sighting =
        event.frame === undefined ? { frame: 0, atUs: event.atUs } : seen({ ...event, frame: event.frame });
      // `malformed` is the one event type without a dot; step names have one.
      const step = event.type.includes('.') ? event.type : `${machine}.${event.type}`;
      return recordedStep(machine, { step, at, detail, why: `no state of the ${machine} machine expected it` });
    },
  };
}

/** A recorded step of any name: for what every protocol may have, such as bytes that do not decode. */
export function recordedStep(
  machine: string,
  parts: Parts & { readonly why: string; readonly cause?: string | undefined },
): StepDraft {
  const { why, cause } = parts;
  return { ...draft(machine, parts, 'recorded'), why, ...(cause === undefined ? {} : { cause }) };
}

interface Parts extends Where {
  readonly step: string;
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
}

function draft(machine: string, parts: Parts, verdict: StepDraft['verdict']): StepDraft {
  // A question that the capture does not have has no time.
  const from = parts.from === undefined || parts.from === UNSEEN ? parts.at : parts.from;
  const frames = parts.frames ?? [from.frame, parts.at.frame];
  const detail: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(parts.detail)) if (value !== undefined) detail[key] = value;
  return {
    machine,
    step: parts.step,
    verdict,
    startUs: Math.min(from.atUs, parts.at.atUs),
    endUs: Math.max(from.atUs, parts.at.atUs),
    // Frame 0 stands for "no frame": a wait that began with power-on.
    frames: [...new Set(frames)].filter((frame) => frame > 0),
    detail,
  };
}
