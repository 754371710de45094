import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PACKAGE_FOLDER } from '../setup/installation.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('Ctrl-C in a capture on standard input that never ends stops a replay at once, and leaves nothing', {
  timeout: 60_000,
}, async () => {
  const replay = execa('node', [join(PACKAGE_FOLDER, 'harness/cli/pxewright.ts'), 'replay', '-', '--frames'], {
    env: { TMPDIR: folder },
    stdin: 'pipe',
    reject: false,
  });
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual([expect.stringMatching(/^pxewright-capture-/)]), {
    timeout: 50_000,
  });
  replay.kill('SIGINT');
  expect(await replay).toMatchObject({ signal: 'SIGINT' });
  expect(await readdir(folder)).toEqual([]);
});
