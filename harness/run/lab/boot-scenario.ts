import { matrixValues } from '../../plan/matrix-summary.ts';
import { writeDecodedFrames } from '../decoded-frames.ts';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BACKUP_JOBS, EVIDENCE } from '../../../reports/file-names.ts';
import type { ClientResult, ScenarioResult } from '../../../reports/result.ts';
import { reasonOfClients } from '../../../reports/client-reasons.ts';
import { worstVerdict } from '../../../reports/worst-verdict.ts';
import { ProgramFailedError } from '../../lab/program.ts';
import { TaskStack } from '../../lab/task.ts';
import type { ClientPlan } from '../../plan/plan.ts';
import { tellStories, type ToldStory } from '../clients/client-stories.ts';
import { variablesOfBoot } from '../clients/firmware-variables.ts';
import { writeJudgedWith } from '../judged-with.ts';
import { LabFailure } from './lab-failure.ts';
import type { LabJob, LabMessage } from '../lab-protocol.ts';
import { meterUsage } from './lab-usage.ts';
import { judgeLive } from './live-judge.ts';
import { storeJobs } from '../store/store-jobs.ts';
import { consoleLog, isEvent, type BootingClient, type PowerContext } from '../clients/booting-client.ts';
import { missedIncidents } from '../clients/incidents.ts';
import { passedSteps, type PassedSteps } from '../clients/passed-steps.ts';
import { prepareLab, type PreparedLab } from './prepare-lab.ts';

/**
 * Boots one Plan inside a lab that this process is the first process of. Always resolves: what breaks in the lab is
 * verdict `error`.
 */
export async function bootScenario(
  job: LabJob,
  emit: (message: LabMessage) => void,
  signal: AbortSignal,
): Promise<ScenarioResult> {
  const { plan } = job;
  const startedAt = new Date();
  const stack = new TaskStack(({ title, state, durationMs }) => emit({ type: 'lab-step', title, state, durationMs }));
  const lab = new LabFailure(signal);
  // The lab's own memory holds its files: nothing lies in /run before it is there.
  const usage = meterUsage('/run');
  let powerOnMs: number | undefined;
  const passed = passedSteps();
  const context: PowerContext = {
    job,
    emit,
    runMs: () => (powerOnMs === undefined ? 0 : performance.now() - powerOnMs),
    labFailed: (error) => lab.fail(error),
    lookAtUsage: () => usage.look(),
    untilPassed: passed.untilPassed,
    jobs: storeJobs(plan, {
      tell: (client, text) => emit({ type: 'progress', client, text }),
      keepIn: join(job.evidenceFolder, EVIDENCE.services, BACKUP_JOBS),
    }),
  };
  let outcome: Outcome;
  let prepared: PreparedLab | undefined;
  try {
    prepared = await lab.orFail(prepareLab(context, stack, lab));
    powerOnMs = performance.now();
    outcome = await boot(prepared, context, lab, passed);
  } catch (error) {
    outcome = { clients: [], ...broken(error) };
  }
  const unwound = await stack.unwind();
  const unkept = await context.jobs?.settled().catch(messageOf);
  const used = usage.stop();
  const labError = outcome.why ?? unwound[0]?.message ?? unkept;
  const notMisbehaved = labError === undefined ? (prepared?.notMisbehaved() ?? []) : [];
  const verdict = outcome.why === undefined ? 'error' : (outcome.verdict ?? 'error');
  const clients =
    outcome.clients.length > 0
      ? outcome.clients.map((client) => withFindings(withKeptLog(client, job), notMisbehaved))
      : plan.clients.map((client) => unjudged(client, labError ?? 'the lab failed', verdict));
  const why = labError ?? reasonOfClients(clients);
  return {
    id: plan.id,
    file: plan.file,
    name: plan.name,
    ...matrixValues(plan),
    tags: [...plan.tags],
    attempt: job.attempt,
    repetition: job.repetition,
    verdict: labError === undefined ? worstVerdict(clients.map((client) => client.verdict)) : verdict,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    why,
    expectedFailure: plan.expectFailure,
    capture: outcome.capture,
    labTimings: stack.timings.map(({ title, startMs, durationMs }) => ({
      title,
      startMs: Math.max(0, startMs),
      durationMs,
    })),
    usage: { ...used, ...(outcome.stoodStillMs ? { stoodStillMs: outcome.stoodStillMs } : {}) },
    rerun: [...job.rerun],
    clients,
  };
}

