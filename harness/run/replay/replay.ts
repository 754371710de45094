import type { CaptureSource } from '#tcpdump-wrapper';
import { addressOf } from '../../../reports/client-addresses.ts';
import type { ClientResult, FrameAccount, Result, Step } from '../../../reports/result.ts';
import { followedMacs } from '../../plan/followed.ts';
import type { Frame } from '../../packet/frame.ts';
import type { ClientAddresses } from '../../observe/client-registry.ts';
import { decodeFrame } from '../../packet/packet.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Profile } from '../../profiles/profile.ts';
import { createJudge } from '../../verdict/judge.ts';
import type { Judge } from '../../verdict/judge-types.ts';
import { configuredPorts } from '../../verdict/expectations/plan-facts.ts';
import { ChosenPorts } from '../../protocols/chosen-ports.ts';
import { writeDecodedFrames } from '../decoded-frames.ts';
import { captureResult, onlyClient } from './capture-result.ts';
import { createFrameLedger, type FrameLedger } from './frame-ledger.ts';
import { captureName, openCapture } from '../open-capture.ts';
import { UnusableCaptureError } from './unusable-capture-error.ts';
import { readJudgedWith, type JudgedWith } from '../judged-with.ts';

/** What a replay is to do besides the verdict. */
export interface ReplayOptions {
  /** Folder for `frames.json`: the frames that steps name, decoded, as a report shows them. */
  readonly decodeInto?: string;
  /** MAC or IP address of the one client to judge, whether or not it boots; absent: every client that boots. */
  readonly client?: string;
  /** Programs whose ways are known, before those that are bundled. */
  readonly profiles?: readonly Profile[];
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

async function judgeCapture(
  file: string,
  plan: Plan | undefined,
  options: ReplayOptions,
  ledger?: FrameLedger,
): Promise<Judged> {
  const name = options.name ?? captureName(file);
  const [source, live] = await Promise.all([openCapture(file, name), readJudgedWith(file)]);
  return judgeSource({ name, file, source, live, plan, ledger, ...options });
}

/** Frames to be judged, from a file or from an interface. */
export interface JudgedSource extends Omit<ReplayOptions, 'name'> {
  readonly name: string;
  /** Where the frames can be read again; undefined where they are not kept. */
  readonly file: string | undefined;
  readonly source: CaptureSource;
  /** What the live judge of a lab knew besides the frames. */
  readonly live?: JudgedWith | undefined;
  readonly plan: Plan | undefined;
  readonly ledger?: FrameLedger | undefined;
  /** For a capture that is made now. */
  readonly watch?: {
    readonly onStep: (client: WatchedClient, step: Step) => void;
    /** Called before the first frame; may tell the judge how time passes. */
    readonly onBegin: (judge: Judge) => void;
    /** Until when the interface was watched, epoch microseconds; called after the last frame. */
    readonly endUs: () => number;
    /** What ended the watch before anybody asked for it, in words; called after the last frame. */
    readonly endedBy: () => string | undefined;
  };
}

/** A client while it is watched. */
export interface WatchedClient {
  /** Its hardware address, or another name where the frames have none. */
  readonly name: string;
  /** What is known by now: which IP address it has shows only in the course of its boot. */
  addresses(): ClientAddresses;
}

/** What a capture came to. */
interface Judged {
  readonly result: Result;
  /** Also those that were not asked for. */
  readonly judgedClients: readonly ClientResult[];
  /** What times count from, where it is not the first frame. */
  readonly startUs: number | undefined;
}

/** Judges frames to their end. Throws UnusableCaptureError like replayCapture; an interface may show no client. */
export async function judgeSource(judged: JudgedSource): Promise<Judged> {
  const { name, file, source, live, plan, ledger, watch } = judged;
  const startedAt = new Date();
  const ports = configuredPorts(plan?.services ?? []);
  const chosen = judged.decodeInto === undefined ? undefined : new ChosenPorts();
  const profiles = judged.profiles ?? live?.profiles;
  const judge = createJudge({
    linkType: source.linkType,
    wanted: judged.client,
    ...(profiles === undefined ? {} : { profiles }),
    clients: plan?.clients ?? [],
    ...(plan ? { plan } : {}),
    // The lab's own capture is whole and has a known end; any other is not to be trusted.
    ...(live ? { startUs: live.startUs } : { openEnd: true, door: ledger ? { onCopy: ledger.copy } : {} }),
    ...(watch ? { onStep: (name, step) => watch.onStep({ name, addresses: () => judge.seen(name) }, step) } : {}),
    onEvent: (event) => {
      ledger?.event(event);
      chosen?.event(event);
    },
  });
  watch?.onBegin(judge);
  for (const span of live?.stoodStill ?? []) judge.stoodStill(span);
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
  if (watch && frames > 0) judge.advance(watch.endUs());
  const judgedClients = judge.finish();
  const clients = onlyClient(judgedClients, judged.client);
  if (judged.decodeInto !== undefined && file !== undefined)
    await writeDecodedFrames(file, clients, live?.startUs, judged.decodeInto, {
      ports,
      ...(chosen === undefined ? {} : { udpPorts: chosen.byProtocol }),
    });
  // A lab's own capture may be empty: its VM said nothing, and the scenario may expect that. So may an interface be.
  if (!live && !watch && (!decodable || judgedClients.length === 0))
    throw new UnusableCaptureError(name, {
      frames,
      cut: judge.incompleteFrames,
      decodable,
      undecoded: judge.undecoded,
      truncated: source.truncated,
    });
  if (judged.client !== undefined && clients.length === 0)
    throw new UnusableCaptureError(name, {
      wanted: judged.client,
      addresses: judgedClients.map(addressOf),
    });
  const result = captureResult({
    name,
    plan,
    startedAt,
    frames,
    truncated: source.truncated,
    endedBy: watch?.endedBy(),
    judge,
    clients,
    isNamed: plan !== undefined || judged.client !== undefined,
    dropped: source.dropped,
    how: watch ? 'an interface was watched: no VM ran' : 'a capture was replayed: no VM ran',
  });
  return { result, judgedClients, startUs: live?.startUs };
}

/** RFC 826. */
const ETHERTYPE_ARP = 0x0806;

function isDecodable(frame: Frame, linkType: number): boolean {
  const packet = decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength);
  return packet.ipv4 !== undefined || packet.ipv6 !== undefined || packet.ethernet?.etherType === ETHERTYPE_ARP;
}
