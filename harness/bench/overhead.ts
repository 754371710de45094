import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { resultSchema } from '../../reports/result.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { bareLab, INSTALL } from './bare-run.ts';
import { comparedRow, toldRow, type BenchResult, type BenchRow } from './bench-result.ts';

// What pxewright adds to a boot: the same installation by a bare shell script around QEMU, dnsmasq, smbd and tcpdump,
// and by `pxewright run`, one after the other.

const pairs = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 3);
const folder = await mkdtemp(join(tmpdir(), 'pxewright-bench-'));
try {
  const lab = await bareLab(folder);
  const timed: { ours: number; theirs: number }[] = [];
  const own = new Map<string, number[]>();
  for (let pair = 0; pair < pairs; pair += 1) {
    // Each goes first every other time: what the first leaves in the page cache helps the second.
    const bare = async (): Promise<number> => (await lab.boot(join(folder, `bare-${pair}`))).seconds;
    const ours = (): Promise<number> => run(own);
    const [first, second] = pair % 2 === 0 ? [await bare(), await ours()] : [await ours(), await bare()];
    timed.push(pair % 2 === 0 ? { theirs: first, ours: second } : { ours: first, theirs: second });
    process.stderr.write(`overhead: pair ${pair + 1} of ${pairs}: ${JSON.stringify(timed.at(-1))}\n`);
  }
  const rows: BenchRow[] = [
    comparedRow('install a BIOS client, whole command', 's', timed, { atMost: 1.1 }),
    ...[...own].map(([what, seconds]) => toldRow(what, 's', seconds)),
  ];
  process.stdout.write(`${JSON.stringify({ name: 'overhead', rows } satisfies BenchResult)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Seconds of one `pxewright run`; adds what each of its own parts took to `own`. */
async function run(own: Map<string, number[]>): Promise<number> {
  const startedMs = performance.now();
  const { stdout, exitCode, stderr } = await execa(
    'node',
    [
      join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'),
      'run',
      INSTALL,
      '--accel',
      'tcg',
      '--out',
      join(folder, 'runs'),
      '--reporter',
      'json',
    ],
    { cwd: PACKAGE_FOLDER, reject: false },
  );
  if (exitCode !== 0)
    throw new Error(
      `pxewright run ended with ${exitCode ?? 'a signal'}: ${stderr.trim().split('\n').at(-1) ?? ''} ${/"why": "(.*)"/.exec(stdout)?.[1] ?? ''}`,
    );
  const seconds = (performance.now() - startedMs) / 1000;
  const result = resultSchema.parse(JSON.parse(stdout));
  const note = (what: string, value: number): void => void own.set(what, [...(own.get(what) ?? []), value]);
  for (const scenario of result.scenarios) {
    note('ours: outside the lab (start, report)', seconds - scenario.durationMs / 1000);
    for (const { title, durationMs } of scenario.labTimings ?? []) note(`ours: ${title}`, durationMs / 1000);
    for (const [phase, ms] of Object.entries(scenario.clients[0]?.phases ?? {})) note(`phase: ${phase}`, ms / 1000);
  }
  return seconds;
}
