import type { Plan } from '../plan/plan.ts';
import { programFile } from '../../servers/service/program-file.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ScenarioResult, Step } from '../../reports/result.ts';

// What the two halves of a run say to each other. The host half (any namespace, reporters, files that outlive the run)
// starts the lab half as the first process of a lab and writes one LabJob line; the lab half answers in LabMessage
// lines and ends when its standard input closes.

/** The lab half's program. */
export const LAB_MAIN = programFile(import.meta.filename, 'lab/lab-main');
/** What the path of any checkout's or package's lab half ends with. */
export const LAB_PROGRAM = /\/harness\/run\/lab\/lab-main\.[jt]s$/;

/** File descriptor that the lab half writes messages to. */
export const LAB_MESSAGE_FD = 3;
/** File descriptor that a served command reads as its standard input. */
export const LAB_INPUT_FD = 4;

/** A user of the host that a served command runs as, passwd(5). */
export interface CommandUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

export interface LabJob {
  readonly plan: Plan;
  readonly attempt: number;
  readonly repetition?: number | undefined;
  /** Absolute folder for the evidence of this attempt: capture, logs, screenshots. It exists. */
  readonly evidenceFolder: string;
  /** Path of the evidence folder as the result names it, relative to result.json. */
  readonly evidencePath: string;
  readonly bundles: readonly { readonly name: string; readonly folder: string }[];
  readonly accel: 'kvm' | 'tcg';
  /** Every VM starts at its first instruction, and no state is saved or restored. */
  readonly cold: boolean;
  /** Keep every byte of the capture: otherwise bulk payload that is not decoded is cut after its headers. */
  readonly fullCapture: boolean;
  /** Profiles of the user's own, by which programs are judged before the bundled ones. */
  readonly profiles?: readonly Profile[] | undefined;
  /** `serve`: services only; the command, if any, runs inside the lab's network. */
  readonly mode:
    | { readonly kind: 'boot' }
    | {
        readonly kind: 'serve';
        readonly command: readonly string[];
        /** Who the command runs as; default: the user that the lab runs as. */
        readonly user?: CommandUser | undefined;
      };
  readonly rerun: readonly string[];
}

export type LabMessage =
  | {
      readonly type: 'lab-step';
      readonly title: string;
      readonly state: 'start' | 'done' | 'failed' | 'stopped';
      readonly durationMs?: number | undefined;
    }
  | { readonly type: 'step'; readonly client: string; readonly step: Step }
  | {
      readonly type: 'guest';
      readonly client: string;
      readonly event: string;
      readonly detail: Record<string, unknown>;
    }
  | { readonly type: 'progress'; readonly client: string; readonly text: string }
  | {
      readonly type: 'serving';
      readonly hosts: readonly { readonly name: string; readonly ip: string; readonly services: readonly string[] }[];
      readonly pid: number;
    }
  | { readonly type: 'result'; readonly result: ScenarioResult };

/** A line of the lab half; undefined when it is not a LabMessage. */
export function parseLabMessage(line: string): LabMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === 'object' && 'type' in value ? (value as LabMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** The job line. Written by our own host half: no schema, but no half line either. */
export function parseLabJob(line: string): LabJob {
  return JSON.parse(line) as LabJob;
}
