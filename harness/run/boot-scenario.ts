import { join } from 'node:path';
import { captureLive, createCaptureWriter, type LiveCapture } from 'tcpdump-wrapper';
import { worstVerdict, type ClientResult, type ScenarioResult } from '../../reports/result.ts';
import { BRIDGE, networkTask } from '../lab/network.ts';
import { privateFilesTask } from '../lab/private-files.ts';
import { serviceTask } from '../lab/service.ts';
import { TaskStack, type Task } from '../lab/task.ts';
import { treeTask } from '../lab/tree.ts';
import type { ClientPlan } from '../plan/plan.ts';
import { createJudge } from '../verdict/judge.ts';
import type { InstalledDisk } from './after.ts';
import { diskPath, machineSpec } from './client-machine.ts';
import { writeDecodedFrames } from './evidence.ts';
import { writeJudgedWith } from './judged-with.ts';
import type { LabJob, LabMessage } from './lab-protocol.ts';
import { judgeLive } from './live-judge.ts';
import { makeDisk, startClient, type PoweredClient, type PowerContext } from './powered-client.ts';
import { SERVICE_PROGRAMS } from './service-programs.ts';

const SERVICE_READY_MS = 20_000;
const CAPTURE_READY_MS = 10_000;
/** After the verdict is settled: how long an agent may still need to show and report its own result. */
const AGENT_GRACE_MS = 4000;
/** Beyond the scenario's own timeout, which the judge keeps by the capture's clock: then the lab is at fault. */
const TIMEOUT_MARGIN_MS = 15_000;

