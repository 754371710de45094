import { isForAnother, programText, startableBy } from '../../protocols/dhcp/wire/program-fit.ts';
import { architectureName, firmwareOf } from '../../protocols/dhcp/wire/architectures.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import { type Sighting, type StepDraft, UNSEEN } from '../../protocols/base/judge/step.ts';
import { CAUSES, STEPS, type StepName } from '../../protocols/words.ts';

// UEFI firmware that refuses a boot program goes on with its next boot entry at once, and says so on the wire: it asks
// for an address on another way. A program that runs and is silent asks for nothing
// (harness/docs/decisions/186-boot-programs-that-do-not-start.md).

const { judged } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

/** A way to boot over the network: what asks for the address, and how the boot file is fetched. */
export type BootWay = (typeof WAYS)[keyof typeof WAYS];
const WAYS = {
  'dhcp.discover PXE': 'PXE over IPv4',
  'dhcp.discover HTTP': 'HTTP over IPv4',
  'dhcpv6.solicit PXE': 'PXE over IPv6',
  'dhcpv6.solicit HTTP': 'HTTP over IPv6',
} as const satisfies Partial<Record<`${StepName} ${'PXE' | 'HTTP'}`, string>>;

/**
 * How long after the transfer a frame of the firmware still shows that the program was not started. EDK2 needs 0.1 to 0.3 s
 * under TCG; a person who leaves a boot program's menu needs longer.
 */
const AT_ONCE_US = 10_000_000;

/** The way on which firmware begins to ask for an address; undefined for other steps, and for boot programs. */
export function bootWayOf({ step, detail }: Pick<StepDraft, 'step' | 'detail'>): BootWay | undefined {
  const { vendorClass, userClass = '', attempt } = detail;
  if (!isFirmwareClass(vendorClass) || userClass !== '' || attempt !== 1) return undefined;
  const key = `${step} ${String(vendorClass).startsWith('HTTP') ? 'HTTP' : 'PXE'}`;
  return Object.hasOwn(WAYS, key) ? WAYS[key as keyof typeof WAYS] : undefined;
}

/** What is known of the boot program that a firmware loaded. */
export interface ProgramLoaded {
  /** Option 93 of who asked for an address last. */
  readonly architecture: number | undefined;
  /** Ways on which firmware has asked for an address in this boot: its boot entries, so far. */
  readonly ways: readonly BootWay[];
  /** The transfer of the boot program that the firmware has just loaded, as long as no frame came of the program. */
  readonly unheard: StepDraft | undefined;
  /** The transfer of a boot program that this client cannot start. */
  readonly misfit: StepDraft | undefined;
}

/**
 * Whether a firmware has not started the boot program that it loaded: right afterwards it asks for an address on a way
 * that it has not tried yet. A machine that starts over begins with its first way again.
 */
export function isNotStarted({ unheard, ways, architecture }: ProgramLoaded, step: StepDraft): boolean {
  const way = bootWayOf(step);
  if (unheard === undefined || way === undefined || ways.includes(way)) return false;
  // A PC's BIOS starts whatever it has loaded.
  if (architecture === undefined || firmwareOf(architecture) !== 'uefi') return false;
  return step.startUs - unheard.endUs <= AT_ONCE_US;
}

/** The failed step of a boot program whose transfer was `unheard`, and that was not started, as `step` shows. */
export function notStartedStep({ unheard, architecture }: ProgramLoaded, step: StepDraft): StepDraft {
  const { path, program, signed } = unheard?.detail ?? {};
  const from = unheard === undefined ? UNSEEN : endOf(unheard);
  const at = { frame: step.frames[0] ?? 0, atUs: step.startUs };
  const afterMs = Math.round((at.atUs - from.atUs) / 1000);
  const [what, cause] =
    program === 'flat'
      ? (['it is no EFI program', 'boot-program-wrong-architecture'] as const)
      : ([signed === false ? 'it carries no signature' : 'no frame of it', 'boot-program-not-started'] as const);
  return judged({
    step: 'boot.start',
    from,
    at,
    detail: startDetail(unheard, architecture),
    breach: {
      expected: `“${String(path ?? '')}” to start`,
      actual: `${what}; ${afterMs} ms after it was loaded the firmware tried its next boot entry, ${bootWayOf(step) ?? ''} (frame ${at.frame})`,
      cause,
    },
  });
}

/**
 * Whether a file that was loaded is for another kind of client. What is no EFI program shows its fault only when it does not
 * start, since boot programs load scripts and kernels as well.
 */
export function isMisfit(architecture: number | undefined, { detail }: Pick<StepDraft, 'detail'>): boolean {
  return architecture !== undefined && isForAnother(architecture, String(detail['program'] ?? ''));
}

/** The failed step of a boot program for another kind of client. */
export function misfitStep({ misfit, architecture = 0 }: ProgramLoaded): StepDraft {
  const { path, program } = misfit?.detail ?? {};
  return judged({
    step: 'boot.start',
    at: misfit === undefined ? UNSEEN : endOf(misfit),
    detail: startDetail(misfit, architecture),
    breach: {
      expected: `${startableBy(architecture)}: the client says architecture ${architecture}, ${architectureName(architecture)} (option 93)`,
      actual: `“${String(path ?? '')}”, which by its first block is ${programText(String(program))}`,
      cause: 'boot-program-wrong-architecture',
    },
  });
}

function startDetail(transfer: StepDraft | undefined, arch: number | undefined) {
  const { path, program, signed } = transfer?.detail ?? {};
  return {
    path: String(path ?? ''),
    arch,
    program: program === undefined ? undefined : String(program),
    signed: typeof signed === 'boolean' ? signed : undefined,
  };
}

const endOf = ({ frames, endUs }: StepDraft): Sighting => ({ frame: frames.at(-1) ?? 0, atUs: endUs });
