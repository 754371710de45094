import { join } from 'node:path';
import type { ClientResult, ScenarioResult } from '../../reports/result.ts';
import { worstVerdict } from '../../reports/worst-verdict.ts';
import { TaskStack } from '../lab/task.ts';
import type { ClientPlan } from '../plan/plan.ts';
import type { InstalledDisk } from './after.ts';
import { untilStoryEnds, type StoryEnd } from './boot-story.ts';
import { writeDecodedFrames } from './evidence.ts';
import { writeJudgedWith } from './judged-with.ts';
import { LabFailure } from './lab-failure.ts';
import type { LabJob, LabMessage } from './lab-protocol.ts';
import { judgeLive, type LiveJudging } from './live-judge.ts';
import { consoleLog, type BootingClient, type PowerContext } from './booting-client.ts';
import { prepareLab, type PreparedLab } from './prepare-lab.ts';

/** Boots one Plan inside a lab that this process is the first process of. Always resolves: what breaks in the lab is verdict `error`. */
export async function bootScenario(job: LabJob, emit: (message: LabMessage) => void, signal: AbortSignal): Promise<ScenarioResult> {
  const { plan } = job;
  const startedAt = new Date();
  const stack = new TaskStack(({ title, state, durationMs }) => emit({ type: 'lab-step', title, state, ...(durationMs === undefined ? {} : { durationMs }) }));
  const lab = new LabFailure(signal);
  let powerOnMs: number | undefined;
  const context: PowerContext = { job, emit, runMs: () => (powerOnMs === undefined ? 0 : performance.now() - powerOnMs), labFailed: (error) => lab.fail(error) };
  let outcome: Outcome;
  try {
    const prepared = await lab.orFail(prepareLab(context, stack, lab));
    powerOnMs = performance.now();
    outcome = await boot(prepared, context, lab);
  } catch (error) {
    outcome = { clients: [], why: messageOf(error) };
  }
  const unwound = await stack.unwind();
  const labError = outcome.why ?? unwound[0]?.message;
  const clients = outcome.clients.length > 0 ? outcome.clients : plan.clients.map((client) => unjudged(client, labError ?? 'the lab broke'));
  const why = labError ?? clients.find((client) => client.verdict !== 'passed')?.why;
  return {
    id: plan.id, file: plan.file, name: plan.name, tags: [...plan.tags], attempt: job.attempt,
    verdict: labError === undefined ? worstVerdict(clients.map((client) => client.verdict)) : 'error',
    startedAt: startedAt.toISOString(), durationMs: Date.now() - startedAt.getTime(),
    ...(why === undefined ? {} : { why }),
    ...(plan.expectFailure ? { expectedFailure: plan.expectFailure } : {}),
    ...(outcome.capture ? { capture: outcome.capture } : {}),
    labTimings: stack.timings.map(({ title, startMs, durationMs }) => ({ title, startMs: Math.max(0, startMs), durationMs })),
    rerun: [...job.rerun],
    clients,
  };
}

interface Outcome {
  readonly clients: ClientResult[];
  readonly capture?: NonNullable<ScenarioResult['capture']>;
  /** Why there is no verdict: the lab's own failure. Steps that were judged until then are kept. */
  readonly why?: string;
}

