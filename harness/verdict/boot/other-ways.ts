import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import { toBootEvent } from './boot-events.ts';
import { asksForBoot6 } from './booting.ts';

// Firmware tries one boot entry after the other: PXE over IPv4, over IPv6, HTTP. Silence about one of them is no failed
// boot when another one went on.

/** Why a client whose boot went another way cannot be judged. */
export const IPV6_NOT_JUDGED = 'IPv6 boot, not judged yet';

/** The index of a step, and what it becomes. */
type Replaced = readonly [index: number, step: StepDraft];

/**
 * The failed steps that only say that DHCP was silent about one way to boot, where the client has gone another: it
 * loaded a boot file later, or boots over IPv6. They become recorded.
 */
export function goneAnotherWay(steps: readonly StepDraft[]): readonly Replaced[] {
  const isIpv6 = bootsOverIpv6(steps);
  const bootFiles = steps.filter(loadedBootFile);
  return steps.flatMap((step, index): Replaced[] => {
    if (step.verdict !== 'failed' || step.step !== 'dhcp.offer' || !isSilence(step.cause)) return [];
    const later = bootFiles.find((other) => other.startUs > step.startUs);
    if (later === undefined && !isIpv6) return [];
    const way = isIpv6
      ? 'the client also boots over IPv6'
      : `the client went on and loaded “${String(later?.detail['path'] ?? '')}” (frame ${later?.frames[0] ?? 0})`;
    const { expected: _expected, actual = '', ...rest } = step;
    return [[index, { ...rest, verdict: 'recorded', why: `${actual}; ${way}` }]];
  });
}

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
