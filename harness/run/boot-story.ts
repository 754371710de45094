import type { Plan } from '../plan/plan.ts';
import type { LiveJudging } from './live-judge.ts';
import type { BootingClient } from './booting-client.ts';

/** After the verdict is settled: how long an agent may still need to show and report its own result. */
const AGENT_GRACE_MS = 4000;
/** Beyond the scenario's own timeout, which the judge keeps by the capture's clock: then the lab is at fault. */
const TIMEOUT_MARGIN_MS = 15_000;

/** How one power-on of a client ended by itself. */
export interface StoryEnd {
  readonly client: BootingClient;
  readonly atUs: number;
  readonly reason: string;
}

/**
 * Waits until nothing more is to be seen: all machines ended by themselves, or the verdict is settled and the agents have
 * said theirs, or time is up. Then powers off what still runs. Returns the machines that ended by themselves.
 */
export async function untilStoryEnds(clients: readonly BootingClient[], judging: Pick<LiveJudging, 'settled' | 'hasFailedStep'>, plan: Pick<Plan, 'after' | 'timeoutMs'>): Promise<StoryEnd[]> {
  const ends: StoryEnd[] = [];
  const allEnded = Promise.all(clients.map(async (client) => {
    const exit = await client.ended;
    ends.push({ client, atUs: Date.now() * 1000, reason: exit.reason });
  }));
  const timeout = after(plan.timeoutMs + TIMEOUT_MARGIN_MS);
  const verdict = judging.settled.then(async () => {
    // A good boot with an `after` goes on until the guest restarts by itself; anything else ends with its verdict.
    if (plan.after && !judging.hasFailedStep()) {
      await timeout.elapsed;
      return;
    }
    const grace = after(AGENT_GRACE_MS);
    await Promise.race([Promise.all(clients.map(agentDone)), grace.elapsed]);
    grace.cancel();
  });
  await Promise.race([allEnded, timeout.elapsed, verdict]);
  timeout.cancel();
  const byThemselves = [...ends];
  const running = clients.filter((client) => !byThemselves.some((end) => end.client === client));
  await Promise.all(running.map((client) => client.screenshot('when the verdict was settled')));
  await Promise.all(clients.map((client) => client.settle()));
  await Promise.all(running.map((client) => client.powerOff()));
  return byThemselves;
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
