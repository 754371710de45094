import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { newRunFolder } from '../../reports/file-names.ts';
import { runScenarios } from '../run/host/run-scenarios.ts';
import { selectPlans } from '../run/host/select.ts';
import { exitCodeOf, EXIT } from './exit-codes.ts';
import { interruptSignal } from './interrupt.ts';
import { loadPlans } from './load-plans.ts';
import { assertFolderCanBeMade } from './out-folder.ts';
import { reporterFor } from './reporters.ts';
import { matrixOf, regexOf, shardOf, UsageError, wholeNumber } from './usage-error.ts';

export interface RunCommandOptions {
  readonly grep?: string;
  readonly tag: readonly string[];
  readonly matrix: readonly string[];
  readonly repeat: string;
  readonly retries: string;
  readonly workers?: string;
  readonly shard?: string;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly fullCapture?: boolean;
  readonly out: string;
  readonly reporter: readonly string[];
}

/** `pxewright run`: everything that can be wrong with the input is said before anything is installed or started. */
export async function runCommand(files: readonly string[], options: RunCommandOptions): Promise<number> {
  const plans = await loadPlans(files.length > 0 ? files : ['scenarios'], matrixOf(options.matrix));
  const selected = selectPlans(plans, {
    grep: options.grep === undefined ? undefined : regexOf('--grep', options.grep),
    tags: options.tag,
    shard: options.shard === undefined ? undefined : shardOf(options.shard),
    repeat: wholeNumber('--repeat', options.repeat, 1, 1000),
  });
  if (selected.length === 0)
    throw new UsageError(
      `no scenario matches: ${plans.length} found, none with ${describe(options)} (pxewright list shows them)`,
    );
  const out = resolve(options.out);
  await assertFolderCanBeMade('--out', out);
  const { signal, dispose } = interruptSignal();
  try {
    const result = await runScenarios({
      selected,
      runFolder: newRunFolder(out),
      accel: options.accel,
      fullCapture: options.fullCapture ?? false,
      workers: options.workers === undefined ? defaultWorkers() : wholeNumber('--workers', options.workers, 1, 256),
      retries: wholeNumber('--retries', options.retries, 0, 10),
      reporter: reporterFor(options.reporter),
      signal,
    });
    // Not by itself: a set-up that was given up may still wait for its processes, which end with this one.
    if (signal.aborted) process.exit(EXIT.labError);
    return exitCodeOf(result.verdict);
  } finally {
    dispose();
  }
}

/** A VM under TCG fills a core; more labs than cores only make every boot slower. */
function defaultWorkers(): number {
  return Math.min(4, availableParallelism());
}

function describe(options: RunCommandOptions): string {
  const parts = [
    options.grep && `--grep ${options.grep}`,
    ...options.tag.map((tag) => `--tag ${tag}`),
    options.shard && `--shard ${options.shard}`,
  ];
  return parts.filter(Boolean).join(' ') || 'these options';
}
