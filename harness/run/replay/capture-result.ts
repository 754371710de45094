import type { Truncation } from '#tcpdump-wrapper';
import { hasAddress } from '../../../reports/client-addresses.ts';
import type { ClientResult, Result, ScenarioResult } from '../../../reports/result.ts';
import { plural } from '../../../reports/text.ts';
import type { CaptureFlaw } from '../../observe/door/quality.ts';
import { limitOf } from '../../verdict/end/capture-limit.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Judge } from '../../verdict/judge-types.ts';
import { hostFacts } from '../host-facts.ts';
import { captureVerdict } from './capture-verdict.ts';

/** Of the one scenario in the Result of a replay without a scenario. */
export const REPLAY_ID = 'replay';

/** A capture that was judged to its end, from a file or while it was made. */
export interface JudgedCapture {
  /** What messages and the Result call it. */
  readonly name: string;
  readonly plan: Plan | undefined;
  readonly startedAt: Date;
  readonly frames: number;
  /** Frames that the kernel lost, where that is known. */
  readonly dropped: number | undefined;
  readonly truncated: Truncation | undefined;
  /** What ended a capture that was to go on: nothing that was to be judged is missing, and nobody knows what came after. */
  readonly endedBy: string | undefined;
  readonly judge: Pick<Judge, 'quality' | 'cutFrames' | 'leftOutOfBoots'>;
  readonly clients: readonly ClientResult[];
  /** Whether these clients were asked for: they decide then, whether or not they boot. */
  readonly isNamed: boolean;
  /** How the frames came, for the host's facts. */
  readonly how: string;
}

/** The Result of a capture: the verdict, and what limits it. */
export function captureResult(judged: JudgedCapture): Result {
  const { name, plan, startedAt, frames, dropped = 0, truncated, judge, clients, isNamed, how } = judged;
  const { verdict, why } = captureVerdict(clients, {
    named: isNamed,
    limits: limitsOf(frames, dropped, truncated, judge),
  });
  const quality = [...judge.quality, ...lossFlaw(dropped), ...truncationFlaw(frames, truncated)];
  const scenario: ScenarioResult = {
    id: plan?.id ?? REPLAY_ID,
    file: plan?.file ?? name,
    name: plan?.name ?? `replay of ${name}`,
    attempt: 1,
    verdict,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    why: [judged.endedBy, why].filter((text) => text !== undefined).join('; ') || undefined,
    expectedFailure: plan?.expectFailure,
    capture: { file: name, frames, dropped, ...(quality.length === 0 ? {} : { quality }) },
    clients: [...clients],
  };
  return {
    schema: 1,
    verdict: scenario.verdict,
    startedAt: startedAt.toISOString(),
    durationMs: scenario.durationMs,
    host: hostFacts({ accel: 'none', reason: how }, { node: process.versions.node }),
    scenarios: [scenario],
  };
}

/** The client that is asked for, or all. */
export function onlyClient(clients: readonly ClientResult[], address: string | undefined): readonly ClientResult[] {
  return address === undefined ? clients : clients.filter((client) => hasAddress(client, address));
}

/** The record that a capture ends in, as a flaw of the capture. */
function truncationFlaw(frames: number, truncated: Truncation | undefined): CaptureFlaw[] {
  if (truncated === undefined) return [];
  const what = `the capture ends in the middle of a record, or is damaged there: ${truncated.reason} (byte ${truncated.atByte}); what came after ${plural(frames, 'frame')} is not in the verdict: copy the file once more, or end the capture before it is copied`;
  return [{ kind: 'truncated', frames: 1, firstFrame: frames + 1, what }];
}

/** Frames that the kernel lost while it captured, as a flaw of the capture. */
function lossFlaw(dropped: number): CaptureFlaw[] {
  if (dropped === 0) return [];
  const what = `the kernel lost ${plural(dropped, 'frame')} while it captured: what they said is not known; capture on a host with less to do`;
  return [{ kind: 'gap', frames: dropped, what }];
}

/** What limits the verdict on a capture: said, never hidden. */
function limitsOf(
  frames: number,
  dropped: number,
  truncated: Truncation | undefined,
  { cutFrames, quality, leftOutOfBoots }: JudgedCapture['judge'],
): string | undefined {
  const limit = limitOf(quality);
  const limits = [
    ...(truncated === undefined
      ? []
      : [
          `the capture is truncated: ${truncated.reason} (byte ${truncated.atByte}); the verdict covers the ${frames} frames before`,
        ]),
    ...(dropped === 0 ? [] : [`the kernel lost ${plural(dropped, 'frame')} while it captured`]),
    ...(cutFrames === 0
      ? []
      : [
          `${cutFrames} of ${frames} frames ${cutFrames === 1 ? 'was cut while it was' : 'were cut while they were'} captured (snap length), so what ${cutFrames === 1 ? 'it' : 'they'} said is not known; capture whole frames: tcpdump -s 0`,
        ]),
    ...(leftOutOfBoots === 0
      ? []
      : [`more clients boot than can be judged: ${plural(leftOutOfBoots, 'DHCP message')} of others left out`]),
    ...(limit === undefined ? [] : [limit]),
  ];
  return limits.length === 0 ? undefined : limits.join('; ');
}
