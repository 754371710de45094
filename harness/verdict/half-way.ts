import type { Phase } from '../protocols/base/judge/boot-meaning.ts';
import { isProbeName } from '../protocols/base/judge/path-names.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';
import { roomOfStep } from '../protocols/rooms.ts';
import { toBootEvent } from './boot-events.ts';
import type { MachineRun } from './machine-run.ts';

/** A boot at the end of its story. */
export interface BootAtEnd {
  readonly phase: Phase;
  readonly steps: readonly StepDraft[];
  /** Machines that wait for something. */
  readonly waiting: readonly Pick<MachineRun, 'kind' | 'waitsFor'>[];
  /** What a boot program that runs, and cannot go on without it, lacks, in words. */
  readonly missingConfiguration: string | undefined;
}

/** Phases of a client that has loaded nothing yet. */
const BEFORE_LOADING: readonly Phase[] = ['firmware', 'dhcp', 'proxy', 'nbp'];
/** What a client of another kind, or a capture that begins late, does not show. */
const SIGNS_OF_BOOT: readonly string[] = ['address-asked', 'boot-server-asked', 'load-began', 'loaded'];

/**
 * What a boot still had before it when its story ended, so that nobody can say that it went through; undefined where
 * nothing is open, and for a client that is not booting.
 */
export function openAtEnd({ phase, steps, waiting, missingConfiguration }: BootAtEnd): string | undefined {
  if (!steps.some((step) => SIGNS_OF_BOOT.includes(toBootEvent(step).type))) return undefined;
  const file = unfinishedFile(steps);
  if (file !== undefined) return `“${file}” was not loaded to its end`;
  const wait = waiting.find(({ kind }) => roomOfStep(`${kind}.`)?.incidental !== true);
  if (wait) return `the client was waiting for ${wait.waitsFor ?? 'an answer'}`;
  return BEFORE_LOADING.includes(phase) ? 'the client has loaded nothing' : missingConfiguration;
}

/** The file that the client was loading last: one that it gave up for another, or went on without, is none. */
function unfinishedFile(steps: readonly StepDraft[]): string | undefined {
  const at = steps.findLastIndex(({ step }) => step.endsWith('.unfinished') && isOfLoader(step));
  const unfinished = steps[at];
  if (!unfinished) return undefined;
  const wentOn = steps.some(
    (step) => step !== unfinished && step.startUs > unfinished.startUs && roomOfStep(step.step)?.incidental !== true,
  );
  const path = String(unfinished.detail['path'] ?? '');
  return wentOn || isProbeName(path) ? undefined : path;
}

const isOfLoader = (step: string): boolean => roomOfStep(step)?.boot?.speaker === 'loader';
