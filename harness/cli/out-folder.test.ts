import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { pxewright } from '../run/testing/pxewright.ts';
import { EXIT } from './exit-codes.ts';
import { assertCacheCanBeMade, assertFolderCanBeMade } from './out-folder.ts';
import { reportError } from './report-error.ts';

describe('a folder for a run', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
    await writeFile(join(folder, 'file'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['', 'new', 'new/and/deep'])('may be made at “%s”, and is not made yet', async (path) => {
    await assertFolderCanBeMade('--out', join(folder, path));
    expect(await readdir(folder)).toEqual(['file']);
  });

  it.each(['file', 'file/below'])('may not be at %s', async (path) => {
    await expect(assertFolderCanBeMade('--out', join(folder, path))).rejects.toThrow(
      `--out: expected a folder, or a path where one can be made, got ${join(folder, path)}: ${folder}/file is no folder`,
    );
  });

  it('may not be where a file system makes none', async () => {
    await expect(assertFolderCanBeMade('--out', '/proc/pxewright/runs')).rejects.toThrow(
      '--out: expected a folder, or a path where one can be made, got /proc/pxewright/runs: no folder can be made in /proc (',
    );
  });
});

describe('the cache', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('that can be made nowhere is unusable input; one that is there may be read-only', async () => {
    vi.stubEnv('PXEWRIGHT_CACHE', '/proc/pxewright');
    await expect(assertCacheCanBeMade()).rejects.toThrow(
      'cache (PXEWRIGHT_CACHE): expected a folder, or a path where one can be made, got /proc/pxewright',
    );
    vi.stubEnv('PXEWRIGHT_CACHE', '/proc/sys');
    await assertCacheCanBeMade();
  });
});

describe('pxewright', () => {
  it('starts where its cache can be made nowhere, and says so when it needs it', async () => {
    const env = { PXEWRIGHT_CACHE: '/proc/pxewright/cache' };
    const { exitCode } = await pxewright(['list'], env);
    expect(exitCode).toBe(0);
    const images = await pxewright(['images', 'agent'], env);
    expect(images.stderr).toContain(
      'cache (PXEWRIGHT_CACHE): expected a folder, or a path where one can be made, got /proc/',
    );
    expect(images.exitCode).toBe(3);
  });
});

describe("the system's errors", () => {
  it('are one sentence with file and reason, and no stack', async () => {
    let said = '';
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    const error: unknown = await writeFile('/proc/pxewright', '').catch((reason: unknown) => reason);
    expect(reportError(error)).toBe(EXIT.labError);
    spy.mockRestore();
    expect(said).toMatch(/^pxewright: E[A-Z]+: .*'\/proc\/pxewright'\n$/);
  });
});
