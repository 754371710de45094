import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { isOfBoot } from '../../protocols/dhcpv6/judge/boot-marks.ts';
import type { CauseName } from '../../protocols/words.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { portsOf } from '../../protocols/ports.ts';
import { ROOMS } from '../../protocols/rooms.ts';
import { toBootEvent } from './boot-events.ts';

// Firmware tries one boot entry after the other: PXE over IPv4, over IPv6, HTTP. Silence about one of them is no failed
// boot when another one went on.

/** The index of a step, and what it becomes. */
type Replaced = readonly [index: number, step: StepDraft];

/**
 * The failed steps of a replay that are no failure of the boot, seen from its end; they become recorded. DHCP or
 * DHCPv6 came to nothing on one way to boot, and the client went another; a web server asked for credentials, and the client then gave them;
 * the system that was booted talked to a port of no boot service.
 */
export function goneAnotherWay(steps: readonly StepDraft[]): readonly Replaced[] {
  const failed = steps.flatMap((step, index) => (step.verdict === 'failed' ? [{ step, index }] : []));
  if (failed.length === 0) return [];
  const story = storyOf(steps);
  return failed.flatMap(({ step, index }): Replaced[] => {
    const why =
      otherDhcp(step, story) ??
      otherEntry(step, story) ??
      credentialsGiven(step, story) ??
      ofBootedSystem(step, index, story);
    return why === undefined ? [] : [[index, excused(step, why)]];
  });
}

/**
 * The same of one step of a live run as it fails, when nobody knows the end: silence that a wait reports is recorded where
 * the client has got an offer on another way since that wait began. `steps`: those before it.
 */
export function leftForAnotherWay(step: StepDraft, steps: readonly StepDraft[]): StepDraft {
  if (step.verdict !== 'failed' || !isGivenUp(step)) return step;
  const other = isOverIpv6(step) ? 'dhcp.offer' : 'dhcpv6.advertise';
  const offer = steps.find(
    (earlier) => earlier.step === other && earlier.verdict === 'passed' && earlier.startUs > step.startUs,
  );
  if (!offer) return step;
  return excused(
    step,
    `the client went on and got an offer over ${isOverIpv6(step) ? 'IPv4' : 'IPv6'} (frame ${offer.frames.at(-1) ?? 0})`,
  );
}

function excused({ expected: _expected, actual = '', ...rest }: StepDraft, why: string): StepDraft {
  return { ...rest, verdict: 'recorded', why: `${actual}; ${why}` };
}

/** What excuses a failed step, found once for all of them. */
interface Story {
  /** A server answered the client's boot by DHCP, by DHCPv6. */
  readonly isIpv4: boolean;
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
    isIpv4: steps.some(({ step, verdict }) => step === 'dhcp.offer' && verdict === 'passed'),
    isIpv6: bootsOverIpv6(steps),
    bootFiles: steps.filter(loadedBootFile),
    fetched: steps.filter(({ step, verdict }) => verdict === 'passed' && /^http\.(get|head)$/.test(step)),
    runsFrom: runs < 0 ? Number.POSITIVE_INFINITY : runs,
  };
}

const isOverIpv6 = ({ step }: StepDraft): boolean => step === 'dhcpv6.advertise' || step === 'dhcpv6.request';

/** Whether a failed step says that the firmware came to nothing with DHCP or DHCPv6. */
const isGivenUp = (step: StepDraft): boolean =>
  isOverIpv6(step) ? GIVEN_UP_6.has(step.cause) : step.step === 'dhcp.offer' && GIVEN_UP.has(step.cause);

function otherDhcp(step: StepDraft, { isIpv4, isIpv6, bootFiles }: Story): string | undefined {
  if (!isGivenUp(step)) return undefined;
  if (isOverIpv6(step) ? isIpv4 : isIpv6) return `the client also boots over ${isOverIpv6(step) ? 'IPv4' : 'IPv6'}`;
  const later = bootFiles.find((other) => other.startUs > step.startUs);
  return later && wentOn(later);
}

/** A boot file that the firmware never asked for, and another one that it then loaded by its next boot entry. */
function otherEntry({ step, cause, startUs }: StepDraft, { bootFiles }: Story): string | undefined {
  if (!(step === 'tftp.read-request' || step === 'http.get') || !NEVER_ASKED.has(cause)) return undefined;
  const later = bootFiles.find((other) => other.startUs > startUs);
  return later && wentOn(later);
}
const NEVER_ASKED: ReadonlySet<string | undefined> = new Set<CauseName>([
  'boot-file-never-asked-for',
  'arp-silent',
  'neighbour-silent',
]);

const wentOn = (later: StepDraft): string =>
  `the client went on and loaded “${String(later.detail['path'] ?? '')}” (frame ${later.frames[0] ?? 0})`;

const GIVEN_UP: ReadonlySet<string | undefined> = new Set<CauseName>(['dhcp-silent', 'dhcp-class-unanswered']);
const GIVEN_UP_6: ReadonlySet<string | undefined> = new Set<CauseName>([
  'dhcpv6-silent',
  'dhcpv6-offer-ignored',
  'no-boot-file',
]);

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

/** Whether a server has answered the client's boot by DHCPv6. */
function bootsOverIpv6(steps: readonly StepDraft[]): boolean {
  return steps.some(
    (step) =>
      (step.step === 'dhcpv6.advertise' || step.step === 'dhcpv6.reply') && step.verdict === 'passed' && isOfBoot(step),
  );
}

/** Whether a step is the whole transfer of a file that its client boots, and not of one that boot programs only try. */
export function loadedBootFile(step: StepDraft): boolean {
  return toBootEvent(step).type === 'loaded' && !isProbeName(String(step.detail['path'] ?? ''));
}
