import { labObstacle, type LabUnavailableError } from '../lab/host-checks.ts';
import { accelerator } from '../run/host/accelerator.ts';
import { packagesOf } from '../setup/install.ts';
import { missingRequirements, REQUIREMENTS } from '../setup/requirements.ts';
import { EXIT } from './exit-codes.ts';

/**
 * `pxewright doctor`: the list that set-up works through, what the kernel allows, and which accelerator will be used.
 */
export async function doctorCommand(options: { readonly tests?: boolean }): Promise<number> {
  const purpose = options.tests ? 'test' : 'run';
  const missing = new Set(missingRequirements(purpose));
  const packages: string[] = [];
  for (const requirement of REQUIREMENTS.filter((one) => purpose === 'test' || one.for === 'run')) {
    say(
      !missing.has(requirement),
      requirement.title,
      missing.has(requirement) ? `${requirement.why}: missing ${requirement.needs.join(', ')}` : requirement.why,
    );
    if (missing.has(requirement)) packages.push(...packagesOf(requirement));
  }
  const obstacle = await checkLab();
  if (missing.size === 0) {
    const accel = await accelerator('auto', () => undefined);
    say(true, 'accelerator', `${accel.accel}: ${accel.reason}`);
  }
  const remedies = [
    ...(packages.length > 0 ? [`sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`] : []),
    ...(obstacle ? [obstacle.remedy] : []),
  ];
  if (remedies.length > 0)
    process.stdout.write(`\nto fix it, run:\n${remedies.map((remedy) => `  ${remedy}\n`).join('')}`);
  return remedies.length === 0 ? EXIT.passed : EXIT.labError;
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

function say(ok: boolean, title: string, detail: string): void {
  process.stdout.write(`${ok ? 'ok     ' : 'MISSING'} ${title.padEnd(30)} ${detail}\n`);
}
