import type { Phase } from '../../protocols/base/judge/boot-meaning.ts';
import { hostOf, isTold, type BootTarget } from '../../protocols/base/judge/boot-target.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { bootWayOf, isMisfit, type ProgramLoaded } from './program-start.ts';
import {
  comparablePath,
  configuredBy,
  isOptionalConfiguration,
  isProbeName,
} from '../../protocols/base/judge/path-names.ts';
import type { Waiting } from '../../protocols/base/judge/machine-parts.ts';
import { UNSEEN, type Sighting, type StepDraft } from '../../protocols/base/judge/step.ts';
import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import { CAUSES, FIRST_QUESTIONS, STEPS } from '../../protocols/words.ts';

const { judged, missed } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

/** Input of the boot machine, from the judge. */
export interface BootInput {
  readonly startUs: number;
  /**
   * A scenario is being judged: silence before the first DISCOVER is then a failure and no sign of a capture that began
   * late.
   */
  readonly planned: boolean;
  /** Phases whose budget the scenario set. */
  readonly budgeted: readonly string[];
  /** The scenario expects something of the system that is booted. */
  readonly guestExpected: boolean;
  /** Comparable paths of files that the scenario expects more than once: that a program loads itself is what it wants. */
  readonly expectedAgain: readonly string[];
  /** Why the boot order leaves no start from the network, in words; undefined where it does not. */
  readonly passedOver?: string | undefined;
  /** The folder that the TFTP server serves, as its owner knows it; undefined where no plan says. */
  readonly servedRoot?: string | undefined;
}

/** How far a boot has come. */
export interface BootContext extends Waiting, BootInput, ProgramLoaded {
  /** The phase that the boot reached last, for `boot.complete`. */
  readonly phase: Phase;
  /** A step of a protocol has failed: its consequences are not reported again. */
  readonly failed: boolean;
  /** Whether the DHCP round under way is the firmware's (or a network boot program's). */
  readonly firmwareRound: boolean;
  /** What the client must load now; empty when it may load anything. */
  readonly targets: readonly BootTarget[];
  /** All boot files that servers named in this boot. */
  readonly told: readonly BootTarget[];
  /** User class of who asked for an address last (option 77); empty for firmware that names none. */
  readonly userClass: string;
  /** The latest files that were loaded, by their comparable paths, and the user class of who loaded them. */
  readonly programs: readonly { readonly path: string; readonly userClass: string }[];
  /** End of the boot file's transfer: the kernel phase and its budget count from here. */
  readonly kernelSince: Sighting;
  /** A file that the server did not have, when nothing was loaded after it. */
  readonly missed: string;
  /** Configurations that a boot program asked for in vain, when nothing was loaded after them. */
  readonly unconfigured: readonly string[];
}

/** A boot that has just been powered on. */
export function newBoot(input: BootInput): BootContext {
  return {
    ...input,
    since: { frame: 0, atUs: input.startUs },
    phase: 'firmware',
    failed: false,
    firmwareRound: false,
    targets: [],
    told: [],
    userClass: '',
    programs: [],
    architecture: undefined,
    ways: [],
    unheard: undefined,
    misfit: undefined,
    kernelSince: UNSEEN,
    missed: '',
    unconfigured: [],
  };
}

/** Where a step ended. */
export function endOf(step: StepDraft): Sighting {
  return { frame: step.frames.at(-1) ?? 0, atUs: step.endUs };
}

/** Where a step began. */
export function beginOf(step: StepDraft): Sighting {
  return { frame: step.frames[0] ?? 0, atUs: step.startUs };
}

/**
 * The context after a client asked for an address: a round of the firmware forgets the boot files that were named
 * before.
 */
export function asked(context: BootContext, step: StepDraft): Partial<BootContext> {
  const firmwareRound = isFirmwareClass(step.detail['vendorClass']);
  const way = bootWayOf(step);
  const { arch } = step.detail;
  return {
    firmwareRound,
    userClass: String(step.detail['userClass'] ?? ''),
    architecture: typeof arch === 'number' ? arch : context.architecture,
    ways: way === undefined || context.ways.includes(way) ? context.ways : [...context.ways, way],
    unheard: undefined,
    // It has gone on: what it does not need is missing no more.
    unconfigured: context.unconfigured.filter((path) => !isOptionalConfiguration(path)),
    targets: FIRST_QUESTIONS.has(step.step) && step.detail['attempt'] === 1 && firmwareRound ? [] : context.targets,
  };
}

