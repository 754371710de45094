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
  /** Identifier of the likeliest cause; `verdict/causes.ts` has a sentence for each. */
  readonly cause?: string;
}

/** A rule that the wire broke: what the rule wants, what came, and the cause that a person would look for. */
export interface Breach {
  readonly expected: string;
  readonly actual: string;
  readonly cause: string;
}

/** Where on the wire something was seen; every event is one. */
export interface Sighting {
  readonly frame: number;
  readonly atUs: number;
}

export interface StepParts {
  readonly machine: string;
  readonly step: string;
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The request, when the step is an exchange. */
  readonly from?: Sighting | undefined;
  readonly at: Sighting;
  /** Frames of the step when they are more or others than `from` and `at`. */
  readonly frames?: readonly number[];
  readonly breach?: Breach | undefined;
}

/** A step that passed, or failed where `breach` says which rule was broken. */
export function judgedStep(parts: StepParts): StepDraft {
  return { ...draft(parts, parts.breach ? 'failed' : 'passed'), ...parts.breach };
}

/** A step that is harmless but that nothing waited for: a resend, a probe, a stray. */
export function recordedStep(parts: StepParts & { readonly why: string; readonly cause?: string }): StepDraft {
  return { ...draft(parts, 'recorded'), why: parts.why, ...(parts.cause === undefined ? {} : { cause: parts.cause }) };
}

/** A step that did not come before its deadline. */
export function missedStep(
  parts: Omit<StepParts, 'at' | 'breach'> & {
    readonly since: Sighting;
    readonly atUs: number;
    readonly waitedFor: string;
    readonly actual: string;
    readonly cause: string;
  },
): StepDraft {
  const waitedMs = Math.round((parts.atUs - parts.since.atUs) / 1000);
  return {
    ...draft({ ...parts, from: parts.since, at: { frame: parts.since.frame, atUs: parts.atUs } }, 'failed'),
    expected: `${parts.waitedFor} within ${waitedMs} ms`,
    actual: parts.actual,
    cause: parts.cause,
  };
}

function draft(parts: StepParts, verdict: StepDraft['verdict']): StepDraft {
  const from = parts.from ?? parts.at;
  const frames = parts.frames ?? [from.frame, parts.at.frame];
  const detail: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(parts.detail)) if (value !== undefined) detail[key] = value;
  return {
    machine: parts.machine,
    step: parts.step,
    verdict,
    startUs: Math.min(from.atUs, parts.at.atUs),
    endUs: Math.max(from.atUs, parts.at.atUs),
    // Frame 0 stands for "no frame": a wait that began with power-on.
    frames: [...new Set(frames)].filter((frame) => frame > 0),
    detail,
  };
}
