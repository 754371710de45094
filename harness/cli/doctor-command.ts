import { createInterface } from 'node:readline/promises';
import { labObstacle, type LabUnavailableError } from '../lab/host-checks.ts';
import { accelerator } from '../run/host/accelerator.ts';
import { installCommand, installRequirements, packagesOf, type SetupEvent } from '../setup/install.ts';
import { missingRequirements, optionalRequirements, requirementsFor } from '../setup/requirements.ts';
import type { Requirement } from '../setup/requirements/requirement.ts';
import { EXIT } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

export interface DoctorOptions {
  /** Also what the project's own tests need. */
  readonly tests?: boolean;
  /** Install what is missing. */
  readonly fix?: boolean;
  /** Do not ask before it. */
  readonly yes?: boolean;
}

/**
 * `pxewright doctor`: the list that set-up works through, what the kernel allows, and which accelerator will be used;
 * with `--fix` it installs what the host lacks.
 */
export async function doctorCommand({ tests, fix, yes }: DoctorOptions): Promise<number> {
  if (yes && !fix) throw new UsageError('--yes: expected it together with --fix, which it answers for');
  const purpose = tests ? 'test' : 'run';
  let missing = new Set(missingRequirements(purpose));
  for (const requirement of requirementsFor(purpose)) sayRequirement(requirement, missing.has(requirement));
  if (purpose === 'run') sayOptional();
  if (fix && missing.size > 0) {
    if (!yes && !(await agreed(missing))) return EXIT.labError;
    await installRequirements(purpose, sayProgress, { askPassword: process.stdin.isTTY });
    missing = new Set(missingRequirements(purpose));
  }
  const obstacle = await checkLab();
  if (missing.size === 0) {
    const accel = await accelerator('auto', () => undefined);
    say(true, 'accelerator', `${accel.accel}: ${accel.reason}`);
  }
  const packages = [...missing].flatMap(packagesOf);
  const remedies = [...(packages.length > 0 ? [installCommand(packages)] : []), ...(obstacle ? [obstacle.remedy] : [])];
  if (remedies.length > 0)
    process.stdout.write(`\nto fix it, run:\n${remedies.map((remedy) => `  ${remedy}\n`).join('')}`);
  if (packages.length > 0) process.stdout.write('pxewright doctor --fix runs the first of them, after asking.\n');
  return remedies.length === 0 ? EXIT.passed : EXIT.labError;
}

async function agreed(missing: ReadonlySet<Requirement>): Promise<boolean> {
  const packages = [...missing].flatMap(packagesOf);
  if (!process.stdin.isTTY)
    throw new UsageError(
      `--fix would install ${packages.length} packages and asks before it, but standard input is no terminal; add --yes`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`\n${installCommand(packages)}\n\nRun this now? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function sayProgress({ title, state, detail }: SetupEvent): void {
  if (state === 'done') process.stdout.write(`set-up: ${title}: done${detail === undefined ? '' : ` (${detail})`}\n`);
  if (state === 'progress' && process.stdout.isTTY) process.stdout.write(`set-up: ${title}: ${detail ?? ''}\n`);
}

/** The two halves of what the kernel must allow: services alone need no tap. */
async function checkLab(): Promise<LabUnavailableError | undefined> {
  const services = await labObstacle({ taps: false });
  const vms = services ?? (await labObstacle({ taps: true }));
  say(services === undefined, 'namespaces and bridge', services?.message ?? 'labs can run: pxewright serve works');
  say(
    vms === undefined,
    'taps for VMs',
    vms === undefined ? 'VMs can join the bridge: pxewright run works' : vms.message,
  );
  return vms;
}

function sayRequirement({ title, why, needs }: Requirement, missing: boolean): void {
  say(!missing, title, missing ? `${why}: missing ${needs.join(', ')}` : why);
}

/** What only some runs need: they install it, or say what to install; every other run works without. */
function sayOptional(): void {
  for (const [requirement, isPresent] of optionalRequirements()) {
    const { title, why, onlyFor } = requirement;
    const text = `${why}; only ${onlyFor?.whose ?? ''} need it`;
    line(isPresent ? 'ok' : 'absent', title, isPresent ? text : `${text}: ${installCommand(packagesOf(requirement))}`);
  }
}

function say(ok: boolean, title: string, detail: string): void {
  line(ok ? 'ok' : 'MISSING', title, detail);
}

function line(state: 'ok' | 'MISSING' | 'absent', title: string, detail: string): void {
  process.stdout.write(`${state.padEnd(7)} ${title.padEnd(30)} ${detail}\n`);
}
