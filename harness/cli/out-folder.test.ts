import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertFolderCanBeMade } from './out-folder.ts';

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
