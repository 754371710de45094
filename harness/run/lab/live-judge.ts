import { createCaptureWriter, type LiveCapture } from '#tcpdump-wrapper';
import type { ClientResult, Step, Verdict } from '../../../reports/result.ts';
import { followedMacs } from '../../plan/followed.ts';
import type { Plan } from '../../plan/plan.ts';
import { ChosenPorts } from '../../protocols/chosen-ports.ts';
import type { DissectHints } from '../../protocols/dissect.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';
import { networkStarts } from '../../verdict/boot/network-starts.ts';
import { configuredPorts } from '../../verdict/expectations/plan-facts.ts';
import type { Profile } from '../../profiles/profile.ts';
import { createJudge } from '../../verdict/judge.ts';
import type { ClientEnd } from '../../verdict/judge-types.ts';
import { macBytes } from '../../packet/addresses.ts';
import { CAPTURE_LAG_US, TICK_MS } from '../capture-lag.ts';
import type { JudgedWith } from '../judged-with.ts';
import type { Standstill } from '../../verdict/machines/standstills.ts';
import { watchForStandstills } from '../standstill-watch.ts';

/** In an Ethernet frame, after the receiver's address. */
const SOURCE_MAC_AT = 6;

export interface LiveJudging {
  readonly startUs: number;
  /** Resolves when no further frame can change this client's verdict; stays pending otherwise. */
  settled(mac: string): Promise<void>;
  /** Its verdict, if there is one by now. */
  verdictOf(mac: string): Verdict | undefined;
  readonly hasFailedStep: (mac: string) => boolean;
  /** How many frames this client has sent so far. */
  readonly framesFrom: (mac: string) => number;
  /** Power comes on for a client that starts after another: now. */
  poweredOn(mac: string): void;
  /** Resolves when from now on this client's firmware asks for an address and then loads something from a server. */
  startsFromNetwork(mac: string): Promise<void>;
  /** A client has ended. */
  ended(end: ClientEnd): void;
  /** Facts that the judge has had so far besides the frames. */
  told(): Pick<JudgedWith, 'startUs' | 'poweredOn' | 'stoodStill' | 'ended'>;
  /** For how long the host has stood still so far. */
  stoodStillMs(): number;
  readonly frames: () => number;
  /** What a dissector of this capture needs to know besides the frames. */
  readonly dissectHints: DissectHints;
  /** Ends when the capture has been drained and every frame is judged and written; rejects when that broke. */
  readonly drained: Promise<void>;
  /** Closes every machine; first gives the judge the end of the capture and of each client, as a replay will. */
  finish(endUs: number): ClientResult[];
  /**
   * What was judged before the lab broke, without a verdict: what only fails because the capture is over is left out.
   */
  breakOff(why: string, verdict: 'error' | 'failed'): ClientResult[];
}

export interface LiveJudgeOptions {
  readonly plan: Plan;
  /** Evidence: the capture as it is kept, bulk payload trimmed. */
  readonly captureFile: string;
  /** Keep bulk payload too. */
  readonly full: boolean;
  /** Profiles of the user's own. */
  readonly profiles?: readonly Profile[] | undefined;
  readonly onStep: (client: string, step: Step) => void;
}

/**
 * Feeds a live capture to the judge and to the evidence file, and gives the judge the time when nothing comes. Time
 * begins now: power on.
 */
