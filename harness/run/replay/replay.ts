import type { Truncation } from '#tcpdump-wrapper';
import { addressOf, hasAddress } from '../../../reports/client-addresses.ts';
import type { ClientResult, FrameAccount, Result, ScenarioResult } from '../../../reports/result.ts';
import { plural } from '../../../reports/text.ts';
import type { CaptureFlaw } from '../../observe/door/quality.ts';
import { followedMacs } from '../../plan/followed.ts';
import type { Frame } from '../../packet/frame.ts';
import { decodeFrame } from '../../packet/packet.ts';
import type { Plan } from '../../plan/plan.ts';
import { limitOf } from '../../verdict/capture-limit.ts';
import { createJudge } from '../../verdict/judge.ts';
import type { Judge } from '../../verdict/judge-types.ts';
import { configuredPorts } from '../../verdict/plan-facts.ts';
import { ChosenPorts } from '../../protocols/chosen-ports.ts';
import { writeDecodedFrames } from '../decoded-frames.ts';
import { captureVerdict } from './capture-verdict.ts';
import { createFrameLedger, type FrameLedger } from './frame-ledger.ts';
import { captureName, openCapture } from '../open-capture.ts';
import { UnusableCaptureError } from './unusable-capture-error.ts';
import { hostFacts } from '../host-facts.ts';
import { readJudgedWith } from '../judged-with.ts';

/** Of the one scenario in the Result of a replay without a scenario. */
export const REPLAY_ID = 'replay';

/** What a replay is to do besides the verdict. */
export interface ReplayOptions {
  /** Folder for `frames.json`: the frames that steps name, decoded, as a report shows them. */
  readonly decodeInto?: string;
  /** MAC or IP address of the one client to judge, whether or not it boots; absent: every client that boots. */
  readonly client?: string;
  /** What messages and the Result call the capture; default: its file. */
  readonly name?: string;
}

/**
 * Judges a capture file with the state machines of a live run. Throws CaptureFormatError for a file that is no capture,
 * and UnusableCaptureError for one that shows no client, or not the one that `client` names.
 */
export async function replayCapture(file: string, plan?: Plan, options: ReplayOptions = {}): Promise<Result> {
  return (await judgeCapture(file, plan, options)).result;
}

/** The same, and an account of each of the capture's frames, for which the file is read again. */
export async function replayWithFrames(
  file: string,
  plan?: Plan,
  options: ReplayOptions = {},
): Promise<{ readonly result: Result; readonly frames: AsyncIterable<FrameAccount[]> }> {
  const ledger = createFrameLedger(configuredPorts(plan?.services ?? []));
  const { result, judgedClients, startUs } = await judgeCapture(file, plan, options, ledger);
  return { result, frames: ledger.accounts(file, judgedClients, startUs) };
}

