import { execa } from 'execa';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PXE_NICS } from '#qemu-wrapper/nic-models';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../reports/result.ts';
import { planScenarios } from '../plan/scenarios.ts';
import { loadScenarios } from '../scenario/load-scenarios.ts';
import { runPlan } from './host/run-plan.ts';
import { Mark } from './testing/leftovers.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { BOOTSTRAP, onlyRun, PROJECT, pxewright, QUICK_SCENARIOS } from './testing/pxewright.ts';

// What breaks in the lab is an error and never the client's failure: who broke, what it said last, and what was judged
// before.

const TEST_TIMEOUT = { timeout: 120_000 };
/** What QEMU gives a virtio-net-pci of its own accord, be the firmware BIOS or UEFI. */
const PXE_ROM = `/usr/share/qemu/${PXE_NICS['virtio-net-pci'].bios.rom}`;

/** Runs a boot, kills one of its processes after the first DISCOVER, and hands over what the run left. */
async function runAndKill(victim: RegExp): Promise<{ result: Result; junit: string; exitCode: number | undefined }> {
  await using out = await temporaryFolder();
  const mark = new Mark();
  const run = pxewright(['run', `${QUICK_SCENARIOS}/silent.yaml`, '--out', out.path], mark.env);
  await new Promise<void>(
    (resolve) =>
      void createInterface({ input: run.stdout }).on('line', (line) => line.includes('dhcp.discover') && resolve()),
  );
  process.kill((await mark.process(victim)).pid, 'SIGKILL');
  const { exitCode } = await run;
  expect(await mark.left()).toEqual([]);
  const { folder, result } = await onlyRun(out.path);
  return { result, exitCode, junit: await readFile(join(folder, 'junit.xml'), 'utf8') };
}

describe('a lab that breaks during a boot', () => {
  it.concurrent.each([
    [
      'QEMU',
      /^qemu-system.* -S /,
      /^QEMU of pc was ended by another process \(SIGKILL.*\): no message on standard error$/,
    ],
    [
      'tcpdump',
      /^tcpdump -i br0/,
      /^the capture ended by itself after \d+ frames: it was ended by SIGKILL\n {2}command: tcpdump /,
    ],
    [
      'a service',
      /^\S*node .*servers\/boot\/dhcp\.[jt]s/,
      /^dhcp on host-1 ended with SIGKILL: no message on standard error$/,
    ],
  ])('%s killed', TEST_TIMEOUT, async (_, victim, why) => {
    const { result, junit, exitCode } = await runAndKill(victim);
    const [scenario] = result.scenarios;
    expect(scenario?.why).toMatch(why);
    expect([exitCode, result.verdict, scenario?.verdict, scenario?.clients[0]?.verdict]).toEqual([
      2,
      'error',
      'error',
      'error',
    ]);
    const steps = scenario?.clients[0]?.steps.map(({ step, verdict }) => [step, verdict]) ?? [];
    expect(steps[0]).toEqual(['dhcp.discover', 'passed']);
    expect(steps.filter(([, verdict]) => verdict === 'failed')).toEqual([]);
    expect(junit).toMatch(/<testsuites [^>]*failures="0" errors="1"/);
    expect(junit).toContain('<error ');
  });

  it('the file server killed while it is served', TEST_TIMEOUT, async () => {
    const mark = new Mark();
    const served = pxewright(['serve', 'scenarios/wds/install-bios.yaml', '--', 'sleep', '1000'], mark.env);
    await mark.process(/^sleep 1000/);
    const { pid } = await mark.process(/^smbd /);
    process.kill(pid, 'SIGKILL');
    const { exitCode, stderr } = await served;
    expect(stderr).toMatch(/pxewright: smb on host-207 ended with exit code 2: smb: smbd ended with SIGKILL/);
    expect(exitCode).toBe(2);
    expect(await mark.left()).toEqual([]);
  });
});

describe('a lab that cannot be set up', () => {
  it.concurrent(
    "a port that is taken: the service's own words are the reason and in its log",
    TEST_TIMEOUT,
    async () => {
      await using out = await temporaryFolder();
      const [plan] = (await loadScenarios(['scenarios/pxe/dhcp-only.yaml'])).flatMap((scenario) =>
        planScenarios(scenario),
      );
      const tftp = plan?.services.find(({ kind }) => kind === 'tftp');
      if (!plan || !tftp) throw new Error('expected a scenario with a TFTP server');
      const trees = plan.trees.map((tree) => ({ ...tree, entries: [] }));
      const result = await runPlan(
        { ...plan, trees, services: [tftp, tftp] },
        { runFolder: out.path, attempt: 1, accel: 'tcg', fullCapture: false, cold: true, bundles: new Map() },
      );
      expect([result.verdict, result.clients[0]?.verdict, result.clients[0]?.steps]).toEqual(['error', 'error', []]);
      expect(result.why).toMatch(/^tftp on host-207 ended with exit code 2: tftp: starting: .*EADDRINUSE/);
      expect(await readFile(join(out.path, 'pxe-dhcp-only', 'services', 'tftp@host-207.stderr.log'), 'utf8')).toContain(
        'EADDRINUSE',
      );
    },
  );

  // Only root can put a file in the place of QEMU's own.
  it.skipIf(process.getuid?.() !== 0).concurrent('an option ROM that cannot be used', TEST_TIMEOUT, async () => {
    await using out = await temporaryFolder();
    const mark = new Mark();
    // The file is empty for this run alone: a mount namespace of its own.
    const { exitCode } = await execa(
      'unshare',
      [
        '--mount',
        'sh',
        '-c',
        `mount --bind /dev/null "$(readlink -f ${PXE_ROM})" && exec "$@"`,
        'sh',
        process.execPath,
        BOOTSTRAP,
        'run',
        `${QUICK_SCENARIOS}/silent.yaml`,
        '--out',
        out.path,
      ],
      { cwd: PROJECT, env: mark.env, reject: false },
    );
    const { result } = await onlyRun(out.path);
    expect([exitCode, result.verdict]).toEqual([2, 'error']);
    expect(result.scenarios[0]?.why).toMatch(
      /^VM pc \(bios, virtio-net-pci\): starting VM pc failed: QEMU ended with code 1\n {2}standard error: qemu-system-x86_64: .*efi-virtio\.rom/,
    );
    expect(await mark.left()).toEqual([]);
  });

  it.concurrent('no room for the files of a lab', TEST_TIMEOUT, async () => {
    await using out = await temporaryFolder();
    const mark = new Mark();
    const { exitCode } = await pxewright(['run', 'scenarios/pxe/dhcp-only.yaml', '--out', out.path], {
      ...mark.env,
      PXEWRIGHT_LAB_MEMORY: '1M',
    });
    const { folder, result } = await onlyRun(out.path);
    expect([exitCode, result.verdict]).toEqual([2, 'error']);
    expect(result.scenarios[0]?.why).toMatch(/^files of tftp: ENOSPC: no space left on device, .*PXEWRIGHT_LAB_MEMORY/);
    expect(await readdir(folder)).toContain('junit.xml');
    expect(await mark.left()).toEqual([]);
  });
});
