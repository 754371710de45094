import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hostState, markedProcesses } from './testing/leftovers.ts';
import { pxewright, temporaryFolder } from './testing/pxewright.ts';

/** Moments at which a run is killed, milliseconds after its start: from the command line's own start to well into a boot. */
const KILLS = 20;
const LATEST_MS = 9000;
/** The kernel needs a moment to take down namespaces; longer than this and something holds them. */
const GONE_WITHIN_MS = 5000;
const AT_ONCE = 2;

describe('a run that is killed by SIGKILL', () => {
  it(`leaves nothing at ${KILLS} random moments`, { timeout: 400_000 }, async () => {
    const before = await hostState();
    const seed = Number(process.env['PXEWRIGHT_KILL_SEED'] ?? Date.now() % 1_000_000);
    const moments = Array.from({ length: KILLS }, (_, index) => Math.round(random(seed + index) * LATEST_MS));
    const left: string[] = [];
    const queue = moments.entries();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const [index, afterMs] of queue) left.push(...(await killOnce(index, afterMs)).map((process) => `killed after ${afterMs} ms (seed ${seed}): ${process}`));
    }));
    expect(left).toEqual([]);
    expect(await hostState()).toEqual(before);
    // What the killed ones could not remove, the next run may not find either.
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('pxewright-') && !name.startsWith('pxewright-test-') && !name.endsWith('.json'))).toEqual([]);
  });
});

async function killOnce(index: number, afterMs: number): Promise<string[]> {
  await using out = await temporaryFolder();
  const mark = `PXEWRIGHT_TEST_MARK=${process.pid}-${index}-`;
  const [name = '', value = ''] = mark.split('=');
  const run = pxewright(['run', 'scenarios/pxe/dhcp-only.yaml', '--out', out.path], { [name]: value });
  await later(afterMs);
  run.kill('SIGKILL');
  await run;
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  let processes = await markedProcesses(mark);
  while (processes.length > 0 && performance.now() < deadlineMs) {
    await later(50);
    processes = await markedProcesses(mark);
  }
  return processes;
}

/** A number in [0, 1) from a seed (mulberry32), so that a failure can be repeated with PXEWRIGHT_KILL_SEED. */
function random(seed: number): number {
  let t = (seed + 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