export async function judgeLive(capture: LiveCapture, options: LiveJudgeOptions): Promise<LiveJudging> {
  const { plan } = options;
  const writer = await createCaptureWriter(options.captureFile, {
    linkType: capture.linkType,
    format: 'pcap',
  }).catch(unwritten(options.captureFile));
  const startUs = Date.now() * 1000;
  let frames = 0;
  const sent = new Map<number, number>();
  const failedSteps = new Set<string>();
  const failedClients = new Set<string>();
  const chosen = new ChosenPorts();
  const starts = networkStarts();
  const stepKey = (mac: string, { step, atMs }: Step): string => `${mac} ${step} ${atMs}`;
  const judge = createJudge({
    linkType: capture.linkType,
    startUs,
    plan,
    clients: plan.clients,
    ...(options.profiles === undefined ? {} : { profiles: options.profiles }),
    onEvent: (event) => {
      chosen.event(event);
      starts.event(event);
    },
    onStep: (mac, step) => {
      if (step.verdict === 'failed') {
        failedSteps.add(stepKey(mac, step));
        failedClients.add(mac);
      }
      options.onStep(plan.clients.find((client) => client.mac === mac)?.name ?? mac, step);
    },
  });
  const unsettled = new Map(plan.clients.map(({ mac }) => [mac, Promise.withResolvers<undefined>()]));
  const settle = (): void => {
    for (const [mac, { resolve }] of unsettled) if (judge.isSettled(mac)) resolve(undefined);
  };
  const poweredOn: { mac: string; atUs: number }[] = [];
  const ended: ClientEnd[] = [];
  const followed = followedMacs(plan.clients);
  const stoodStill: Standstill[] = [];
  const standstills = watchForStandstills((span) => {
    stoodStill.push(span);
    judge.stoodStill(span);
  });
  const tick = setInterval(() => {
    standstills.look();
    judge.advance(Date.now() * 1000 - CAPTURE_LAG_US);
    settle();
  }, TICK_MS);
  const drain = async (): Promise<void> => {
    try {
      for await (const batch of capture.batches()) {
        standstills.look();
        const keep = judge.frames(batch);
        for (const { bytes } of batch) {
          const sender = macNumber(bytes, SOURCE_MAC_AT);
          sent.set(sender, (sent.get(sender) ?? 0) + 1);
        }
        let room = true;
        for (const [index, frame] of batch.entries())
          room = writer.write(frame, options.full ? undefined : keep[index]);
        if (!room) await writer.drained().catch(unwritten(options.captureFile));
        frames += batch.length;
        settle();
      }
    } finally {
      clearInterval(tick);
      await writer.close().catch(unwritten(options.captureFile));
    }
  };
  return {
    startUs,
    dissectHints: { ports: configuredPorts(plan.services), udpPorts: chosen.byProtocol },
    settled: (mac) => unsettled.get(mac)?.promise ?? Promise.reject(new Error(`no client has the MAC address ${mac}`)),
    verdictOf: (mac) => judge.verdictOf(mac),
    hasFailedStep: (mac) => failedClients.has(mac),
    framesFrom: (mac) => sent.get(macNumber(macBytes(mac), 0)) ?? 0,
    poweredOn(mac) {
      const atUs = Date.now() * 1000;
      poweredOn.push({ mac, atUs });
      judge.poweredOn(mac, atUs);
    },
    startsFromNetwork: (mac) => starts.of(mac),
    ended(end) {
      ended.push(end);
      // The others are closed with the capture: frames that it still delivers belong to them, too.
      if (followed.has(end.mac)) judge.ended(end);
    },
    told: () => ({
      startUs,
      ...(poweredOn.length === 0 ? {} : { poweredOn }),
      ...(stoodStill.length === 0 ? {} : { stoodStill }),
      ended,
    }),
    stoodStillMs: () => stoodStill.reduce((sum, { fromUs, toUs }) => sum + (toUs - fromUs) / 1000, 0),
    frames: () => frames,
    drained: drain(),
    finish(endUs) {
      judge.advance(endUs);
      for (const end of ended) if (!followed.has(end.mac)) judge.ended(end);
      return judge.finish();
    },
    breakOff(why, verdict) {
      const failedBefore = new Set(failedSteps);
      return judge.finish().map((client) => ({
        ...client,
        verdict,
        why,
        steps: client.steps.filter((step) => step.verdict !== 'failed' || failedBefore.has(stepKey(client.mac, step))),
      }));
    },
  };
}

/** Six bytes as a number: 48 bits are exact in one. */
function macNumber(bytes: ArrayLike<number>, at: number): number {
  let number = 0;
  for (let i = at; i < at + 6; i++) number = number * 256 + (bytes[i] ?? 0);
  return number;
}
