import { createHash, randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { ScenarioResult } from './result.ts';

// Names of the files that a run leaves: writers and readers take them from here.

/** Where runs go unless `--out` says otherwise, below the working directory. */
export const RUNS_FOLDER = 'reports/runs';

/** Link beside the run folders: to the newest run that is over. */
export const LATEST_LINK = 'latest';

/** Files of a run's folder beside the folders of its scenarios. */
export const RUN_FILES = { result: 'result.json', junit: 'junit.xml', html: 'report.html' } as const;

/** Files and folders of a scenario's folder: its evidence. */
export const EVIDENCE = {
  capture: 'capture.pcap',
  /** Frames that steps name, decoded (`evidence.ts`). */
  frames: 'frames.json',
  /** What the judge knew besides the frames, so that a replay comes to the same Result. */
  judgedWith: 'judged-with.json',
  plan: 'plan.json',
  /** Standard error of the lab's first process; only when it ended without a result. */
  labErrors: 'lab.stderr.log',
  /** Event lines and standard error of each service. */
  services: 'services',
  screenshots: 'screenshots',
  /** The deployment server's state at the end. */
  state: 'state',
} as const;

/** The log of jobs of a store of backups, beside the lines of the service. */
export const BACKUP_JOBS = 'backup-jobs.jsonl';

/** A VM's first serial port, its console. `turn` distinguishes the power-ons of one client. */
export const serialLog = (client: string, turn = ''): string => `serial-${client}${turn}.log`;

/** Event lines of the agent in a VM, or of a played client. */
export const agentLog = (client: string, turn = ''): string => `agent-${client}${turn}.jsonl`;

/** A name that `newRunFolder` gives. */
export const RUN_FOLDER_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-[0-9a-f]{4}$/;

/**
 * Folder of a new run: `reports/runs/2026-11-24T12-00-00-a1b2`. It begins with the time, so that the last name is that
 * of the newest run.
 */
export function newRunFolder(out: string, now: Date = new Date()): string {
  return join(out, `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${randomBytes(2).toString('hex')}`);
}

/** When a run began, by the name of its folder: milliseconds since the epoch. */
export function runStartMs(folder: string): number {
  const [day, hours, minutes, seconds] =
    /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-/.exec(basename(folder))?.slice(1) ?? [];
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
}

/**
 * Folder of one scenario attempt below the run's folder: `wds-install-bios-nic-e1000`, later ones
 * `….repetition-2.attempt-3`. The words of an id hold no dot, so that no scenario is called like another one's attempt.
 */
export function evidenceName({
  id,
  attempt,
  repetition = 1,
}: Pick<ScenarioResult, 'id' | 'attempt' | 'repetition'>): string {
  const plain =
    id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'scenario';
  // Other scripts leave too little of an id to tell it from others.
  const words = /[^ -~]/.test(id) ? `${plain}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}` : plain;
  return `${words}${repetition > 1 ? `.repetition-${repetition}` : ''}${attempt > 1 ? `.attempt-${attempt}` : ''}`;
}