interface Outcome {
  readonly clients: ClientResult[];
  readonly capture?: NonNullable<ScenarioResult['capture']>;
  /** Why the clients have no verdict of their own: the lab broke. Steps that were judged until then are kept. */
  readonly why?: string | undefined;
  /** Theirs in its place: `failed` when it was a program of the user's own that ended. */
  readonly verdict?: BrokenOff | undefined;
  readonly stoodStillMs?: number;
}

type BrokenOff = 'error' | 'failed';

/** What a boot comes to that was cut short: the user's own programs are under test, all else is the lab's. */
function broken(error: unknown): { readonly why: string; readonly verdict: BrokenOff } {
  const isProgram =
    error instanceof ProgramFailedError || (error instanceof Error && error.cause instanceof ProgramFailedError);
  return { why: messageOf(error), verdict: isProgram ? 'failed' : 'error' };
}

/** Names no log that is not there: it is kept when the VM has been switched off, and the disk may have been full. */
function withKeptLog({ serialLog, ...client }: ClientResult, job: LabJob): ClientResult {
  const kept = serialLog !== undefined && existsSync(join(job.evidenceFolder, basename(serialLog)));
  return kept ? { ...client, serialLog } : client;
}

/** A boot that passed although what it was to stand did not come has shown nothing of it. */
function withFindings(client: ClientResult, more: readonly string[]): ClientResult {
  const [why] = more;
  if (client.verdict !== 'passed' || why === undefined) return client;
  return { ...client, verdict: 'failed', why, findings: [...(client.findings ?? []), ...more] };
}

/** From power-on to the evidence. A lab that breaks on the way still hands over what was judged. */
async function boot(
  prepared: PreparedLab,
  context: PowerContext,
  lab: LabFailure,
  passed: PassedSteps,
): Promise<Outcome> {
  const { job, emit } = context;
  const { capture } = prepared;
  const captureFile = join(job.evidenceFolder, EVIDENCE.capture);
  const judging = await judgeLive(capture, {
    plan: job.plan,
    captureFile,
    full: job.fullCapture,
    profiles: job.profiles,
    onStep: (client, step) => {
      emit({ type: 'step', client, step });
      if (step.verdict !== 'passed') return;
      prepared.clients.get(client)?.happened(step);
      passed.note(client, step.step);
    },
  });
  judging.drained.catch((error: unknown) => lab.fail(error));
  let stories: readonly ToldStory[] = [];
  let why: string | undefined;
  let verdict: BrokenOff = 'error';
  const endUs = { at: 0 };
  let stopped: ReturnType<PreparedLab['capture']['stop']> | undefined;
  const stopCapture = (): NonNullable<typeof stopped> => {
    endUs.at ||= Date.now() * 1000;
    return (stopped ??= capture.stop());
  };
  try {
    const { wireOver, over } = tellStories(prepared, judging, context);
    // The capture is drained while the last installed disks boot: they have nothing to do with one another.
    [, stories] = await lab.orFail(Promise.all([wireOver.then(stopCapture), over]));
  } catch (error) {
    ({ why, verdict } = broken(error));
  }
  // This rejects, too, when the capture died; the frames that it had delivered by then are judged all the same.
  const counters = await stopCapture().catch((error: unknown) => void (why ??= messageOf(error)));
  await judging.drained.catch((error: unknown) => void (why ??= messageOf(error)));
  if (counters && counters.dropped > 0)
    why ??= `the capture lost ${counters.dropped} of ${counters.received} frames, so there is no verdict; use fewer --workers or an idle host`;
  const keep = (writing: Promise<void>): Promise<void> =>
    writing.catch((error: unknown) => void (why ??= messageOf(error)));
  await keep(
    writeJudgedWith(job.evidenceFolder, {
      ...judging.told(),
      endUs: endUs.at,
      ...(job.profiles === undefined ? {} : { profiles: job.profiles }),
    }),
  );
  const results = (why === undefined ? judging.finish(endUs.at) : judging.breakOff(why, verdict)).map((result) =>
    withGuest(result, prepared, stories, job),
  );
  await keep(
    writeDecodedFrames(captureFile, results, judging.told().startUs, job.evidenceFolder, judging.dissectHints),
  );
  return {
    clients: results,
    // A capture that could not be written has not even its header.
    ...((await bytesOf(captureFile)) === 0
      ? {}
      : {
          capture: {
            file: join(job.evidencePath, EVIDENCE.capture),
            frames: judging.frames(),
            dropped: counters?.dropped ?? 0,
            link: 'ethernet',
          },
        }),
    why,
    verdict,
    stoodStillMs: judging.stoodStillMs(),
  };
}

