import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { missingRequirements, type Requirement } from './requirements.ts';

/** The host lacks something that could not be installed. `remedy` is the command that would install it. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(`${message}\n  to fix it, run: ${remedy}`);
    this.remedy = remedy;
  }
}

export interface SetupEvent {
  readonly title: string;
  readonly why: string;
  readonly state: 'start' | 'progress' | 'done' | 'failed';
  readonly detail?: string;
}

/** Installs the Debian or Ubuntu packages that the host lacks; does nothing, in milliseconds, when it lacks none. */
export async function installRequirements(
  purpose: 'run' | 'test',
  onEvent: (event: SetupEvent) => void,
): Promise<void> {
  const missing = missingRequirements(purpose);
  if (missing.length === 0) return;
  const packages = missing.flatMap(packagesOf);
  const remedy = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  for (const one of missing) onEvent({ title: one.title, why: one.why, state: 'start' });
  const asRoot = await rootPrefix();
  if (!asRoot)
    throw new SetupError(
      `missing: ${missing.map((one) => one.title).join(', ')}; installing needs root or sudo without a password`,
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
  const still = missingRequirements(purpose);
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

async function rootPrefix(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = await execa('sudo', ['-n', 'true'], { reject: false });
  return sudo.exitCode === 0 ? ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'] : undefined;
}
