import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import type { Result } from '../../reports/result.ts';
import { Mark } from './testing/leftovers.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

/** Longer than the scenario allows for the phase in which it comes. */
const STOPPED_MS = 24_000;
const SCENARIO = `
name: A host that stands still
services:
  dhcp: { bootfiles: { bios: undionly.kpxe } }
  tftp: { root: boot-files/ipxe }
clients:
  - { name: pc, nic: e1000, memory: 128MiB, boot-order: [network] }
steps:
  - dhcp.ack
  - tftp.transfer
budgets: { dhcp: 20s, nbp: 20s }
timeout: 3m
`;

/** Sends a signal to a process, unless that has ended since it was seen. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

// A suspended host runs nothing, and its clock goes on: so does the clock of processes that are stopped all at once.
it('a host that is suspended in the middle of a boot fails nobody, and a replay says the same', {
  timeout: 180_000,
}, async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'still.yaml');
  await writeFile(file, SCENARIO);
  const mark = new Mark();
  const run = pxewright(['run', file, '--cold', '--out', join(folder.path, 'out')], mark.env);
  await new Promise<void>(
    (resolve) =>
      void createInterface({ input: run.stdout }).on('line', (line) => line.includes('dhcp.discover') && resolve()),
  );
  const stopped = await mark.processes();
  for (const { pid } of stopped) signal(pid, 'SIGSTOP');
  await later(STOPPED_MS);
  for (const { pid } of stopped) signal(pid, 'SIGCONT');
  const { exitCode, stdout } = await run;
  expect(exitCode, stdout).toBe(0);
  const { folder: runFolder, result } = await onlyRun(join(folder.path, 'out'));
  const [scenario] = result.scenarios;
  expect(scenario?.verdict).toBe('passed');
  expect(scenario?.usage?.stoodStillMs).toBeGreaterThan(STOPPED_MS - 1000);
  expect(scenario?.clients[0]?.phases['dhcp']).toBeGreaterThan(STOPPED_MS - 1000);

  const { stdout: again } = await pxewright([
    'replay',
    join(runFolder, scenario?.capture?.file ?? ''),
    '--scenario',
    file,
    '--json',
  ]);
  expect((JSON.parse(again) as Result).scenarios[0]?.clients[0]?.steps).toEqual(scenario?.clients[0]?.steps);
});