/** `judgedClients`: also those that were not asked for. `startUs`: what times count from, where it is not the first frame. */
async function judgeCapture(
  file: string,
  plan: Plan | undefined,
  options: ReplayOptions,
  ledger?: FrameLedger,
): Promise<{
  readonly result: Result;
  readonly judgedClients: readonly ClientResult[];
  readonly startUs: number | undefined;
}> {
  const startedAt = new Date();
  const name = options.name ?? captureName(file);
  const [source, live] = await Promise.all([openCapture(file, name), readJudgedWith(file)]);
  const ports = configuredPorts(plan?.services ?? []);
  const chosen = options.decodeInto === undefined ? undefined : new ChosenPorts();
  const judge = createJudge({
    linkType: source.linkType,
    clients: plan?.clients ?? [],
    ...(plan ? { plan } : {}),
    // The lab's own capture is whole and has a known end; any other is not to be trusted.
    ...(live ? { startUs: live.startUs } : { openEnd: true, door: ledger ? { onCopy: ledger.copy } : {} }),
    onEvent: (event) => {
      ledger?.event(event);
      chosen?.event(event);
    },
  });
  for (const { mac, atUs } of live?.poweredOn ?? []) judge.poweredOn(mac, atUs);
  // A story that others wait for was closed when it was over; every other one is closed with the capture.
  const followed = followedMacs(plan?.clients ?? []);
  for (const end of live?.ended ?? []) if (followed.has(end.mac)) judge.ended(end);
  let frames = 0;
  let decodable = false;
  for await (const batch of source.batches()) {
    judge.frames(batch);
    decodable ||= batch.some((frame) => isDecodable(frame, source.linkType));
    frames += batch.length;
  }
  if (live) {
    judge.advance(live.endUs);
    for (const end of live.ended) if (!followed.has(end.mac)) judge.ended(end);
  }
  const judgedClients = judge.finish();
  const clients = onlyClient(judgedClients, options.client);
  if (options.decodeInto !== undefined)
    await writeDecodedFrames(file, clients, live?.startUs, options.decodeInto, {
      ports,
      ...(chosen === undefined ? {} : { udpPorts: chosen.byProtocol }),
    });
  // A lab's own capture may be empty: its VM said nothing, and the scenario may expect that.
  if (!live && (!decodable || judgedClients.length === 0))
    throw new UnusableCaptureError(name, {
      frames,
      decodable,
      undecoded: judge.undecoded,
      truncated: source.truncated,
    });
  if (options.client !== undefined && clients.length === 0)
    throw new UnusableCaptureError(name, {
      wanted: options.client,
      addresses: judgedClients.map(addressOf),
    });
  const { verdict, why } = captureVerdict(clients, {
    named: plan !== undefined || options.client !== undefined,
    limits: limitsOf(frames, source.truncated, judge),
  });
  const quality = [...judge.quality, ...truncationFlaw(frames, source.truncated)];
  const scenario: ScenarioResult = {
    id: plan?.id ?? REPLAY_ID,
    file: plan?.file ?? name,
    name: plan?.name ?? `replay of ${name}`,
    attempt: 1,
    verdict,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    why,
    expectedFailure: plan?.expectFailure,
    capture: {
      file: name,
      frames,
      dropped: 0,
      ...(quality.length === 0 ? {} : { quality }),
    },
    clients: [...clients],
  };
  const result: Result = {
    schema: 1,
    verdict: scenario.verdict,
    startedAt: startedAt.toISOString(),
    durationMs: scenario.durationMs,
    host: hostFacts({ accel: 'none', reason: 'a capture was replayed: no VM ran' }, { node: process.versions.node }),
    scenarios: [scenario],
  };
  return { result, judgedClients, startUs: live?.startUs };
}

/** The client that is asked for, or all. */
function onlyClient(clients: readonly ClientResult[], address: string | undefined): readonly ClientResult[] {
  return address === undefined ? clients : clients.filter((client) => hasAddress(client, address));
}

/** The record that a capture ends in, as a flaw of the capture. */
function truncationFlaw(frames: number, truncated: Truncation | undefined): CaptureFlaw[] {
  if (truncated === undefined) return [];
  const what = `the capture ends in the middle of a record, or is damaged there: ${truncated.reason} (byte ${truncated.atByte}); what came after ${plural(frames, 'frame')} is not in the verdict: copy the file once more, or end the capture before it is copied`;
  return [{ kind: 'truncated', frames: 1, firstFrame: frames + 1, what }];
}

/** RFC 826. */
const ETHERTYPE_ARP = 0x0806;

/** What limits the verdict on a capture file: said, never hidden. */
function limitsOf(
  frames: number,
  truncated: Truncation | undefined,
  { cutFrames, quality }: Pick<Judge, 'cutFrames' | 'quality'>,
): string | undefined {
  const limit = limitOf(quality);
  const limits = [
    ...(truncated === undefined
      ? []
      : [
          `the capture is truncated: ${truncated.reason} (byte ${truncated.atByte}); the verdict covers the ${frames} frames before`,
        ]),
    ...(cutFrames === 0
      ? []
      : [
          `${cutFrames} of ${frames} frames were cut while they were captured (snap length), so what they said is not known; capture whole frames: tcpdump -s 0`,
        ]),
    ...(limit === undefined ? [] : [limit]),
  ];
  return limits.length === 0 ? undefined : limits.join('; ');
}

function isDecodable(frame: Frame, linkType: number): boolean {
  const packet = decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength);
  return packet.ipv4 !== undefined || packet.ipv6 !== undefined || packet.ethernet?.etherType === ETHERTYPE_ARP;
}