/** From power-on to the evidence. A lab that breaks on the way still hands over what was judged. */
async function boot({ capture, clients }: PreparedLab, context: PowerContext, lab: LabFailure): Promise<Outcome> {
  const { job, emit } = context;
  const judging = await judgeLive(capture, {
    plan: job.plan, captureFile: join(job.evidenceFolder, 'capture.pcap'), full: job.fullCapture,
    onStep: (client, step) => emit({ type: 'step', client, step }),
  });
  judging.drained.catch((error: unknown) => lab.fail(error));
  let ends: StoryEnd[] = [];
  let disks: (InstalledDisk | undefined)[] = [];
  let why: string | undefined;
  const endUs = { at: 0 };
  let stopped: ReturnType<PreparedLab['capture']['stop']> | undefined;
  const stopCapture = (): NonNullable<typeof stopped> => {
    endUs.at ||= Date.now() * 1000;
    return (stopped ??= capture.stop());
  };
  try {
    await Promise.all(clients.map((client) => client.begin()));
    ends = await lab.orFail(untilStoryEnds(clients, judging, job.plan));
    // The capture is drained while installed disks boot: they have nothing to do with one another.
    [, disks] = await lab.orFail(Promise.all([stopCapture(), Promise.all(clients.map((one, index) => installedDisk(one, index, ends, judging, context)))]));
  } catch (error) {
    why = messageOf(error);
  }
  // A capture that died says so here, too; what it had delivered before is judged all the same.
  const counters = await stopCapture().catch((error: unknown) => void (why ??= messageOf(error)));
  await judging.drained.catch((error: unknown) => void (why ??= messageOf(error)));
  if (counters && counters.dropped > 0) why ??= `the capture lost ${counters.dropped} of ${counters.received} frames: no verdict (fewer --workers, or an idle machine)`;
  const ended = ends.map(({ client: { client }, atUs, reason }) => ({ mac: client.mac, atUs, reason }));
  await writeJudgedWith(job.evidenceFolder, { startUs: judging.startUs, endUs: endUs.at, ended });
  const results = (why === undefined ? judging.finish({ endUs: endUs.at, ended }) : judging.breakOff(why)).map((result) => withGuest(result, clients, disks, job));
  await writeDecodedFrames(join(job.evidenceFolder, 'capture.pcap'), results, judging.startUs, job.evidenceFolder);
  return {
    clients: results,
    capture: { file: join(job.evidencePath, 'capture.pcap'), frames: judging.frames(), dropped: counters?.dropped ?? 0, link: 'ethernet' },
    ...(why === undefined ? {} : { why }),
  };
}

/** Looks at the disk of a client whose guest ended its installation by itself. Only then is what looks at disks loaded. */
async function installedDisk(one: BootingClient, index: number, ends: readonly StoryEnd[], judging: LiveJudging, context: PowerContext): Promise<InstalledDisk | undefined> {
  const { plan } = context.job;
  if (!plan.after || judging.hasFailedStep() || !ends.some((end) => end.client === one)) return undefined;
  const { checkInstalledDisk } = await import('./after.ts');
  return checkInstalledDisk(one, index, plan, context);
}

/** Adds what the guest said and what its disk holds. Disk differences fail the client: the second kind of evidence, named as such. */
function withGuest(result: ClientResult, clients: readonly BootingClient[], disks: readonly (InstalledDisk | undefined)[], job: LabJob): ClientResult {
  const index = clients.findIndex((one) => one.client.mac === result.mac);
  const one = clients[index];
  if (!one) return result;
  const disk = disks[index];
  const why = result.verdict === 'passed' ? disk?.why : withAgentsWord(result, one);
  return {
    ...result,
    ...(why === undefined ? {} : { verdict: 'failed' as const, why }),
    guest: { agent: [...one.agent, ...(disk?.agent ?? [])], ...(disk?.disk ? { disk: disk.disk } : {}), ...(disk?.joined ? { joined: disk.joined } : {}) },
    serialLog: consoleLog(one.client, job),
    screenshots: [...one.screenshots, ...(disk?.screenshots ?? [])],
    argv: [...one.argv],
  };
}

/** A failure's reason with what the agent said of its own: it explains what the wire has shown, and decides nothing. */
function withAgentsWord({ verdict, why }: ClientResult, { agent }: BootingClient): string | undefined {
  const error = agent.findLast(({ event }) => event === 'agent.result')?.detail?.['error'];
  return verdict === 'failed' && typeof error === 'string' ? `${why ?? 'the client failed'} (the agent in the guest says: ${error})` : undefined;
}

function unjudged(client: ClientPlan, why: string): ClientResult {
  return { name: client.name, mac: client.mac, firmware: client.firmware, nic: client.nic, verdict: 'error', why, steps: [], phases: {}, transfers: [] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
