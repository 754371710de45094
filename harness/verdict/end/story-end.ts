import type { Step, Verdict } from '../../../reports/result.ts';
import type { Expectation, StoryPlan } from '../../plan/plan.ts';
import { isOptionalConfiguration } from '../../protocols/base/judge/path-names.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import type { BootEvent } from '../boot/boot-events.ts';
import { type BootContext, missingConfiguration } from '../boot/boot-progress.ts';
import type { ClientMachines } from '../machines/client-machines.ts';
import { contradicts, type Ending, showExpectation, unmetStep } from '../diagnosis/diagnosis.ts';
import type { Expectations } from '../expectations/expectations.ts';
import { openAtEnd } from './half-way.ts';
import type { MachineRun } from '../machines/machine-run.ts';
import { ago, type OpenWait } from './retries.ts';
import { failureMissing, skippedStep, unfinishedStep } from './story-steps.ts';

/** The step that says that a boot went through. */
export const GOAL = 'boot.complete';

/** A client's story, as far as its end needs it. */
export interface Story {
  readonly startUs: number;
  readonly isPlanned: boolean;
  readonly expectFailure: StoryPlan['expectFailure'];
  /** Its capture just ends: nobody knows what came after it. */
  readonly openEnd: boolean;
  readonly expectations: Expectations;
  readonly machines: ClientMachines;
  readonly boot: MachineRun;
  readonly drafts: readonly StepDraft[];
  /** Why the boot order leaves no start from the network, in words; undefined where it does not. */
  readonly passedOver: string | undefined;
  /** Whether the client has shown a sign of booting over the network. */
  readonly boots: boolean;
  readonly verdict: Verdict | undefined;
  /** What was waited for while the meters were still open: they end a transfer, and with it its wait. */
  readonly waitsAtEnd: readonly OpenWait[] | undefined;
  readonly take: (draft: StepDraft) => void;
  /** Takes a step that the story did not reach. */
  readonly skip: (step: Step) => void;
  readonly tell: (event: BootEvent) => void;
}

/** Closes what is under way. Returns why nobody can say how the boot ended; undefined where that is known. */
export function closeStory(story: Story, end: Ending): string | undefined {
  const isOpen = story.openEnd && end.how === 'capture-ended';
  const expire = (isOver: (run: MachineRun) => boolean): void => {
    for (const run of story.machines.waiting()) if (isOver(run)) run.expire(end.atUs).forEach(story.take);
  };
  if (story.isPlanned && story.verdict === undefined && !isOpen) expire((run) => hasGivenUp(run, end));
  if (story.verdict === undefined) expire(({ context }) => context.refusal !== undefined || context.left === true);
  const waiting = story.machines.waiting();
  const openBoot = openBootOf(story, end, waiting);
  // With a scenario, a boot is complete when its expectations are met.
  if (story.verdict === undefined && story.expectations.unmet().every(({ step }) => step === GOAL))
    story.tell({ type: 'end', atUs: end.atUs, quiet: !waiting.some(ofBoot) && openBoot === undefined });
  const open = settled(story, end, { isOpen, openBoot, waiting });
  for (const run of waiting)
    story.take(unfinishedStep(run.kind, run.waitsFor ?? '', run.context.since, end.atUs, pathOf(run.context)));
  return open;
}

/** Fails the first thing that the scenario still wants, and skips the others. */
export function missUnmet(story: Story, end: Ending, waiting: readonly MachineRun[]): void {
  const { expectations, boot, expectFailure } = story;
  const [first, ...rest] = expectations.unmet();
  if (first) {
    story.take(
      unmetStep({
        unmet: first,
        steps: story.drafts,
        candidates: expectations.candidates(),
        waiting,
        ending: end,
        openWait: waiting.find(ofBoot)?.waitsFor ?? boot.waitsFor,
        passedOver: story.passedOver,
        missingConfiguration: missingConfiguration(boot.context as BootContext),
      }),
    );
    skip(story, rest, `${first.step} did not happen`, end);
  } else if (expectFailure) story.take(failureMissing(expectFailure, end));
}

