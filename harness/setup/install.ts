import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { INSTALLED } from './installation.ts';
import { hasProgram, missingRequirements } from './requirements.ts';
import type { Requirement } from './requirements/requirement.ts';
import type { RunUses } from './requirements/run-uses.ts';

/** The host lacks something that was not or could not be installed. The remedy is a command, or what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  constructor(message: string, remedy: string) {
    super(`${message}\n  to fix it, ${remedy}`);
  }
}

export interface SetupEvent {
  readonly title: string;
  readonly why: string;
  readonly state: 'start' | 'progress' | 'done' | 'failed';
  readonly detail?: string;
}

/**
 * A checkout installs what the host lacks: who clones the project asks for it. A package does not change a host unasked,
 * and says which command does. Costs milliseconds when nothing is missing. `uses`: what the runs have that only some need
 * something for.
 */
export async function ensureRequirements(
  purpose: 'run' | 'test',
  onEvent: (event: SetupEvent) => void,
  uses?: RunUses,
): Promise<void> {
  const missing = missingRequirements(purpose, uses);
  if (missing.length === 0) return;
  if (INSTALLED)
    throw new SetupError(
      `this host lacks ${titles(missing)}`,
      // doctor does not know the scenarios.
      missing.some(({ onlyFor }) => onlyFor !== undefined)
        ? `run: ${installCommand(missing.flatMap(packagesOf))}`
        : 'run: npx pxewright doctor --fix',
    );
  await installRequirements(purpose, onEvent, { uses });
}

/**
 * Installs the Debian or Ubuntu packages that the host lacks. `askPassword`: a person is there, whom sudo may ask.
 */
export async function installRequirements(
  purpose: 'run' | 'test',
  onEvent: (event: SetupEvent) => void,
  { askPassword = false, uses }: { readonly askPassword?: boolean; readonly uses?: RunUses | undefined } = {},
): Promise<void> {
  const missing = missingRequirements(purpose, uses);
  if (missing.length === 0) return;
  if (!hasProgram('apt-get'))
    throw new SetupError(
      `this host lacks ${titles(missing)}, and it has no apt-get: expected Debian 13 or Ubuntu 24.04`,
      `install what provides ${missing.flatMap(({ needs }) => needs).join(', ')}, or use such a system, a container for example`,
    );
  const packages = missing.flatMap(packagesOf);
  const remedy = `run: sudo apt-get update && ${installCommand(packages)}`;
  for (const one of missing) onEvent({ title: one.title, why: one.why, state: 'start' });
  const asRoot = await rootPrefix(askPassword);
  if (!asRoot)
    throw new SetupError(
      `this host lacks ${titles(missing)}; installing needs root or sudo without a password`,
      remedy,
    );
  const apt = async (title: string, args: string[]): Promise<void> => {
    onEvent({ title, why: packages.join(' '), state: 'start' });
    const [command = 'apt-get', ...rest] = [...asRoot, 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args];
    const child = execa(command, rest, { env: { DEBIAN_FRONTEND: 'noninteractive' }, reject: false, all: true });
    child.all.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trim().split('\n').at(-1);
      if (line) onEvent({ title, why: '', state: 'progress', detail: line.slice(0, 120) });
    });
    const result = await child;
    if (result.exitCode !== 0)
      throw new SetupError(`${title} failed: ${result.all.trim().split('\n').slice(-5).join('\n  ')}`, remedy);
    onEvent({ title, why: '', state: 'done' });
  };
  await apt('package lists', ['update']);
  await apt('packages', ['install', '-y', '--no-install-recommends', ...packages]);
  const still = missingRequirements(purpose, uses);
  if (still.length > 0)
    throw new SetupError(
      `still missing after the installation: ${still.map((one) => `${one.title} (${one.needs.join(', ')})`).join('; ')}`,
      remedy,
    );
  for (const one of missing) onEvent({ title: one.title, why: one.why, state: 'done' });
}

/** Package names of a requirement on this distribution. */
export function packagesOf(requirement: Requirement): readonly string[] {
  return isUbuntu() && requirement.ubuntu ? requirement.ubuntu : requirement.debian;
}

function isUbuntu(): boolean {
  try {
    return /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** The command that installs packages, for a person to type. */
export function installCommand(packages: readonly string[]): string {
  return `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

function titles(missing: readonly Requirement[]): string {
  return missing.map((one) => one.title).join(', ');
}

async function rootPrefix(askPassword: boolean): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = await execa('sudo', askPassword ? ['-v'] : ['-n', 'true'], {
    reject: false,
    ...(askPassword ? { stdio: 'inherit' } : {}),
  });
  return sudo.exitCode === 0 ? ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'] : undefined;
}
