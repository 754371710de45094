import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { labCommand } from '../lab/namespaces.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScenarioResult } from '../../reports/result.ts';
import { parseLabMessage, type LabJob, type LabMessage } from './lab-protocol.ts';

const LAB_MAIN = fileURLToPath(new URL('lab-main.ts', import.meta.url));

export interface RunPlanOptions {
  /** Folder of the whole run; the scenario's evidence goes into a folder below it. */
  readonly runFolder: string;
  readonly attempt: number;
  readonly accel: 'kvm' | 'tcg';
  readonly bundles: ReadonlyMap<string, { readonly folder: string }>;
  readonly onMessage?: (message: LabMessage) => void;
  /** Aborted: the lab unwinds; what was judged until then is still returned, as an error. */
  readonly signal?: AbortSignal;
}

/** Runs one Plan once in a lab of its own. Always resolves: what breaks in the lab is a result with verdict `error`. */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<ScenarioResult> {
  const startedAt = new Date();
  const evidencePath = evidenceName(plan.id, options.attempt);
  const evidenceFolder = join(options.runFolder, evidencePath);
  await mkdir(join(evidenceFolder, 'services'), { recursive: true });
  await mkdir(join(evidenceFolder, 'screenshots'), { recursive: true });
  await writeFile(join(evidenceFolder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  const job: LabJob = {
    plan, attempt: options.attempt, evidenceFolder, evidencePath,
    bundles: [...options.bundles].map(([name, { folder }]) => ({ name, folder })),
    accel: options.accel,
    mode: { kind: 'boot' },
    rerun: rerunCommands(plan),
  };
  const outcome = await runLab(job, options.onMessage ?? (() => undefined), options.signal);
  return outcome.result ?? labError(plan, options.attempt, startedAt, outcome.why);
}

/** Starts the inner half and listens until it ends. `why` explains a lab that ended without a result. */
async function runLab(job: LabJob, onMessage: (message: LabMessage) => void, signal: AbortSignal | undefined): Promise<{ result?: ScenarioResult; why: string }> {
  const [command = 'unshare', ...args] = labCommand([process.execPath, '--disable-warning=ExperimentalWarning', LAB_MAIN], { root: process.getuid?.() === 0 });
  // A session of its own: Ctrl-C at the terminal reaches us alone, and we decide how the lab unwinds.
  const child = execa(command, args, { stdin: 'pipe', reject: false, detached: true, buffer: { stdout: false } });
  let result: ScenarioResult | undefined;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const message = parseLabMessage(line);
    if (message?.type === 'result') result = message.result;
    else if (message) onMessage(message);
  });
  const linesEnd = new Promise<void>((resolve) => lines.once('close', () => resolve()));
  // A closed standard input asks the inner half to unwind; it must stay open until then.
  const stop = (): void => void child.stdin.end();
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(job)}\n`);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const ended = await child;
  await linesEnd;
  signal?.removeEventListener('abort', stop);
  const why = `the lab ended with ${ended.signal ?? `exit code ${ended.exitCode ?? '?'}`} and no result: ${ended.stderr.trim().split('\n').slice(-3).join(' ') || 'it said nothing'}`;
  return result ? { result, why } : { why };
}

/** A folder name for one attempt: `wds-install-bios-nic-e1000`, with `-2` for a second attempt. */
export function evidenceName(id: string, attempt: number): string {
  const slug = id.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return attempt === 1 ? slug : `${slug}-attempt-${attempt}`;
}

/** The command that runs one matrix point of a scenario again. */
export function rerunCommands(plan: Plan): string[] {
  const matrix = Object.entries(plan.matrix).map(([axis, value]) => ` --matrix ${axis}=${value}`).join('');
  return [`npm run -s pxewright -- run ${plan.file}${matrix}`];
}

function labError(plan: Plan, attempt: number, startedAt: Date, why: string): ScenarioResult {
  return {
    id: plan.id, file: plan.file, name: plan.name, tags: [...plan.tags], verdict: 'error', attempt,
    startedAt: startedAt.toISOString(), durationMs: Date.now() - startedAt.getTime(), why,
    rerun: rerunCommands(plan),
    clients: plan.clients.map((client) => ({ name: client.name, mac: client.mac, firmware: client.firmware, nic: client.nic, verdict: 'error' as const, why, steps: [], phases: {}, transfers: [] })),
  };
}
