import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const PROGRAMS = ['../run/host/run-canary.ts', '../run/lab/lab-main.ts'];

// In a mount namespace of its own, since a program that did not refuse would mount over /tmp or /run.
it.each(PROGRAMS)('%s refuses to run outside a lab, and mounts nothing', async (program) => {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const file = fileURLToPath(new URL(program, import.meta.url));
  const script = '"$0" "$1" tcg 1000; echo "exit $?"; cat /proc/self/mounts';
  const before = (await execa('unshare', [...user, '--mount', 'cat', '/proc/self/mounts'])).stdout;
  const run = await execa('unshare', [...user, '--mount', 'sh', '-c', script, process.execPath, file], {
    stdin: 'ignore',
  });
  expect(run.stderr).toContain('runs only as the first program of a lab: expected tini with');
  expect(run.stdout).toBe(`exit 1\n${before}`);
});
