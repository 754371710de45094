import { readdir } from 'node:fs/promises';
import {
  captureLive,
  CaptureDiedError,
  createCaptureWriter,
  type CaptureSource,
  type LiveCapture,
} from '#tcpdump-wrapper';
import type { FrameAccount, Result, Step } from '../../../reports/result.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';
import { knowsOtherUsers } from '../../lab/namespaces.ts';
import type { Plan } from '../../plan/plan.ts';
import { configuredPorts } from '../../verdict/expectations/plan-facts.ts';
import { CAPTURE_LAG_US, TICK_MS } from '../capture-lag.ts';
import { watchForStandstills } from '../standstill-watch.ts';
import { createFrameLedger } from './frame-ledger.ts';
import { judgeSource, type ReplayOptions, type WatchedClient } from './replay.ts';

/** tcpdump listens within a fraction of this, unless the host is busy. */
const START_DEADLINE_MS = 10_000;

/** What is to be watched, and until when. */
export interface WatchOptions extends Omit<ReplayOptions, 'name'> {
  readonly interface: string;
  /** Where the capture goes; needed for `decodeInto` and for accounts of frames. */
  readonly file: string | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly onListening: () => void;
  /** Called as each step is settled. */
  readonly onStep: (client: WatchedClient, step: Step) => void;
  /** The capture has ended although nobody asked for it, because the interface is gone, for one. */
  readonly onEnded: (reason: string) => void;
}

/** An interface that cannot be watched; the message is one sentence with the way on. */
export class UnwatchableInterfaceError extends Error {
  override readonly name = 'UnwatchableInterfaceError';
}

/**
 * Judges what passes on an interface while it happens, until `signal` or until nothing can come any more: the same
 * judge and the same Result as those of a replay. `frames` accounts for the frames, where they are kept. Throws UnwatchableInterfaceError.
 */
export async function watchInterface(
  plan: Plan | undefined,
  options: WatchOptions,
): Promise<{ readonly result: Result; readonly frames: AsyncIterable<FrameAccount[]> | undefined }> {
  const { file } = options;
  const capture = await listen(options.interface);
  const stop = (): void => void capture.stop().catch(() => undefined);
  let tick: NodeJS.Timeout | undefined;
  let stoppedUs: number | undefined;
  const onAbort = (): void => {
    stoppedUs = Date.now() * 1000;
    stop();
  };
  try {
    const kept = new KeptFrames(capture, file);
    options.signal.addEventListener('abort', onAbort);
    if (options.signal.aborted) onAbort();
    options.onListening();
    const ledger = file === undefined ? undefined : createFrameLedger(configuredPorts(plan?.services ?? []));
    const { client, decodeInto } = options;
    const { result, judgedClients, startUs } = await judgeSource({
      name: options.interface,
      file,
      source: kept,
      plan,
      ledger,
      ...(client === undefined ? {} : { client }),
      ...(options.profiles === undefined ? {} : { profiles: options.profiles }),
      ...(decodeInto === undefined ? {} : { decodeInto }),
      watch: {
        onStep: options.onStep,
        onBegin: (judge) => {
          const standstills = watchForStandstills((span) => judge.stoodStill(span));
          // Time begins with the first frame, as in the capture.
          tick = setInterval(() => {
            standstills.look();
            if (kept.frames > 0) judge.advance(Date.now() * 1000 - CAPTURE_LAG_US);
          }, TICK_MS);
        },
        endUs: () => stoppedUs ?? Date.now() * 1000,
        endedBy: () => {
          const reason = kept.death && `the capture of ${options.interface} ended by itself: ${reasonOf(kept.death)}`;
          if (reason !== undefined) options.onEnded(reason);
          return reason;
        },
      },
    });
    return { result, frames: file === undefined ? undefined : ledger?.accounts(file, judgedClients, startUs) };
  } finally {
    clearInterval(tick);
    options.signal.removeEventListener('abort', onAbort);
    await capture.close();
  }
}

/** The frames of a live capture up to its end, however it comes; written as they pass when there is a file for them. */
class KeptFrames implements CaptureSource {
  readonly #capture: LiveCapture;
  readonly #file: string | undefined;
  frames = 0;
  /** Why the capture ended by itself. */
  death: CaptureDiedError | undefined;

  constructor(capture: LiveCapture, file: string | undefined) {
    this.#capture = capture;
    this.#file = file;
  }

  get linkType(): number {
    return this.#capture.linkType;
  }

  get dropped(): number | undefined {
    return this.#capture.dropped;
  }

  async *batches(): ReturnType<LiveCapture['batches']> extends AsyncIterable<infer Batch>
    ? AsyncGenerator<Batch>
    : never {
    const file = this.#file;
    const writer =
      file === undefined
        ? undefined
        : await createCaptureWriter(file, { linkType: this.linkType, format: 'pcap' }).catch(unwritten(file));
    try {
      for await (const batch of this.#capture.batches()) {
        let room = true;
        for (const frame of batch) room = writer?.write(frame) ?? true;
        if (!room) await writer?.drained().catch(unwritten(file ?? ''));
        this.frames += batch.length;
        yield batch;
      }
    } catch (error) {
      if (!(error instanceof CaptureDiedError)) throw error;
      this.death = error;
    } finally {
      await (file === undefined ? undefined : writer?.close().catch(unwritten(file)));
      // Until then its counters are not known.
      await this.#capture.ended;
    }
  }

  close(): Promise<void> {
    return this.#capture.close();
  }
}

async function listen(name: string): Promise<LiveCapture> {
  try {
    return await captureLive({
      interface: name,
      startDeadlineMs: START_DEADLINE_MS,
      // Ctrl-C of a terminal goes to a whole process group; tcpdump is to end when it is told to, with all its frames.
      argvPrefix: ['setsid'],
      ...((await knowsOtherUsers()) ? {} : { user: 'root' }),
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    throw (await explained(name, said)) ?? error;
  }
}

/** In one sentence, what tcpdump says of rights and of names. */
async function explained(name: string, said: string): Promise<Error | undefined> {
  if (/permission|not permitted/i.test(said))
    return new UnwatchableInterfaceError(
      `${name}: expected the right to capture (CAP_NET_RAW), got “Operation not permitted”: run this as root (sudo), or give it to tcpdump once: sudo setcap cap_net_raw+ep "$(command -v tcpdump)"`,
    );
  if (/no such device|not up|doesn't exist/i.test(said)) {
    const there = await readdir('/sys/class/net').catch(() => []);
    return new UnwatchableInterfaceError(
      `${name}: expected an interface of this host that is up (${there.sort().join(', ')}, any), got one that tcpdump cannot open: ${lastLine(said)}`,
    );
  }
  return undefined;
}

/** What tcpdump said of its own end, else how it ended. */
function reasonOf({ stderr, why }: CaptureDiedError): string {
  const said = /^tcpdump: pcap_loop: (.*)$/m.exec(stderr)?.[1];
  return said === undefined ? `tcpdump: ${why}` : `tcpdump says “${said}”`;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
