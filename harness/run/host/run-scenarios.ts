import { matricesOf, matrixValues } from '../../plan/matrix-summary.ts';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { ensureBundles } from '../../../vm-images/index.ts';
import { repetitionName } from '../../../reports/attempts.ts';
import type { Reporter } from '../../../reports/reporter.ts';
import type { MatrixSummary, Result, ScenarioResult } from '../../../reports/result.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';
import { worstVerdict } from '../../../reports/worst-verdict.ts';
import { labObstacle } from '../../lab/host-checks.ts';
import { ensureRequirements } from '../../setup/install.ts';
import { usesOf } from '../../setup/requirements/run-uses.ts';
import { accelerator } from './accelerator.ts';
import { failureLimit, type FailureLimit } from './failure-limit.ts';
import { bootNeeds } from './packing/boot-needs.ts';
import { watchIdleCores } from './packing/idle-cores.ts';
import type { HostRoom } from './packing/packer.ts';
import { runPacked } from './packing/run-packed.ts';
import { hostFacts } from '../host-facts.ts';
import type { LabMessage } from '../lab-protocol.ts';
import { programVersions } from './program-versions.ts';
import { removeRunMark, writeRunMark } from './run-mark.ts';
import { rerunCommands, runPlan, type ProfileFiles } from './run-plan.ts';
import type { Selected } from './select.ts';

