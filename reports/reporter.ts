import type { Result, ScenarioResult, Step } from './result.ts';

/** Facts for a reporter before the first client boots: where the run is kept, what will run, and on which host. */
interface RunBegin {
  /** Folder of this run, absolute; everything that a report links to is below it. */
  readonly folder: string;
  readonly plans: readonly { readonly id: string; readonly name: string; readonly clients: readonly string[] }[];
  readonly host: Result['host'];
}

/** Work that must be done before a lab can start: a package fetched, an image built. `why` says what needs it. */
export interface SetupEvent {
  readonly title: string;
  readonly why: string;
  readonly state: 'start' | 'progress' | 'done' | 'failed';
  readonly detail?: string;
}

/** One attempt of one scenario begins. */
interface ScenarioBegin {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly repetition?: number | undefined;
}

/** One of our own steps (bridge up, capture listening, teardown): never a verdict on the client. */
interface LabStepEvent {
  readonly scenario: string;
  readonly title: string;
  readonly state: 'start' | 'done' | 'failed';
  readonly durationMs?: number | undefined;
}

/** A protocol step that the judge has just settled. */
export interface StepEvent {
  readonly scenario: string;
  readonly client: string;
  readonly step: Step;
}

/** A report of the agent inside the guest: evidence of the second kind. */
interface GuestEvent {
  readonly scenario: string;
  readonly client: string;
  readonly event: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A file that a reporter has written, complete. */
export interface WrittenFile {
  /** In one word: `report`, `result`, `junit`. */
  readonly what: string;
  readonly path: string;
}

/** What a client is doing right now, in a few words: `tftp.transfer 4.2 of 12 MB`. */
interface ProgressEvent {
  readonly scenario: string;
  readonly client: string;
  readonly text: string;
}

/** Boots that wait for room on the host. */
interface WaitingEvent {
  readonly count: number;
  /** The scenario that has waited longest. */
  readonly scenario: string;
  /** What it waits for, in one word: this stays while the figures in `why` change. */
  readonly what: string;
  readonly why: string;
}

/**
 * A reporter shows people or programs how a run goes. Every hook is optional. `scenario` of an event names a repetition
 * (`attempts.ts`): several may run at once. Hooks are called in the order of events and are not waited for, except
 * `onRunEnd`: files are complete when its promise settles. A reporter only reads.
 */
export interface Reporter {
  readonly version: 1;
  onRunBegin?(begin: RunBegin): void;
  onSetup?(event: SetupEvent): void;
  onScenarioBegin?(event: ScenarioBegin): void;
  onLabStep?(event: LabStepEvent): void;
  onStep?(event: StepEvent): void;
  onGuest?(event: GuestEvent): void;
  onProgress?(event: ProgressEvent): void;
  /** undefined once nobody waits. */
  onWaiting?(waiting: WaitingEvent | undefined): void;
  onScenarioEnd?(scenario: ScenarioResult): void;
  /**
   * `folder` is the run's folder, where `result.json` lies. Returns the file that was written, if one was; `written` are
   * those of the reporters before this one.
   */
  onRunEnd?(
    result: Result,
    folder: string,
    written?: readonly WrittenFile[],
  ): WrittenFile | undefined | Promise<WrittenFile | undefined>;
}
