import type { Phase } from '../../protocols/base/judge/boot-meaning.ts';
import { isImageName, isProbeName, samePath } from '../../protocols/base/judge/path-names.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import { roomOfStep } from '../../protocols/rooms.ts';
import { toBootEvent } from '../boot/boot-events.ts';
import { ago, openWaitText, type OpenWait } from './retries.ts';

/** A boot at the end of its story. */
export interface BootAtEnd {
  /** Whether the client has shown a sign of booting over the network. */
  readonly boots: boolean;
  /** Whether its image has been read or written. */
  readonly imaged: boolean;
  readonly atUs: number;
  readonly phase: Phase;
  /** Since when it has been in that phase. */
  readonly since: Sighting;
  /** Whether any server named a boot file. */
  readonly toldBootFile: boolean;
  readonly steps: readonly StepDraft[];
  /** Machines that wait for something. */
  readonly waiting: readonly OpenWait[];
  /** What a boot program that runs, and cannot go on without it, lacks, in words. */
  readonly missingConfiguration: string | undefined;
}

/** Phases of a client that has loaded nothing yet. */
const BEFORE_LOADING: readonly Phase[] = ['firmware', 'dhcp', 'proxy', 'nbp'];
/** What a capture that begins late does not show. */
const SIGNS_OF_LOADING: readonly string[] = ['address-asked', 'boot-server-asked', 'load-began', 'loaded'];

/**
 * What a boot still had before it when its story ended, so that nobody can say that it went through: the rest of a
 * sentence that begins with “the capture ends”. Undefined where nothing is open, and for a client that is not booting.
 */
export function openAtEnd(boot: BootAtEnd): string | undefined {
  const { atUs, phase, steps, missingConfiguration } = boot;
  if (!boot.boots) return undefined;
  const wait = lastWait(boot);
  const file = unfinishedFile(steps);
  const isRepeated = wait?.ladder !== undefined && (wait.context.tries ?? []).length > 0;
  if (file !== undefined && !isRepeated) return `before “${file}” was loaded to its end`;
  if (wait) return openWaitText(wait, atUs);
  const image = boot.imaged ? undefined : openImage(steps);
  if (image !== undefined) return `while “${image}” was open and had not been read`;
  if (BEFORE_LOADING.includes(phase) && steps.some((step) => SIGNS_OF_LOADING.includes(toBootEvent(step).type)))
    return `${ago(boot.since, atUs)}, and the client has loaded nothing yet${isGiven(boot) && !boot.toldBootFile ? ': no server named a boot file' : ''}`;
  return missingConfiguration === undefined ? undefined : `while ${missingConfiguration}`;
}

/** What the client began to wait for last, and has not gone on without. */
function lastWait({ waiting, steps, imaged }: BootAtEnd): OpenWait | undefined {
  return waiting
    .filter(({ kind, context: { since } }) => {
      const room = roomOfStep(`${kind}.`);
      if (room?.incidental === true) return false;
      // A system whose image is there has what it was booted for.
      return room?.boot?.speaker === 'loader' ? !isPassed(steps, since.atUs) : !imaged;
    })
    .toSorted((one, other) => other.context.since.atUs - one.context.since.atUs)[0];
}

/** Whether a client that was loading something at this moment has gone on to something else. */
function isPassed(steps: readonly StepDraft[], sinceUs: number, path?: string): boolean {
  return steps.some(
    (step) =>
      step.verdict === 'passed' &&
      step.startUs > sinceUs &&
      (path === undefined || step.detail['path'] !== path) &&
      roomOfStep(step.step)?.incidental !== true,
  );
}

const isGiven = ({ steps }: BootAtEnd): boolean => steps.some(({ step }) => step === 'dhcp.ack');

/** The file that the client was loading last: one that it gave up for another, or went on without, is none. */
function unfinishedFile(steps: readonly StepDraft[]): string | undefined {
  const at = steps.findLastIndex(({ step }) => step.endsWith('.unfinished') && isOfLoader(step));
  const unfinished = steps[at];
  if (!unfinished) return undefined;
  const path = pathOf(unfinished);
  return isPassed(steps, unfinished.startUs, path) || isProbeName(path) ? undefined : path;
}

/** The image that the client has looked at, has not read, and has not closed. */
function openImage(steps: readonly StepDraft[]): string | undefined {
  const open = steps.findLast((step) => step.step === 'smb.unfinished' && isImageName(pathOf(step)));
  if (open === undefined) return undefined;
  const isRead = steps.some(
    (step) => step.step === 'image.transfer' && step.verdict === 'passed' && samePath(pathOf(step), pathOf(open)),
  );
  return isRead ? undefined : pathOf(open);
}

const pathOf = ({ detail }: StepDraft): string => String(detail['path'] ?? '');
const isOfLoader = (step: string): boolean => roomOfStep(step)?.boot?.speaker === 'loader';
