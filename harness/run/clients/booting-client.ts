import { join } from 'node:path';
import type { TpmUse, Vm } from '#qemu-wrapper';
import type { AgentEvent } from '../../../vm-images/agent-events.ts';
import { agentLog, serialLog } from '../../../reports/file-names.ts';
import type { ClientResult, Step } from '../../../reports/result.ts';
import type { ClientPlan } from '../../plan/plan.ts';
import type { PLAYED_CLIENT_READY } from '../../played-clients/wdsnbp/settings.ts';
import type { StoresOfBoot } from './firmware-variables.ts';
import type { LabJob, LabMessage } from '../lab-protocol.ts';
import type { StoreJobs } from '../store/store-jobs.ts';

export type AgentRecord = NonNullable<ClientResult['guest']>['agent'][number];
export type Screenshot = NonNullable<ClientResult['screenshots']>[number];

/** Events of a client that a run waits for or acts on. */
export type ClientEvent = AgentEvent | typeof PLAYED_CLIENT_READY;

export const isEvent = ({ event }: AgentRecord, wanted: ClientEvent): boolean => event === wanted;

/** A client that is ready to boot or boots: a VM, or a program that plays one. */
export interface BootingClient {
  readonly client: ClientPlan;
  /** Absent for a program that plays one. */
  readonly vm?: Vm;
  /** What it said of itself so far: evidence of the second kind. */
  readonly agent: AgentRecord[];
  readonly screenshots: Screenshot[];
  /** The command that runs it again. */
  readonly argv: readonly string[];
  /** How a VM was powered on: from a saved state or from its first instruction. */
  readonly powerOn?: () => NonNullable<ClientResult['powerOn']>;
  /** Power on: from now on it speaks. */
  readonly begin: () => Promise<void>;
  /** Resolves when it ended, by itself or not. */
  readonly ended: Promise<{ readonly reason: string }>;
  /** A step of this client has passed: keys that answer it are typed, and what is planned for it happens. */
  happened(step: Step): void;
  /** Resolves with the first agent event of that name. */
  readonly seen: (event: ClientEvent) => Promise<void>;
  /** A number that grows with whatever it writes: on its consoles, or as a program. */
  wordsWritten(): Promise<number>;
  /** The last lines of its console, or of what plays it. */
  lastWords(): Promise<readonly string[]>;
  screenshot(title: string): Promise<void>;
  /** Ends it, which is then no failure of the lab. */
  powerOff(): Promise<void>;
  /** Its story is over: an incident waits no longer for its time. Resolves when pictures and keys that are under way are there. */
  settle(): Promise<void>;
  /** Its firmware's variables before and after it ran; undefined for a firmware without any. Called when it has ended. */
  firmwareVariables(): Promise<StoresOfBoot | undefined>;
  /** What it did with its TPM; undefined for one without. Called when it has ended. */
  tpmUse(): Promise<TpmUse | undefined>;
  /** Copies its logs, complete as they were written, to the evidence. */
  keepLogs(): Promise<void>;
}

export interface PowerContext {
  readonly job: LabJob;
  readonly emit: (message: LabMessage) => void;
  /** Milliseconds since power-on. */
  readonly runMs: () => number;
  /** Looks at what a VM has used before it ends. */
  readonly lookAtUsage: () => void;
  /** Absent for a lab without a store of backups. */
  readonly jobs?: StoreJobs | undefined;
  /** Resolves when a client of the lab has passed a step. */
  readonly untilPassed: (client: string, step: string) => Promise<void>;
  /** Something of the lab broke: there will be no verdict. */
  readonly labFailed: (error: Error) => void;
}

/** Where a client's console goes, relative to result.json. */
export function consoleLog(client: ClientPlan, job: Pick<LabJob, 'evidencePath'>): string {
  return join(job.evidencePath, client.plays === undefined ? serialLog(client.name) : agentLog(client.name));
}

/**
 * An agent's line, or undefined for anything else on that port. Firmware and boot loaders write there too, and may have left a line
 * without its end before the agent's first one.
 */
export function parseAgentLine(line: string, atMs: number): AgentRecord | undefined {
  const begin = line.indexOf('{"event":"');
  if (begin === -1) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(begin));
    if (!value || typeof value !== 'object' || !('event' in value) || typeof value.event !== 'string') return undefined;
    const { event, ...detail } = value;
    return { atMs, event, ...(Object.keys(detail).length > 0 ? { detail } : {}) };
  } catch {
    return undefined;
  }
}

/** What an agent said, and who waits for an event of it. */
export function agentRecords(): {
  readonly records: AgentRecord[];
  readonly add: (record: AgentRecord) => void;
  readonly seen: (event: ClientEvent) => Promise<void>;
} {
  const records: AgentRecord[] = [];
  const waiting = new Map<string, (() => void)[]>();
  return {
    records,
    add(record) {
      records.push(record);
      for (const resolve of waiting.get(record.event) ?? []) resolve();
      waiting.delete(record.event);
    },
    seen: (event) =>
      new Promise((resolve) => {
        if (records.some((record) => record.event === event)) resolve();
        else waiting.set(event, [...(waiting.get(event) ?? []), resolve]);
      }),
  };
}
