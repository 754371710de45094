import type { EvidenceFrame } from '../evidence.ts';
import type { Result } from '../result.ts';

/** The last part of a log, without escape sequences. */
export interface PageLog {
  readonly title: string;
  readonly text: string;
  /** Bytes before `text` that the page leaves out. */
  readonly omittedBytes: number;
  /** Where the whole file is, relative to report.html. */
  readonly href?: string;
}

/** A screenshot as a data URI; absent when it was missing, too large or no PNG: then `note` says which. */
export interface PageScreenshot {
  readonly client: string;
  readonly title: string;
  readonly atMs: number;
  readonly dataUri?: string;
  readonly note?: string;
  readonly href?: string;
}

/** What the page carries beside one scenario's Result. Same index as `result.scenarios`. */
export interface PageEvidence {
  readonly frames: readonly EvidenceFrame[];
  readonly screenshots: readonly PageScreenshot[];
  /** By client name: serial console, agent. */
  readonly clientLogs: Readonly<Record<string, readonly PageLog[]>>;
  readonly serviceLogs: readonly PageLog[];
  /** Names of the steps that the scenario asks for: they are never folded away. */
  readonly namedSteps: readonly string[];
  /** What was missing, damaged or left out, in words. */
  readonly notes: readonly string[];
  readonly captureHref?: string | undefined;
  readonly planHref?: string | undefined;
}

/** Everything that the viewer shows: embedded in report.html as JSON. */
export interface PageData {
  readonly result: Result;
  readonly evidence: readonly PageEvidence[];
}
