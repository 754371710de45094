import { execaSync } from 'execa';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { allProcesses, hostState, Mark } from './testing/leftovers.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

const KILLS = 20;
const AT_ONCE = 2;
/**
 * Moments of a kill, milliseconds after the start of its victim: from the command line's own start to well into a boot,
 * which takes more than 15 s: as long as iPXE asks.
 */
const LATEST_MS = 7000;
/** Who is killed. The host half twice as often: it is what a person or a CI kills. */
const VICTIMS = ['host', 'lab', 'host', 'unshare'] as const;
const COMMANDS = { lab: /^\S*node .*lab-main\.[jt]s$/, unshare: /^unshare .*lab-main\.[jt]s$/ } as const;

/**
 * A Node that cannot become the program (process.execve came with 22.15), where this host has one: the bootstrap's
 * other path.
 */
const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (file) => existsSync(file) && execaSync(file, ['-p', 'typeof process.execve']).stdout === 'undefined',
);

describe('a run that is killed by SIGKILL', () => {
  it('is known by every process of its lab, so that none can hide from the tests below', {
    timeout: 60_000,
  }, async () => {
    await using out = await temporaryFolder();
    const mark = new Mark();
    const run = pxewright(['run', 'scenarios/wds/install-bios.yaml', '--out', out.path], mark.env);
    const [lab] = await Promise.all([
      mark.process(COMMANDS.lab),
      mark.process(/^smbd/),
      mark.process(/^qemu-system.* -S /),
      mark.process(/^tcpdump/),
    ]);
    const inLab = (await allProcesses()).filter(({ pidNamespace }) => pidNamespace === lab.pidNamespace);
    expect(inLab.length).toBeGreaterThan(6);
    const known = new Set((await mark.processes()).map(({ pid }) => pid));
    const running = new Set((await allProcesses()).map(({ pid }) => pid));
    const hidden = inLab.filter(({ pid }) => running.has(pid) && !known.has(pid));
    expect(hidden.map(({ command }) => command)).toEqual([]);
    run.kill('SIGKILL');
    await run;
    expect(await mark.left()).toEqual([]);
  });

  it(`leaves nothing at ${KILLS} random moments, and the host half reports the death of the lab half`, {
    timeout: 400_000,
  }, async () => {
    const before = await hostState();
    const seed = Number(process.env['PXEWRIGHT_KILL_SEED'] ?? Date.now() % 1_000_000);
    const wrong: string[] = [];
    const queue = Array.from({ length: KILLS }, (_, index) => ({
      index,
      afterMs: Math.round(random(seed + index) * LATEST_MS),
    })).values();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const { index, afterMs } of queue) {
          const victim = VICTIMS[index % VICTIMS.length] ?? 'host';
          const node = index % 3 === 2 ? OLD_NODE : undefined;
          wrong.push(
            ...(await killOnce(victim, afterMs, node)).map(
              (what) =>
                `${victim} killed after ${afterMs} ms (PXEWRIGHT_KILL_SEED=${seed}${node === undefined ? '' : `, ${node}`}): ${what}`,
            ),
          );
        }
      }),
    );
    expect(wrong).toEqual([]);
    expect(await hostState()).toEqual(before);
  });
});

/** Starts a run, kills one of its processes, and returns what is not as it should be. */
async function killOnce(victim: (typeof VICTIMS)[number], afterMs: number, node?: string): Promise<string[]> {
  await using out = await temporaryFolder();
  await using temporary = await temporaryFolder();
  const mark = new Mark();
  const run = pxewright(
    ['run', 'scenarios/pxe/dhcp-silent.yaml', '--out', out.path],
    { ...mark.env, TMPDIR: temporary.path },
    node === undefined ? {} : { node },
  );
  if (victim === 'host') {
    await later(afterMs);
    await freeze(mark);
    run.kill('SIGKILL');
  } else {
    const { pid } = await mark.process(COMMANDS[victim]);
    await later(afterMs);
    if (victim === 'unshare') await freeze(mark);
    process.kill(pid, 'SIGKILL');
  }
  const { exitCode } = await run;
  return [
    ...(await mark.left()).map((process) => `left ${process}`),
    // Node's compile cache is there for the next start.
    ...(await readdir(temporary.path))
      .filter((name) => name !== 'node-compile-cache')
      .map((name) => `left ${name} in the temporary folder`),
    ...(victim === 'host' ? [] : await wrongReport(out.path, exitCode)),
  ];
}

/**
 * Stops the lab half, if there is one yet: it would unwind by itself when its standard input closes, and only the
 * kernel can be relied on.
 */
async function freeze(mark: Mark): Promise<void> {
  for (const { pid } of (await mark.processes()).filter(({ command }) => COMMANDS.lab.test(command)))
    process.kill(pid, 'SIGSTOP');
}

async function wrongReport(out: string, exitCode: number | undefined): Promise<string[]> {
  const { result } = await onlyRun(out);
  const why = result.scenarios[0]?.why ?? '';
  return [
    ...(exitCode === 2 ? [] : [`exit code ${exitCode ?? '?'} instead of 2`]),
    ...(result.verdict === 'error' ? [] : [`verdict ${result.verdict} instead of error`]),
    ...(/the lab ended with (SIGKILL|exit code 137) and no result/.test(why) ? [] : [`reason "${why}"`]),
  ];
}

/** A number in [0, 1) from a seed (mulberry32), so that a failure can be repeated with PXEWRIGHT_KILL_SEED. */
function random(seed: number): number {
  let t = (seed + 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
