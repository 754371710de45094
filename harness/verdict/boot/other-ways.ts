import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { portsOf } from '../../protocols/ports.ts';
import { ROOMS } from '../../protocols/rooms.ts';
import { toBootEvent } from './boot-events.ts';
import { asksForBoot6 } from './booting.ts';

// Firmware tries one boot entry after the other: PXE over IPv4, over IPv6, HTTP. Silence about one of them is no failed
// boot when another one went on.

/** Why a client whose boot went another way cannot be judged. */
export const IPV6_NOT_JUDGED = 'IPv6 boot, not judged yet';

/** The index of a step, and what it becomes. */
type Replaced = readonly [index: number, step: StepDraft];

/**
 * The failed steps of a replay that are no failure of the boot, seen from its end; they become recorded. DHCP was silent
 * about one way to boot, and the client went another; a web server asked for credentials, and the client then gave them;
 * the system that was booted talked to a port of no boot service.
 */
export function goneAnotherWay(steps: readonly StepDraft[]): readonly Replaced[] {
  const failed = steps.flatMap((step, index) => (step.verdict === 'failed' ? [{ step, index }] : []));
  if (failed.length === 0) return [];
  const story = storyOf(steps);
  return failed.flatMap(({ step, index }): Replaced[] => {
    const why = otherDhcp(step, story) ?? credentialsGiven(step, story) ?? ofBootedSystem(step, index, story);
    if (why === undefined) return [];
    const { expected: _expected, actual = '', ...rest } = step;
    return [[index, { ...rest, verdict: 'recorded', why: `${actual}; ${why}` }]];
  });
}

/** What excuses a failed step, found once for all of them. */
interface Story {
  readonly isIpv6: boolean;
  readonly bootFiles: readonly StepDraft[];
  readonly fetched: readonly StepDraft[];
  /** Index of the step from which on a booted system runs; Infinity where none shows. */
  readonly runsFrom: number;
}

function storyOf(steps: readonly StepDraft[]): Story {
  const loaded = steps.findIndex(loadedBootFile);
  const runs = loaded < 0 ? -1 : steps.findIndex((step, index) => index > loaded && isGuestAsking(step));
  return {
    isIpv6: bootsOverIpv6(steps),
    bootFiles: steps.filter(loadedBootFile),
    fetched: steps.filter(({ step, verdict }) => verdict === 'passed' && /^http\.(get|head)$/.test(step)),
    runsFrom: runs < 0 ? Number.POSITIVE_INFINITY : runs,
  };
}

function otherDhcp({ step, cause, startUs }: StepDraft, { isIpv6, bootFiles }: Story): string | undefined {
  if (step !== 'dhcp.offer' || !isSilence(cause)) return undefined;
  if (isIpv6) return 'the client also boots over IPv6';
  const later = bootFiles.find((other) => other.startUs > startUs);
  return (
    later && `the client went on and loaded “${String(later.detail['path'] ?? '')}” (frame ${later.frames[0] ?? 0})`
  );
}

/** RFC 9110 section 11.6.1: firmware and iPXE send credentials only once they are asked for them. */
function credentialsGiven({ step, detail, endUs }: StepDraft, { fetched }: Story): string | undefined {
  if (step !== 'http.error' || detail['status'] !== 401) return undefined;
  const later = fetched.find((other) => other.detail['path'] === detail['path'] && other.startUs >= endUs);
  return later && `the client then gave credentials and had it (frame ${later.frames[0] ?? 0})`;
}

/** A system that runs talks to many hosts; what no protocol of a boot has its port at is none of the boot. */
function ofBootedSystem({ step, detail }: StepDraft, index: number, { runsFrom }: Story): string | undefined {
  if (step !== 'tcp.connect' || index < runsFrom) return undefined;
  return ROOMS.some((room) => portsOf(room).includes(Number(detail['port'])))
    ? undefined
    : 'a connection of the system that was booted, to a port of no boot service';
}

const isGuestAsking = ({ step, detail }: StepDraft): boolean =>
  /^dhcp\.(discover|request)$/.test(step) && !isFirmwareClass(detail['vendorClass']);

/**
 * Whether the client boots over IPv6 alone: a server has answered it by DHCPv6, and none by DHCP. One that nobody answers
 * boots over neither.
 */
export function bootsOverIpv6(steps: readonly StepDraft[]): boolean {
  return (
    steps.some(asksForBoot6) &&
    steps.some(({ step, detail }) => step === 'dhcpv6.message' && detail['by'] === 'server') &&
    !steps.some(({ step, verdict }) => step === 'dhcp.offer' && verdict === 'passed')
  );
}

const isSilence = (cause: string | undefined): boolean => cause === 'dhcp-silent' || cause === 'dhcp-class-unanswered';

/** Whether a step is the whole transfer of a file that its client boots, and not of one that boot programs only try. */
export function loadedBootFile(step: StepDraft): boolean {
  return toBootEvent(step).type === 'loaded' && !isProbeName(String(step.detail['path'] ?? ''));
}
