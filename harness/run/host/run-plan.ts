import { matrixValues } from '../../plan/matrix-summary.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pxewrightCommand } from '../../setup/installation.ts';
import { shellLine } from '#qemu-wrapper';
import { EVIDENCE, evidenceName } from '../../../reports/file-names.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { ScenarioResult, Step } from '../../../reports/result.ts';
import type { LabJob, LabMessage } from '../lab-protocol.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';
import { failedLine } from './failed-line.ts';
import { startLab } from './start-lab.ts';

/** Profiles of the user's own, and the files that they come from. */
export interface ProfileFiles {
  readonly files: readonly string[];
  readonly profiles: readonly Profile[];
}

export interface RunPlanOptions {
  /** Folder of the whole run; the scenario's evidence goes into a folder below it. */
  readonly runFolder: string;
  readonly attempt: number;
  /** Of `--repeat`; absent without it. */
  readonly repetition?: number | undefined;
  readonly accel: 'kvm' | 'tcg';
  readonly fullCapture: boolean;
  /** Every VM starts at its first instruction. */
  readonly cold: boolean;
  readonly profiles?: ProfileFiles | undefined;
  readonly bundles: ReadonlyMap<string, { readonly folder: string }>;
  readonly onMessage?: (message: LabMessage) => void;
  /** Aborted: the lab unwinds; what was judged until then is still returned, as an error. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs one Plan once in a lab of its own. Always resolves: what breaks in the lab is a result with verdict `error`. */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<ScenarioResult> {
  const startedAt = new Date();
  const evidencePath = evidenceName({ id: plan.id, attempt: options.attempt, repetition: options.repetition });
  const evidenceFolder = join(options.runFolder, evidencePath);
  const steps: JudgedSteps = new Map();
  const broken = (why: string): ScenarioResult => labError(plan, options, startedAt, why, steps);
  try {
    await beginEvidence(plan, evidenceFolder);
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error));
  }
  const job: LabJob = {
    plan,
    attempt: options.attempt,
    repetition: options.repetition,
    evidenceFolder,
    evidencePath,
    bundles: [...options.bundles].map(([name, { folder }]) => ({ name, folder })),
    accel: options.accel,
    fullCapture: options.fullCapture,
    cold: options.cold,
    ...(options.profiles === undefined ? {} : { profiles: options.profiles.profiles }),
    mode: { kind: 'boot' },
    rerun: rerunCommands(plan, options.profiles),
  };
  let result: ScenarioResult | undefined;
  const ended = await startLab(job, {
    onMessage: (message) => {
      if (message.type === 'result') result = message.result;
      else options.onMessage?.(message);
      if (message.type === 'step') steps.set(message.client, [...(steps.get(message.client) ?? []), message.step]);
    },
    signal: options.signal,
  });
  if (result) return { ...result, line: failedLine(plan, result) };
  // Its most useful line is in the reason: a disk without room for the rest changes nothing.
  if (ended.stderr !== '')
    await writeFile(join(evidenceFolder, EVIDENCE.labErrors), `${ended.stderr}\n`).catch(() => undefined);
  return broken(`the lab ended with ${ended.how} and no result: ${telling(ended.stderr)}`);
}

/** The folder of an attempt, with what is known before it begins. */
async function beginEvidence(plan: Plan, folder: string): Promise<void> {
  for (const name of [EVIDENCE.services, EVIDENCE.screenshots]) {
    const path = join(folder, name);
    await mkdir(path, { recursive: true }).catch(unwritten(path));
  }
  const file = join(folder, EVIDENCE.plan);
  await writeFile(file, `${JSON.stringify(plan, null, 2)}\n`).catch(unwritten(file));
}

type JudgedSteps = Map<string, Step[]>;

/** The most useful line of standard error: Node puts an error's own line amid source and stack. */
function telling(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.find((line) => /^(\w*Error|unshare|setpriv|sh)\b.*: /.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}

/** The command that runs one matrix point of a scenario again, as a shell takes it. */
export function rerunCommands(
  { file, matrix, allowRoots = [], programs = [] }: Pick<Plan, 'file' | 'matrix' | 'allowRoots' | 'programs'>,
  { files: profiles }: Pick<ProfileFiles, 'files'> = { files: [] },
): string[] {
  const allowed = allowRoots.flatMap((root) => ['--allow-root', root]);
  const points = Object.entries(matrix).flatMap(([axis, value]) => ['--matrix', `${axis}=${value}`]);
  // A name that begins with a dash would be read as an option.
  return [
    shellLine([
      ...pxewrightCommand(process.cwd()),
      'run',
      file.startsWith('-') ? `./${file}` : file,
      ...points,
      ...allowed,
      ...profiles.flatMap((profile) => ['--profile', profile]),
      ...(programs.length > 0 ? ['--allow-programs'] : []),
    ]),
  ];
}

/** The result of a lab that could not report its own. Steps that it had reported are kept. */
function labError(
  plan: Plan,
  { attempt, repetition, profiles }: Pick<RunPlanOptions, 'attempt' | 'repetition' | 'profiles'>,
  startedAt: Date,
  why: string,
  steps: JudgedSteps,
): ScenarioResult {
  return {
    id: plan.id,
    file: plan.file,
    name: plan.name,
    ...matrixValues(plan),
    tags: [...plan.tags],
    verdict: 'error',
    attempt,
    repetition,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    why,
    rerun: rerunCommands(plan, profiles),
    clients: plan.clients.map((client) => ({
      name: client.name,
      mac: client.mac,
      firmware: client.firmware,
      nic: client.nic,
      ...(client.transport === undefined ? {} : { transport: client.transport }),
      verdict: 'error' as const,
      why,
      steps: steps.get(client.name) ?? [],
      phases: {},
      transfers: [],
    })),
  };
}