/**
 * The context after a server named a boot file. The answer on port 4011 outranks earlier messages
 * (harness/docs/protocols.md 1.2).
 */
export function toldBy(context: BootContext, step: StepDraft): Partial<BootContext> {
  if (step.step === 'dhcp.ack' && !context.firmwareRound) return {};
  const bootFile = String(step.detail['bootfile'] ?? '');
  const target: BootTarget = {
    bootFile,
    server: String(step.detail['nextServer'] || step.detail['server'] || ''),
    source: `${step.step} in frame ${step.frames.at(-1) ?? 0}`,
  };
  const before = step.step === 'proxydhcp.ack' ? [] : context.targets;
  // A client that boots all day is told the same each time.
  const others = context.told.filter((known) => known.bootFile !== bootFile || known.server !== target.server);
  return bootFile === '' ? {} : { targets: [...before, target], told: [...others, target] };
}

/** The context after a file was loaded. A file whose name boot programs only try does not count as the boot file. */
export function loaded(context: BootContext, step: StepDraft): Partial<BootContext> {
  const end = endOf(step);
  const path = pathOf(step);
  return {
    since: end,
    phase: 'kernel',
    kernelSince: context.phase === 'kernel' ? context.kernelSince : end,
    missed: '',
    unconfigured: [],
    unheard: context.userClass === '' && isTold(context.targets, path) ? step : undefined,
    misfit: isMisfit(context.architecture, step) ? step : undefined,
    ...(isProbeName(path) ? {} : { targets: [], programs: withProgram(context, path) }),
  };
}

/** Files that are remembered: a boot program that loads itself does so soon. */
const MAX_PROGRAMS = 64;

function withProgram({ programs, userClass }: BootContext, loadedPath: string): BootContext['programs'] {
  const path = comparablePath(loadedPath);
  const isKnown = programs.some((known) => known.path === path && known.userClass === userClass);
  return isKnown ? programs : [...programs.slice(1 - MAX_PROGRAMS), { path, userClass }];
}

/** The context after a server did not have a file. */
export function missedFile(context: BootContext, step: StepDraft): Partial<BootContext> {
  const path = pathOf(step);
  return {
    unheard: undefined,
    missed: isProbeName(path) ? context.missed : path,
    unconfigured:
      configuredBy(path) === undefined || context.unconfigured.includes(path)
        ? context.unconfigured
        : [...context.unconfigured, path],
  };
}

/**
 * Whether a boot program loads itself: its firmware named no user class and loaded this file; now somebody with a user
 * class was told to load it once more, and does. A firmware that starts over names no class again.
 */
export function loadsItself(context: BootContext, step: StepDraft): boolean {
  const { targets, userClass, programs, expectedAgain } = context;
  const path = pathOf(step);
  const comparable = comparablePath(path);
  if (userClass === '' || expectedAgain.includes(comparable)) return false;
  return programs.some((known) => known.userClass === '' && known.path === comparable) && isTold(targets, path);
}

/** The failed step of a boot program that loads itself. */
export function loopStep({ userClass, targets }: BootContext, step: StepDraft): StepDraft {
  const path = pathOf(step);
  const source = targets.at(-1)?.source ?? 'its boot server';
  return judged({
    step: step.step === 'tftp.read-request' ? 'tftp.read-request' : 'http.get',
    at: endOf(step),
    detail: { path },
    breach: {
      expected: `another boot file than “${path}” for user class “${userClass}”, which that program has (${source})`,
      actual: `“${path}” once more`,
      cause: 'chain-loading-loop',
    },
  });
}

/** What is missing for a boot program that runs, in words; undefined where it found its configuration, or has not asked. */
export function missingConfiguration({ unconfigured, servedRoot }: BootContext): string | undefined {
  const [first] = unconfigured;
  if (first === undefined) return undefined;
  const root = servedRoot === undefined ? '' : `, which serves ${servedRoot},`;
  const asked = unconfigured.map((path) => `“${path}”`).join(', ');
  return unconfigured.length === 1
    ? `the server${root} does not have ${asked}, the configuration that ${configuredBy(first) ?? 'it'} asked for`
    : `the server${root} has none of the ${unconfigured.length} configurations that ${configuredBy(first) ?? 'it'} asked for: ${asked}`;
}

