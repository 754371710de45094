import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { resultSchema, type Result } from '../../reports/result.ts';
import { parseStat } from '../run/lab/lab-usage.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { boundedRow, comparedRow, toldRow, type BenchResult, type BenchRow } from './bench-result.ts';

// How well boots fill a host: the bundled matrix by `pxewright run`, packed and warm, against what its boots took of the
// processors, and some of its boots one after the other, warm and cold. The host must be idle otherwise.

const MATRIX = join(PACKAGE_FOLDER, 'scenarios/matrix');
/** One boot of each firmware, on the card that all of them have. */
const ALONE = ['--grep', 'nic=virtio-net-pci', '--workers', '1'];

interface Timed {
  readonly result: Result;
  readonly seconds: number;
  /** CPU of everything that the command was: its own, its labs', their VMs'. */
  readonly cpuSeconds: number;
}

const folder = await mkdtemp(join(tmpdir(), 'pxewright-bench-'));
try {
  // Saves every state that is not saved yet.
  await run('states', []);
  const packed = await run('packed', []);
  const warm = await run('alone, warm', ALONE);
  const cold = await run('alone, cold', [...ALONE, '--cold']);
  const used = usageOf(packed.result);
  const rows: BenchRow[] = [
    toldRow('boots a minute, one after the other, cold', 'boots/min', [bootsAMinute(cold)]),
    toldRow('boots a minute, one after the other, warm', 'boots/min', [bootsAMinute(warm)]),
    toldRow('boots a minute, packed, warm', 'boots/min', [bootsAMinute(packed)]),
    comparedRow(
      'the pairwise matrix, against the CPU time of its boots divided by the cores',
      's',
      [{ ours: packed.seconds, theirs: used.cpuSeconds / availableParallelism() }],
      { atMost: 1.25 },
    ),
    // Warm firmware takes away half of QEMU's time and nothing of ours, so that both are told.
    ...[['packed, warm', packed] as const, ['one after the other, cold', cold] as const].map(
      ([how, { result, cpuSeconds }]) =>
        comparedRow(
          `CPU time that is not QEMU's, against all, ${how}`,
          's',
          [{ ours: cpuSeconds - usageOf(result).vmSeconds, theirs: cpuSeconds }],
          { atMost: 0.1 },
        ),
    ),
    ...[...discoverSeconds(cold.result, 'cold')].map(([firmware, seconds]) =>
      toldRow(`power-on to DISCOVER, ${firmware}, cold`, 's', seconds),
    ),
    ...[...discoverSeconds(warm.result, 'warm')].map(([firmware, seconds]) =>
      boundedRow(`power-on to DISCOVER, ${firmware}, warm`, 's', seconds, 0.5),
    ),
  ];
  process.stdout.write(`${JSON.stringify({ name: 'matrix', rows } satisfies BenchResult)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(what: string, options: readonly string[]): Promise<Timed> {
  const before = childrenMs();
  const startedMs = performance.now();
  const bootstrap = join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs');
  const out = join(folder, what.replaceAll(/\W+/g, '-'));
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [bootstrap, 'run', MATRIX, '--accel', 'tcg', '--out', out, '--reporter', 'json', ...options],
    { cwd: PACKAGE_FOLDER, reject: false },
  );
  if (exitCode !== 0)
    throw new Error(
      `matrix, ${what}: pxewright run ended with ${exitCode ?? 'a signal'}: ${/"why": "(.*)"/.exec(stdout)?.[1] ?? stderr.trim().split('\n').at(-1) ?? ''}`,
    );
  const seconds = (performance.now() - startedMs) / 1000;
  process.stderr.write(`matrix: ${what}: ${seconds.toFixed(1)} s\n`);
  return { result: resultSchema.parse(JSON.parse(stdout)), seconds, cpuSeconds: (childrenMs() - before) / 1000 };
}

/** CPU time of all children that have ended, and of theirs. */
function childrenMs(): number {
  return parseStat(readFileSync('/proc/self/stat', 'utf8')).childrenMs;
}

function usageOf({ scenarios }: Result): { readonly cpuSeconds: number; readonly vmSeconds: number } {
  const sum = (key: 'cpuMs' | 'vmCpuMs'): number =>
    scenarios.reduce((total, { usage }) => total + (usage?.[key] ?? 0), 0) / 1000;
  return { cpuSeconds: sum('cpuMs'), vmSeconds: sum('vmCpuMs') };
}

function bootsAMinute({ result, seconds }: Timed): number {
  return (result.scenarios.length * 60) / seconds;
}

/** From power-on to each client's first DISCOVER, by firmware, of the clients that were powered on in that way. */
function discoverSeconds({ scenarios }: Result, from: 'warm' | 'cold'): Map<string, number[]> {
  const seconds = new Map<string, number[]>();
  for (const { firmware, powerOn, steps } of scenarios.flatMap(({ clients }) => clients)) {
    const discover = steps.find(({ step }) => step === 'dhcp.discover');
    if (powerOn?.from === from && discover)
      seconds.set(firmware, [...(seconds.get(firmware) ?? []), discover.atMs / 1000]);
  }
  if (seconds.size === 0) throw new Error(`matrix: no client was started ${from}`);
  return seconds;
}
