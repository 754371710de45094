import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFile, replaceFile } from './replace-file.ts';

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pxewright-replace-file-'));
  target = path.join(folder, 'file');
});
afterEach(() => rm(folder, { recursive: true }));

const content = (text: string) => (handle: { writeFile(text: string): Promise<void> }) => handle.writeFile(text);
const taken = (): string => `expected a name for a new file, got ${target}, which exists`;

describe('replaceFile', () => {
  it('replaces a file by a whole one, or leaves it', async () => {
    await writeFile(target, 'old');
    await expect(replaceFile(target, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await readFile(target, 'utf8')).toBe('old');
    await replaceFile(target, content('new'));
    expect(await readFile(target, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('says what keeps it from beginning', async () => {
    await writeFile(`${target}.new`, '');
    await expect(replaceFile(target, content('new'))).rejects.toMatchObject({
      name: 'ManagementError',
      message: expect.stringContaining(`${target}.new exists: another program is writing it`) as string,
    });
    const nowhere = path.join(folder, 'nowhere', 'file');
    await expect(replaceFile(nowhere, content('new'))).rejects.toMatchObject({
      name: 'ManagementError',
      message: expect.stringContaining(`expected a folder in which ${nowhere}.new can be made, but: ENOENT`) as string,
    });
  });
});

describe('makeFile', () => {
  it('makes a file, and nothing else', async () => {
    await makeFile(target, content('new'));
    expect(await readFile(target, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('replaces no file, no folder, and no link that leads nowhere', async () => {
    await writeFile(target, 'old');
    await expect(makeFile(target, content('new'))).rejects.toThrow(taken());
    await rm(target);
    await mkdir(target);
    await expect(makeFile(target, content('new'))).rejects.toThrow(taken());
    await rm(target, { recursive: true });
    await symlink('nowhere', target);
    await expect(makeFile(target, content('new'))).rejects.toThrow(taken());
    expect(await readlink(target)).toBe('nowhere');
  });

  it('replaces nothing that appears while it writes', async () => {
    await expect(makeFile(target, () => writeFile(target, 'other'))).rejects.toThrow(taken());
    expect(await readFile(target, 'utf8')).toBe('other');
    expect(await readdir(folder)).toEqual(['file']);
  });
});
