import type { BootingClient } from './booting-client.ts';
import { untilIdle } from './idle-watch.ts';

/**
 * After the verdict is settled: how long an agent may still need to show and report its own result. Mostly a tenth of a
 * second; a guest whose share is full first tries to write all that it holds, which took more than 4 s on a busy host.
 */
const AGENT_GRACE_MS = 20_000;
/** Beyond the scenario's own timeout, which the judge keeps by the capture's clock: then the lab is at fault. */
const TIMEOUT_MARGIN_MS = 15_000;

/** How one power-on of a client ended. */
export interface StoryEnd {
  readonly atUs: number;
  /** The guest brought it about; otherwise it was switched off. */
  readonly byItself?: string;
  /** It was ended because nothing moved any more: for how long, and its last words. */
  readonly idle?: string;
}

export interface StoryWaits {
  /** Resolves when no further frame can change the verdict. */
  readonly settled: Promise<void>;
  /**
   * Asked when the verdict is settled: whether the VM goes on until it ends by itself, because its disk is wanted.
   */
  readonly goesOn: () => boolean;
  readonly timeoutMs: number;
  /** For how long nothing may move; undefined: for ever. */
  readonly idleMs?: number | undefined;
  /** How many frames the client has sent. */
  readonly framesSent: () => number;
  /** For how long the host has stood still. */
  readonly stoodStillMs: () => number;
}

/**
 * Waits until nothing more is to be seen of a client: its VM ended by itself, or the verdict is settled and the
 * agent has said its own, or nothing moves any more, or time is up. Then powers off what still runs.
 */
export async function untilStoryEnds(
  client: BootingClient,
  { settled, goesOn, timeoutMs, idleMs, framesSent, stoodStillMs }: StoryWaits,
): Promise<StoryEnd> {
  const ends: StoryEnd[] = [];
  const ended = client.ended.then(({ reason }) => {
    ends.push({ atUs: Date.now() * 1000, byItself: reason });
  });
  const timeout = after(timeoutMs + TIMEOUT_MARGIN_MS, stoodStillMs);
  const verdict = settled.then(async () => {
    // Anything but a good boot whose disk is wanted ends with its verdict.
    if (goesOn()) {
      await timeout.elapsed;
      return;
    }
    const grace = after(AGENT_GRACE_MS);
    await Promise.race([agentDone(client), grace.elapsed]);
    grace.cancel();
  });
  const idling =
    idleMs === undefined ? undefined : untilIdle(idleMs, async () => framesSent() + (await client.wordsWritten()));
  const idle = idling?.idle.then(() => 'idle' as const);
  const first = await Promise.race([ended, timeout.elapsed, verdict, ...(idle ? [idle] : [])]).finally(() => {
    timeout.cancel();
    idling?.cancel();
  });
  const [byItself] = ends;
  const stuck = first === 'idle' && !byItself ? idleText(idleMs ?? 0, await client.lastWords()) : undefined;
  if (!byItself)
    await client.screenshot(stuck === undefined ? 'when the verdict was settled' : 'when nothing moved any more');
  await client.settle();
  if (!byItself) await client.powerOff();
  return byItself ?? { atUs: Date.now() * 1000, ...(stuck === undefined ? {} : { idle: stuck }) };
}

/** What a client is stuck at, as far as it says itself. */
function idleText(idleMs: number, words: readonly string[]): string {
  const last =
    words.length === 0 ? 'it wrote nothing' : `its last words: ${words.map((word) => `“${word}”`).join(', ')}`;
  return `it sent and wrote nothing for ${idleMs / 1000} s (idle-timeout); ${last}`;
}

/** Resolves when the guest has said how its own work ended, or when it never had an agent to say so. */
async function agentDone(client: BootingClient): Promise<void> {
  if (client.agent.length === 0) return;
  await Promise.race([client.seen('agent.result'), client.ended]);
}

/** Resolves when so much time is up, of which the time in which the host stood still is no part. */
function after(ms: number, stoodStillMs: () => number = () => 0): { elapsed: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let stillMs = stoodStillMs();
  const end = (): void => {
    const moreMs = stoodStillMs() - stillMs;
    stillMs += moreMs;
    if (moreMs > 0) timer = setTimeout(end, moreMs);
    else resolve(undefined);
  };
  let timer = setTimeout(end, ms);
  return { elapsed: promise, cancel: () => clearTimeout(timer) };
}