export interface RunOptions {
  readonly selected: readonly Selected[];
  /** Matrices of all scenarios that were loaded; the result keeps those of which a point runs. */
  readonly matrices?: readonly MatrixSummary[] | undefined;
  readonly runFolder: string;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** Keep bulk payload in the captures. */
  readonly fullCapture: boolean;
  /** Every VM starts at its first instruction, not where its firmware was saved. */
  readonly cold: boolean;
  /** Profiles of the user's own, for all clients. */
  readonly profiles?: ProfileFiles | undefined;
  /** How many run at once; absent: as many as the host has room for, by what they need. */
  readonly workers?: number | undefined;
  /** Further attempts for a scenario that did not pass; every attempt is kept in the result. */
  readonly retries: number;
  /** After so many scenarios that did not pass no further boot begins; absent: all begin. */
  readonly maxFailures?: number | undefined;
  /** Recorded in the result, when this is one of several shards. */
  readonly shard?: Result['shard'];
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sets up what the plans need, runs them in labs of their own, several at once, and hands everything to the reporters.
 */
export async function runScenarios(options: RunOptions): Promise<Result> {
  const startedAt = new Date();
  const { reporter, selected } = options;
  const names = [...new Set(selected.flatMap(({ plan }) => plan.bundles))];
  const vms = selected.some(({ plan }) => plan.clients.some((client) => client.plays === undefined));
  const { bundles, host, accel } = await Promise.race([
    setUpHost(names, vms, options),
    ...(options.signal ? [whenStopped(options.signal)] : []),
  ]);
  // Not before: a host that cannot run leaves no empty run behind.
  await mkdir(options.runFolder, { recursive: true }).catch(unwritten(options.runFolder));
  await writeRunMark(options.runFolder);
  reporter.onRunBegin?.({
    folder: options.runFolder,
    host,
    plans: selected.map(({ plan }) => ({
      id: plan.id,
      name: plan.name,
      clients: plan.clients.map((client) => client.name),
    })),
  });
  const matrices = matricesOf(
    selected.map(({ plan }) => plan),
    options.matrices ?? [],
  );
  const limit = failureLimit(options.maxFailures);
  using idle = watchIdleCores();
  const room = roomOf(options.workers);
  const needs = bootNeeds(accel);
  const attempts = await runPacked(
    selected.map((one) => ({
      id: repetitionName({ id: one.plan.id, repetition: one.repetition }),
      need: () => needs.of(one.plan),
      run: async () => {
        const results = await attemptsOf(one, { bundles, accel }, options, limit);
        for (const { usage, durationMs } of results) needs.learn(one.plan, usage, durationMs);
        return results;
      },
    })),
    () => (room.kind === 'workers' ? room : { ...room, idleCores: idle.now() }),
    (waiting) => {
      const { count, first, why } = waiting ?? {};
      reporter.onWaiting?.(
        why && first !== undefined && count !== undefined
          ? { count, scenario: first, what: why.what, why: why.text }
          : undefined,
      );
    },
  );
  const result: Result = {
    schema: 1,
    // A scenario that passed on a retry counts as passed; its failed attempts stay in the result, for all to see.
    verdict: options.signal?.aborted ? 'error' : worstVerdict(attempts.map((of) => of.at(-1)?.verdict ?? 'error')),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    host,
    ...(options.shard ? { shard: options.shard } : {}),
    ...(matrices.length > 0 ? { matrices: [...matrices] } : {}),
    scenarios: attempts.flat(),
  };
  await reporter.onRunEnd?.(result, options.runFolder);
  await removeRunMark(options.runFolder);
  return result;
}

/** A part of the memory stays free: what else runs on the host may grow. */
const MEMORY_SHARE = 0.9;

function roomOf(workers: number | undefined): HostRoom {
  if (workers !== undefined) return { kind: 'workers', workers };
  // What is available, within the limit of a container: memory that others have is not there for boots.
  const memoryMiB = (process.availableMemory() / 2 ** 20) * MEMORY_SHARE;
  return { kind: 'measured', cores: availableParallelism(), memoryMiB };
}

interface ReadyHost {
  readonly bundles: Awaited<ReturnType<typeof ensureBundles>>;
  readonly accel: 'kvm' | 'tcg';
  readonly host: Result['host'];
}

/** Clients that are programs need no accelerator, and no taps. */
const NO_VM = { accel: 'none', reason: 'every client is a program: no VM runs' } as const;

async function setUpHost(
  names: readonly string[],
  vms: boolean,
  { reporter, selected, accel: want }: RunOptions,
): Promise<ReadyHost> {
  const obstacle = await labObstacle({ taps: vms });
  if (obstacle) throw obstacle;
  const uses = usesOf(selected.map(({ plan }) => plan));
  await ensureRequirements('run', (event) => reporter.onSetup?.(event), uses);
  const [bundles, accel, versions] = await Promise.all([
    ensureBundles(names, { onProgress: (line) => reporter.onSetup?.({ title: 'images', why: line, state: 'start' }) }),
    vms ? accelerator(want, (event) => reporter.onSetup?.(event)) : NO_VM,
    programVersions(),
  ]);
  return { bundles, accel: accel.accel === 'none' ? 'tcg' : accel.accel, host: hostFacts(accel, versions) };
}

/** Stands in for a host that was not made ready because the run was stopped: no scenario begins on it. */
function whenStopped(signal: AbortSignal): Promise<ReadyHost> {
  const host = hostFacts(
    { accel: 'none', reason: 'stopped during set-up: no VM ran' },
    { node: process.versions.node },
  );
  return new Promise((resolve) => {
    const stop = (): void => resolve({ bundles: new Map(), accel: 'tcg', host });
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Boots one scenario until it passes, at most `1 + retries` times; every attempt is kept. A boot that has begun is
 * finished when the limit of failures is reached; none begins after that, and no attempt either.
 */
async function attemptsOf(
  one: Selected,
  { bundles, accel }: Pick<ReadyHost, 'bundles' | 'accel'>,
  { runFolder, fullCapture, cold, profiles, retries, reporter, signal }: RunOptions,
  limit: FailureLimit,
): Promise<ScenarioResult[]> {
  const { plan, repetition } = one;
  if (signal?.aborted) return [notRun(one, 'the run was stopped before it began', profiles)];
  const reached = limit.reached();
  if (reached !== undefined) return [notRun(one, reached, profiles)];
  const results: ScenarioResult[] = [];
  for (let attempt = 1; attempt <= 1 + retries && !signal?.aborted; attempt += 1) {
    reporter.onScenarioBegin?.({ id: plan.id, name: plan.name, attempt, repetition });
    const result = await runPlan(plan, {
      runFolder,
      attempt,
      repetition,
      bundles,
      accel,
      fullCapture,
      cold,
      profiles,
      onMessage: (message) => forward(reporter, repetitionName({ id: plan.id, repetition }), message),
      signal,
    });
    results.push(result);
    reporter.onScenarioEnd?.(result);
    if (result.verdict === 'passed' || result.verdict === 'skipped' || limit.reached() !== undefined) break;
  }
  limit.count(results.at(-1)?.verdict ?? 'error');
  return results;
}

/** A scenario that the run did not come to. */
function notRun({ plan, repetition }: Selected, why: string, profiles: ProfileFiles | undefined): ScenarioResult {
  return {
    id: plan.id,
    file: plan.file,
    name: plan.name,
    ...matrixValues(plan),
    tags: [...plan.tags],
    verdict: 'skipped',
    attempt: 1,
    repetition,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    why,
    notRun: true,
    rerun: rerunCommands(plan, profiles),
    clients: [],
  };
}

function forward(reporter: Reporter, scenario: string, message: LabMessage): void {
  switch (message.type) {
    case 'lab-step':
      if (message.state === 'stopped') break;
      reporter.onLabStep?.({
        scenario,
        title: message.title,
        state: message.state,
        durationMs: message.durationMs,
      });
      break;
    case 'step':
      reporter.onStep?.({ scenario, client: message.client, step: message.step });
      break;
    case 'guest':
      reporter.onGuest?.({ scenario, client: message.client, event: message.event, detail: message.detail });
      break;
    case 'progress':
      reporter.onProgress?.({ scenario, client: message.client, text: message.text });
      break;
    case 'serving':
    case 'result':
      break;
  }
}
