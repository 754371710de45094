import { openCaptureFile } from '#tcpdump-wrapper/capture-file';
import type { Result, ScenarioResult } from '../../../reports/result.ts';
import { worstVerdict } from '../../../reports/worst-verdict.ts';
import { followedMacs } from '../../plan/followed.ts';
import type { Plan } from '../../plan/plan.ts';
import { createJudge } from '../../verdict/judge.ts';
import { configuredPorts } from '../../verdict/plan-facts.ts';
import { createFrameLedger } from './frame-ledger.ts';
import { hostFacts } from '../host-facts.ts';
import { readJudgedWith } from '../judged-with.ts';

/**
 * Judges a capture file with the state machines of a live run; `frames` accounts for each of its frames. Throws
 * CaptureFormatError for a file that is no capture.
 */
export async function replayCapture(
  file: string,
  plan?: Plan,
  options: { readonly frames?: boolean } = {},
): Promise<Result> {
  const startedAt = new Date();
  const [source, live] = await Promise.all([openCaptureFile(file, { keepFrames: false }), readJudgedWith(file)]);
  const ledger = options.frames ? createFrameLedger(source.linkType, configuredPorts(plan?.services ?? [])) : undefined;
  const judge = createJudge({
    linkType: source.linkType,
    clients: plan?.clients ?? [],
    ...(plan ? { plan } : {}),
    ...(live ? { startUs: live.startUs } : {}),
    ...(ledger ? { onEvent: ledger.event } : {}),
  });
  for (const { mac, atUs } of live?.poweredOn ?? []) judge.poweredOn(mac, atUs);
  // A story that others wait for was closed when it was over; every other one is closed with the capture.
  const followed = followedMacs(plan?.clients ?? []);
  for (const { mac, atUs, reason } of live?.ended ?? []) if (followed.has(mac)) judge.ended(mac, atUs, reason);
  let frames = 0;
  for await (const batch of source.batches()) {
    judge.frames(batch);
    ledger?.frames(batch);
    frames += batch.length;
  }
  if (live) {
    judge.advance(live.endUs);
    for (const { mac, atUs, reason } of live.ended) if (!followed.has(mac)) judge.ended(mac, atUs, reason);
  }
  const clients = judge.finish();
  const why = unjudgeable(frames, clients.length, source.truncated);
  const scenario: ScenarioResult = {
    id: plan?.id ?? 'replay',
    file: plan?.file ?? file,
    name: plan?.name ?? `replay of ${file}`,
    attempt: 1,
    verdict: clients.length === 0 ? 'skipped' : worstVerdict(clients.map((client) => client.verdict)),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    why,
    expectedFailure: plan?.expectFailure,
    capture: { file, frames, dropped: 0 },
    clients,
    frames: ledger?.accounts(clients, live?.startUs),
  };
  return {
    schema: 1,
    verdict: scenario.verdict,
    startedAt: startedAt.toISOString(),
    durationMs: scenario.durationMs,
    host: hostFacts({ accel: 'none', reason: 'a capture was replayed: no VM ran' }, { node: process.versions.node }),
    scenarios: [scenario],
  };
}

/** What limits the verdict on a capture file: said, never hidden. */
function unjudgeable(
  frames: number,
  clients: number,
  truncated: { readonly reason: string; readonly atByte: number } | undefined,
): string | undefined {
  if (truncated)
    return `the capture is truncated: ${truncated.reason} (byte ${truncated.atByte}); the verdict covers the ${frames} frames before`;
  if (frames === 0) return 'the capture has no frames';
  return clients === 0
    ? `no frame of ${frames} belongs to a booting client: there is no DHCP request, TFTP read request or logon`
    : undefined;
}
