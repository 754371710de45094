import type { BootingClient } from './booting-client.ts';

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
}

export interface StoryWaits {
  /** Resolves when no further frame can change the verdict. */
  readonly settled: Promise<void>;
  /**
   * Asked when the verdict is settled: whether the VM goes on until it ends by itself, because its disk is wanted.
   */
  readonly goesOn: () => boolean;
  readonly timeoutMs: number;
}

/**
 * Waits until nothing more is to be seen of a client: its VM ended by itself, or the verdict is settled and the
 * agent has said its own, or time is up. Then powers off what still runs.
 */
export async function untilStoryEnds(
  client: BootingClient,
  { settled, goesOn, timeoutMs }: StoryWaits,
): Promise<StoryEnd> {
  const ends: StoryEnd[] = [];
  const ended = client.ended.then(({ reason }) => {
    ends.push({ atUs: Date.now() * 1000, byItself: reason });
  });
  const timeout = after(timeoutMs + TIMEOUT_MARGIN_MS);
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
  await Promise.race([ended, timeout.elapsed, verdict]);
  timeout.cancel();
  const [byItself] = ends;
  if (!byItself) await client.screenshot('when the verdict was settled');
  await client.settle();
  if (!byItself) await client.powerOff();
  return byItself ?? { atUs: Date.now() * 1000 };
}

/** Resolves when the guest has said how its own work ended, or when it never had an agent to say so. */
async function agentDone(client: BootingClient): Promise<void> {
  if (client.agent.length === 0) return;
  await Promise.race([client.seen('agent.result'), client.ended]);
}

function after(ms: number): { elapsed: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return { elapsed: promise, cancel: () => clearTimeout(timer) };
}