/**
 * Adds what the guest said and what its disk holds. Disk differences fail the client: the second kind of evidence,
 * named as such.
 */
function withGuest(
  result: ClientResult,
  prepared: PreparedLab,
  stories: readonly ToldStory[],
  job: LabJob,
): ClientResult {
  const story = stories.find(({ client }) => client.mac === result.mac);
  const one = story?.booting ?? prepared.clients.get(result.name);
  if (!one) return result;
  const looked = story?.looked;
  const firmware = story?.variables === undefined ? undefined : variablesOfBoot(story.variables);
  const next = story?.next;
  const agent = [...one.agent, ...(next?.agent ?? []), ...(looked?.agent ?? [])];
  const incidents = one.client.plays === undefined ? (one.client.incidents ?? []) : [];
  const beside = [
    ...[story?.hot, story?.recovery, looked, next].flatMap((one) => one?.findings ?? []),
    // What failed earlier has kept the others from happening.
    ...(result.verdict === 'passed' ? missedIncidents(incidents, result.steps, agent) : []),
  ];
  const verdict = result.verdict === 'passed' && beside.length > 0 ? 'failed' : result.verdict;
  const agentsWord = verdict === 'failed' ? agentsError(one) : undefined;
  const findings = [
    ...(result.findings ?? []),
    ...beside,
    ...(firmware?.findings ?? []),
    ...(agentsWord === undefined ? [] : [`the agent in the guest says: ${agentsWord}`]),
  ];
  const why = verdict === 'failed' ? (result.why ?? beside[0]) : result.why;
  return {
    ...result,
    verdict,
    ...(why === undefined ? {} : { why }),
    ...(findings.length === 0 ? {} : { findings }),
    guest: {
      agent,
      ...(next === undefined ? {} : { nextStart: next.nextStart }),
      disk: looked?.disk,
      joined: looked?.joined,
      ...(looked?.virtualMachines === undefined ? {} : { virtualMachines: looked.virtualMachines }),
      ...(story?.hot === undefined ? {} : { hotBackups: story.hot.backups }),
      ...(story?.recovery?.recovered === undefined ? {} : { recovered: story.recovery.recovered }),
    },
    ...(firmware?.variables === undefined ? {} : { firmwareVariables: firmware.variables }),
    ...(story?.tpm === undefined ? {} : { tpm: { ...story.tpm, measurements: { ...story.tpm.measurements } } }),
    serialLog: consoleLog(one.client, job),
    screenshots: [...one.screenshots, ...(next?.screenshots ?? []), ...(looked?.screenshots ?? [])],
    argv: [...one.argv],
    ...(one.powerOn ? { powerOn: one.powerOn() } : {}),
  };
}

/** The agent's own error: it explains what the wire has shown, and decides nothing. */
function agentsError({ agent }: BootingClient): string | undefined {
  const error = agent.findLast((record) => isEvent(record, 'agent.result'))?.detail?.['error'];
  return typeof error === 'string' ? error : undefined;
}

async function bytesOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function unjudged(client: ClientPlan, why: string, verdict: BrokenOff): ClientResult {
  return {
    name: client.name,
    mac: client.mac,
    firmware: client.firmware,
    nic: client.nic,
    ...(client.transport === undefined ? {} : { transport: client.transport }),
    verdict,
    why,
    steps: [],
    phases: {},
    transfers: [],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
