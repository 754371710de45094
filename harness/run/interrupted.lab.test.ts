import { readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostState, Mark, type HostState } from './testing/leftovers.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright, QUICK_SCENARIOS } from './testing/pxewright.ts';

// Ctrl-C as a terminal sends it: SIGINT to every process of the foreground's process group.

/** A VM, which starts paused; not the question for QEMU's version. */
const QEMU = /^qemu-system.* -S /;
/** Longer than the time within which a second signal counts as the first one once more (interrupt.ts). */
const NEXT_PRESS_MS = 700;

let before: HostState;
beforeAll(async () => {
  before = await hostState();
});
afterAll(async () => {
  expect(await hostState()).toEqual(before);
});

describe('Ctrl-C', () => {
  it('once: the lab unwinds, the report says what was stopped, and what had not begun is skipped', {
    timeout: 120_000,
  }, async () => {
    await using out = await temporaryFolder();
    const mark = new Mark();
    const run = pxewright(['run', QUICK_SCENARIOS, '--workers', '1', '--out', out.path], mark.env, { ownGroup: true });
    await new Promise<void>(
      (resolve) =>
        void createInterface({ input: run.stdout }).on('line', (line) => line.includes('dhcp.discover') && resolve()),
    );
    press(run.pid);
    // npm hands Ctrl-C on to a child that the terminal has sent it to already: no second press.
    press(run.pid);
    const { exitCode, stderr } = await run;
    const { folder, result } = await onlyRun(out.path);
    expect(stderr).toContain('stopping; press Ctrl-C again to end at once');
    expect(exitCode).toBe(2);
    expect(result.verdict).toBe('error');
    expect(result.scenarios.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['error', 'stopped before it was over'],
      ['skipped', 'the run was stopped before it began'],
    ]);
    expect(result.scenarios[0]?.clients[0]?.steps.map(({ step, verdict }) => [step, verdict])).toContainEqual([
      'dhcp.discover',
      'passed',
    ]);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('stopped before it was over');
    expect(await readlink(join(out.path, 'latest'))).toBe(basename(folder));
    expect(await mark.left()).toEqual([]);
  });

  it('twice: it ends at once, and nothing is left', { timeout: 120_000 }, async () => {
    await using out = await temporaryFolder();
    const mark = new Mark();
    const run = pxewright(['run', `${QUICK_SCENARIOS}/silent.yaml`, '--out', out.path], mark.env, { ownGroup: true });
    const { pid } = await mark.process(QEMU);
    const lab = await mark.process(/^\S*node .*lab-main\.[jt]s$/);
    // A lab that cannot unwind, so that the second press finds it half-way.
    process.kill(lab.pid, 'SIGSTOP');
    press(run.pid);
    await later(NEXT_PRESS_MS);
    process.kill(pid, 0);
    press(run.pid);
    expect((await run).exitCode).toBe(130);
    expect(await mark.left()).toEqual([]);
  });

  it('during set-up: no scenario begins, and the report says so', { timeout: 120_000 }, async () => {
    await using out = await temporaryFolder();
    await using cache = await temporaryFolder();
    const mark = new Mark();
    // Nothing is in this cache: the set-up is about to build what VMs boot.
    const run = pxewright(
      ['run', 'scenarios/pxe/dhcp-only.yaml', '--out', out.path],
      { ...mark.env, PXEWRIGHT_CACHE: cache.path },
      { ownGroup: true },
    );
    await mark.process(/^flock /);
    press(run.pid);
    expect((await run).exitCode).toBe(2);
    const { result } = await onlyRun(out.path);
    expect(result.verdict).toBe('error');
    expect(result.scenarios.map(({ verdict }) => verdict)).toEqual(['skipped']);
    expect(await mark.left()).toEqual([]);
  });

  it('ends a served lab with success, and a command in it with 130', { timeout: 120_000 }, async () => {
    const mark = new Mark();
    const waiting = pxewright(['serve', `${QUICK_SCENARIOS}/silent.yaml`], mark.env, { ownGroup: true });
    await new Promise<void>(
      (resolve) =>
        void createInterface({ input: waiting.stderr }).on('line', (line) => line.startsWith('serving') && resolve()),
    );
    const commanded = pxewright(['serve', `${QUICK_SCENARIOS}/silent.yaml`, '--', 'sleep', '1000'], mark.env, {
      ownGroup: true,
    });
    await mark.process(/^sleep 1000/);
    press(waiting.pid);
    press(commanded.pid);
    expect((await waiting).exitCode).toBe(0);
    expect((await commanded).exitCode).toBe(130);
    expect(await mark.left()).toEqual([]);
  });
});

function press(pid: number | undefined): void {
  process.kill(-(pid ?? 0), 'SIGINT');
}