/** Boots one Plan inside a lab that this process is the first process of. Always resolves. */
export async function bootScenario(job: LabJob, emit: (message: LabMessage) => void, signal: AbortSignal): Promise<ScenarioResult> {
  const { plan } = job;
  const startedAt = new Date();
  const stack = new TaskStack(({ title, state, durationMs }) => emit({ type: 'lab-step', title, state, ...(durationMs === undefined ? {} : { durationMs }) }));
  const lab = new LabFailure(signal);
  let outcome: Outcome;
  try {
    outcome = await lab.orFail(boot(job, stack, lab, emit));
  } catch (error) {
    outcome = { clients: [], why: error instanceof Error ? error.message : String(error) };
  }
  const unwound = await stack.unwind();
  const why = outcome.why ?? unwound[0]?.message;
  const clients = outcome.clients.length > 0 ? outcome.clients : plan.clients.map((client) => unjudged(client, why ?? 'the lab broke'));
  const verdict = why === undefined ? worstVerdict(clients.map((client) => client.verdict)) : 'error';
  const firstWhy = why ?? clients.find((client) => client.verdict !== 'passed')?.why;
  return {
    id: plan.id, file: plan.file, name: plan.name, tags: [...plan.tags], verdict, attempt: job.attempt,
    startedAt: startedAt.toISOString(), durationMs: Date.now() - startedAt.getTime(),
    ...(firstWhy === undefined ? {} : { why: firstWhy }),
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
  /** Why there is no verdict: the lab's own failure. */
  readonly why?: string;
}

async function boot(job: LabJob, stack: TaskStack, lab: LabFailure, emit: (message: LabMessage) => void): Promise<Outcome> {
  const { plan } = job;
  await stack.add(privateFilesTask());
  const bundles = new Map(job.bundles.map(({ name, folder }) => [name, folder]));
  await Promise.all([networkTask(plan), ...plan.trees.map((tree) => treeTask(tree, bundles)), ...plan.clients.map(diskTask)].map((task) => stack.add(task)));

  let powerOnMs = 0;
  const context: PowerContext = { job, emit, runMs: () => (powerOnMs === 0 ? 0 : performance.now() - powerOnMs) };
  const capture = captureTask(lab);
  const machines = plan.clients.map((client, index) => machineTask(client, index, context, lab));
  await Promise.all([
    ...plan.services.map((service) => serviceTask(service, {
      programs: SERVICE_PROGRAMS,
      eventFile: join(job.evidenceFolder, 'services', `${service.kind}@${service.host}.jsonl`),
      readyMs: SERVICE_READY_MS,
      onDeath: (error) => lab.fail(error),
    })),
    capture, ...machines,
  ].map((task) => stack.add(task)));
  const powered = machines.map((machine) => machine.powered());
  const live = capture.live();

  const captureFile = join(job.evidenceFolder, 'capture.pcap');
  const writer = await createCaptureWriter(captureFile, { linkType: live.linkType, format: 'pcap' });
  const startUs = Date.now() * 1000;
  let failedStep = false;
  const judge = createJudge({
    linkType: live.linkType, startUs, plan,
    clients: plan.clients.map(({ name, mac, firmware, nic }) => ({ name, mac, firmware, nic })),
    onStep: (mac, step) => {
      failedStep ||= step.verdict === 'failed';
      emit({ type: 'step', client: plan.clients.find((client) => client.mac === mac)?.name ?? mac, step });
    },
  });
  powerOnMs = performance.now();
  await Promise.all(powered.map(({ machine }) => machine.cont()));
  const judging = judgeLive(live, judge, writer);
  judging.drained.catch((error: unknown) => lab.fail(error));

  const exits = new Map<PoweredClient, { atUs: number; reason: string }>();
  const allExited = Promise.all(powered.map(async (one) => {
    const exit = await one.machine.exited;
    exits.set(one, { atUs: Date.now() * 1000, reason: exit.reason });
  }));
  const deadline = after(plan.timeoutMs + TIMEOUT_MARGIN_MS);
  await lab.orFail(Promise.race([
    allExited,
    deadline.elapsed,
    // A good boot with an `after` goes on until the guest restarts by itself; anything else ends with its verdict.
    judging.settled.then(async () => {
      if (plan.after && !failedStep) return deadline.elapsed;
      return Promise.race([Promise.all(powered.map(agentDone)), after(AGENT_GRACE_MS).elapsed]);
    }),
  ]));
  deadline.cancel();

  await Promise.all(powered.filter((one) => !exits.has(one)).map((one) => one.screenshot('when the verdict was settled')));
  await Promise.all(powered.map((one) => one.settle()));
  const stillOn = powered.filter((one) => !exits.has(one));
  await Promise.all(stillOn.map((one) => one.machine.quit(5000)));

  const endUs = Date.now() * 1000;
  // The capture is drained while installed disks boot: they have nothing to do with one another.
  const [counters, disks] = await Promise.all([
    live.stop().then(async (stopped) => {
      await judging.drained;
      return stopped;
    }),
    Promise.all(powered.map((one, index) => (plan.after && !failedStep && exits.has(one) ? lookAtDisk(one, index, context) : Promise.resolve(undefined)))),
  ]);
  const ended = [...exits].filter(([one]) => !stillOn.includes(one)).map(([one, exit]) => ({ mac: one.client.mac, ...exit }));
  await writeJudgedWith(job.evidenceFolder, { startUs, endUs, ended });
  for (const { mac, atUs, reason } of ended) judge.ended(mac, atUs, reason);
  const clients = judge.finish().map((client) => withGuest(client, powered, disks, job));
  await writeDecodedFrames(captureFile, clients, startUs, job.evidenceFolder);
  return {
    clients,
    capture: { file: join(job.evidencePath, 'capture.pcap'), frames: judging.frames(), dropped: counters.dropped, link: 'ethernet' },
    ...(counters.dropped > 0 ? { why: `the capture lost ${counters.dropped} of ${judging.frames() + counters.dropped} frames: no verdict (fewer --workers, or an idle machine)` } : {}),
  };
}

/** Only an installation needs what looks at disks: it is loaded when a disk is there to be looked at. */
async function lookAtDisk(one: PoweredClient, index: number, context: PowerContext): Promise<InstalledDisk> {
  const { checkInstalledDisk } = await import('./after.ts');
  return checkInstalledDisk(one, index, context.job.plan, context);
}

/** Resolves when the guest has said how its own work ended, or when it never had an agent to say so. */
async function agentDone(one: PoweredClient): Promise<void> {
  if (one.agent.length === 0) return;
  await Promise.race([one.seen('agent.result'), one.machine.exited]);
}

/** Adds what the guest said and what its disk holds. Disk differences fail the client: the second kind of evidence, named as such. */
function withGuest(client: ClientResult, powered: readonly PoweredClient[], disks: readonly (InstalledDisk | undefined)[], job: LabJob): ClientResult {
  const index = powered.findIndex((one) => one.client.mac === client.mac);
  const one = powered[index];
  if (!one) return client;
  const disk = disks[index];
  const why = client.verdict === 'passed' ? disk?.why : undefined;
  return {
    ...client,
    ...(why === undefined ? {} : { verdict: 'failed' as const, why }),
    guest: { agent: [...one.agent, ...(disk?.agent ?? [])], ...(disk?.disk ? { disk: disk.disk } : {}) },
    serialLog: join(job.evidencePath, `serial-${one.client.name}.log`),
    screenshots: [...one.screenshots, ...(disk?.screenshots ?? [])],
    argv: [...one.machine.argv],
  };
}

function unjudged(client: ClientPlan, why: string): ClientResult {
  return { name: client.name, mac: client.mac, firmware: client.firmware, nic: client.nic, verdict: 'error', why, steps: [], phases: {}, transfers: [] };
}

function diskTask(client: ClientPlan): Task {
  return { title: `disk of ${client.name}`, setup: async () => (client.diskMiB === undefined ? undefined : makeDisk(diskPath(client), client.diskMiB)) };
}

function captureTask(lab: LabFailure): Task & { live(): LiveCapture } {
  let live: LiveCapture | undefined;
  return {
    title: `capture on ${BRIDGE}`,
    async setup() {
      live = await captureLive({ interface: BRIDGE, startDeadlineMs: CAPTURE_READY_MS });
      void live.ended.then((end) => {
        if (end.reason === 'died') lab.fail(end.error);
      });
    },
    async teardown() {
      await live?.stop();
    },
    live: () => made(live, 'the capture'),
  };
}

function machineTask(client: ClientPlan, index: number, context: PowerContext, lab: LabFailure): Task & { powered(): PoweredClient } {
  let one: PoweredClient | undefined;
  return {
    title: `machine ${client.name} (${client.firmware}, ${client.nic})`,
    async setup() {
      one = await startClient(client, machineSpec(client, index, context.job.accel, client.bootOrder), '', context);
      void one.machine.exited.then((exit) => {
        if (exit.reason === 'crashed') lab.fail(new Error(`QEMU of ${client.name} crashed: ${exit.stderr.trim() || 'it said nothing'}`));
      });
    },
    async teardown() {
      await one?.machine.quit(5000);
      await one?.keepLogs();
    },
    powered: () => made(one, client.name),
  };
}

function made<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} was used before it was set up`);
  return value;
}

function after(ms: number): { elapsed: Promise<void>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return { elapsed: promise, cancel: () => clearTimeout(timer) };
}

/** The first thing that broke in the lab: every wait ends with it. */
class LabFailure {
  readonly #failed = Promise.withResolvers<never>();

  constructor(signal: AbortSignal) {
    this.#failed.promise.catch(() => undefined);
    const stop = (): void => this.fail(new Error('stopped before it was over'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  }

  fail(error: unknown): void {
    this.#failed.reject(error);
  }

  orFail<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise]);
  }
}