/** Settles what the scenario wants; returns why the end stays open. */
function settled(
  story: Story,
  end: Ending,
  {
    isOpen,
    openBoot,
    waiting,
  }: { readonly isOpen: boolean; readonly openBoot: string | undefined; readonly waiting: readonly MachineRun[] },
): string | undefined {
  if (!story.isPlanned) return openBoot === undefined ? undefined : openText(openBoot);
  if (story.verdict !== undefined) return undefined;
  if (isOpen && !isContradicted(story)) return leftOpen(story, end, openBoot);
  missUnmet(story, end, waiting);
  return undefined;
}

/** What the scenario still wants may come after the capture. */
function leftOpen(story: Story, end: Ending, openBoot: string | undefined): string {
  const unmet = story.expectations.unmet();
  const [first] = unmet;
  const wanted = first ? `and ${showExpectation(first)} has not come yet` : 'and nothing has failed yet';
  skip(story, unmet, 'the capture ends before', end);
  return openText(openBoot ?? ago(lastSeen(story), end.atUs), wanted);
}

function skip({ skip: take, startUs }: Story, later: readonly Expectation[], why: string, { atUs }: Ending): void {
  for (const expectation of later) take(skippedStep(expectation, why, (atUs - startUs) / 1000));
}

/** Whether the frames show that what the scenario still wants cannot come any more, or did not come. */
function isContradicted({ expectations, boot }: Story): boolean {
  const unmet = expectations.unmet();
  // A boot that went through has nothing more to come.
  if (unmet.length === 0) return boot.state === 'complete';
  return contradicts({ unmet, candidates: expectations.candidates() });
}

function openBootOf(
  { boot, boots, drafts, waitsAtEnd }: Story,
  { atUs }: Ending,
  waiting: readonly MachineRun[],
): string | undefined {
  const reached = boot.context as BootContext;
  return openAtEnd({
    boots,
    imaged: boot.state === 'imaged',
    atUs,
    phase: reached.phase,
    since: reached.since,
    toldBootFile: reached.told.length > 0,
    steps: drafts,
    waiting: (waitsAtEnd ?? waiting).filter(ofBoot),
    // A boot program that goes on without its configuration lacks none: a capture may just end before it does.
    missingConfiguration: reached.unconfigured.every(isOptionalConfiguration)
      ? undefined
      : missingConfiguration(reached),
  });
}

/** Why nobody can say how a boot ended; `open` is what a sentence says after “the capture ends”. */
function openText(open: string, ...more: readonly string[]): string {
  return `${[`the capture ends ${open}`, ...more].join(', ')}: capture until the client gives up, or until its system runs`;
}

/** A run of restic that has opened its store. */
const AT_WORK = /^(opened|locking|working)/;

/** Whether the client is gone after it looked for a file in vain, asked a boot server, or was at work with backups. */
function hasGivenUp({ kind, state }: Pick<MachineRun, 'kind' | 'state'>, end: Ending): boolean {
  if (state === 'searching') return true;
  return (
    end.how === 'vm-ended' &&
    ((kind === 'proxydhcp' && state === 'requesting') ||
      (kind === 'restic' && AT_WORK.test(state)) ||
      (kind === 'tls' && state === 'cut'))
  );
}

function lastSeen({ drafts, startUs }: Story): Sighting {
  const last = drafts.at(-1);
  return last ? { frame: last.frames.at(-1) ?? 0, atUs: last.endUs } : { frame: 0, atUs: startUs };
}

function pathOf(context: object): string | undefined {
  return 'path' in context && typeof context.path === 'string' ? context.path : undefined;
}

/** Whether a boot depends on what a machine waits for. */
const ofBoot = ({ context }: Pick<OpenWait, 'context'>): boolean => context.aside !== true;