/** The failed step of a phase that exceeded its budget. */
export function overBudgetStep(context: BootContext, phase: Phase, atUs: number): StepDraft {
  const budgetMs = Math.round((atUs - context.since.atUs) / 1000);
  return missed({
    step: 'boot.phase',
    since: context.since,
    atUs,
    detail: { phase, budgetMs },
    waitedFor: `the end of phase ${phase}`,
    actual: `not over after ${budgetMs} ms`,
    cause: 'budget-exceeded',
  });
}

/**
 * Whether a firmware has given up a boot file that it was told of, without a request for it: it asks for an address on a
 * way that it has not tried yet.
 */
export function givesUpBootFile({ targets, ways }: BootContext, step: StepDraft): boolean {
  const way = bootWayOf(step);
  return way !== undefined && !ways.includes(way) && targets.some(({ bootFile }) => bootFile !== '');
}

/** The failed step of a firmware that gave up a boot file, as `step` shows. */
export function givenUpStep(context: BootContext, step: StepDraft): StepDraft {
  const { name, detail, wanted, actual, cause } = nothingLoaded(context);
  const at = beginOf(step);
  return judged({
    step: name,
    from: context.since,
    at,
    detail,
    breach: {
      expected: wanted,
      actual: `${actual}; the firmware tried its next boot entry, ${bootWayOf(step) ?? ''} (frame ${at.frame})`,
      cause,
    },
  });
}

/** The failed step of a client that has an address and loads nothing. */
export function nothingLoadedStep(context: BootContext, atUs: number): StepDraft {
  const { name, detail, wanted, actual, cause } = nothingLoaded(context);
  return missed({ step: name, since: context.since, atUs, detail, waitedFor: wanted, actual, cause });
}

/** What a client that has an address and loads nothing should have asked for. */
function nothingLoaded({ targets }: BootContext) {
  const first = targets.find((target) => target.bootFile !== '');
  const http = first !== undefined && /^https?:/i.test(first.bootFile);
  return {
    name: http ? 'http.get' : 'tftp.read-request',
    detail: { server: (first && hostOf(first)) || undefined },
    wanted: first ? `a request for “${first.bootFile}” (${first.source})` : 'a request for a boot file',
    actual: first ? 'the client requested no file' : 'no server named a boot file',
    cause: first ? 'boot-file-never-asked-for' : 'no-boot-file',
  } as const;
}

/** The failed step of a system that was loaded and then said nothing on the network. */
export function silentGuestStep(context: BootContext, atUs: number): StepDraft {
  const wait = { since: context.since, atUs };
  const unconfigured = missingConfiguration(context);
  if (unconfigured !== undefined)
    return missed({
      ...wait,
      step: 'tftp.transfer',
      detail: { path: context.unconfigured.at(-1) },
      waitedFor: 'the boot program to load its configuration',
      actual: unconfigured,
      cause: 'boot-configuration-missing',
    });
  if (context.missed !== '')
    return missed({
      ...wait,
      step: 'tftp.transfer',
      detail: { path: context.missed },
      waitedFor: `“${context.missed}” to be loaded`,
      actual: 'the server does not have it, and the client loaded nothing after that',
      cause: 'boot-file-missing',
    });
  return missed({
    ...wait,
    step: 'dhcp.discover',
    detail: {},
    waitedFor: 'a frame of the booted system',
    actual: 'silence after the last boot transfer',
    cause: 'guest-no-network',
  });
}

/** The failed step of an image whose reading began and did not end. */
export function unreadImageStep(context: BootContext, atUs: number): StepDraft {
  return missed({
    step: 'image.transfer',
    since: context.since,
    atUs,
    detail: {},
    waitedFor: 'the image to be read',
    actual: 'not finished',
    cause: 'transfer-stalled',
  });
}

/** The failed step of a firmware that does not ask for an address. */
export function silentFirmwareStep(context: BootContext, atUs: number): StepDraft {
  return missed({
    step: 'dhcp.discover',
    since: context.since,
    atUs,
    detail: {},
    waitedFor: 'a DISCOVER',
    actual: `no frame that asks for an address${context.passedOver === undefined ? '' : `; ${context.passedOver}`}`,
    cause: context.passedOver === undefined ? 'firmware-silent' : 'wrong-boot-order',
  });
}

function pathOf(step: StepDraft): string {
  return String(step.detail['path'] ?? '');
}
