import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readFile, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TreePlan } from '../plan/plan.ts';
import { layOutTree } from './tree.ts';

let work = '';
let mine = '';
let root = '';
beforeEach(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'tree-')));
  mine = join(work, 'mine');
  root = join(work, 'lab', 'tftp');
  await mkdir(join(mine, 'sub'), { recursive: true });
  await mkdir(join(work, 'host'));
  await writeFile(join(work, 'host', 'secret'), 'of the host');
  await writeFile(join(mine, 'file'), 'mine');
});
afterEach(() => rm(work, { recursive: true }));

const layOut = (more: Partial<TreePlan> = {}, entries: TreePlan['entries'] = []): Promise<void> =>
  layOutTree(root, { entries: [{ path: '.', source: mine }, ...entries], ...more }, new Map());
const at = (name: string): string => join(root, name);
const hostFile = (): Promise<string> => readFile(join(work, 'host', 'secret'), 'utf8');

describe('links in a folder of the user', () => {
  it('bring nothing from outside of it into the tree, however they lead there', async () => {
    await symlink(join(work, 'host', 'secret'), join(mine, 'absolute'));
    await symlink('../../host/secret', join(mine, 'sub', 'relative'));
    await symlink('absolute', join(mine, 'chain'));
    await symlink('../host', join(mine, 'folder'));
    await layOut();
    // What a service then refuses by its name.
    for (const name of ['absolute', 'sub/relative', 'chain'])
      expect([(await lstat(at(name))).isSymbolicLink(), await readlink(at(name))]).toEqual([
        true,
        join(work, 'host', 'secret'),
      ]);
    expect(await readlink(at('folder'))).toBe(join(work, 'host'));
  });

  it('give what they lead to inside of it, as a copy', async () => {
    await writeFile(join(mine, 'sub', 'deep'), 'deep');
    await symlink('file', join(mine, 'same'));
    await symlink(join(mine, 'file'), join(mine, 'sub', 'absolute'));
    await symlink('../mine/sub', join(mine, 'around'));
    await layOut();
    expect(
      await Promise.all(['same', 'sub/absolute', 'around/deep'].map((name) => readFile(at(name), 'utf8'))),
    ).toEqual(['mine', 'mine', 'deep']);
    await writeFile(at('same'), 'changed');
    expect(await readFile(join(mine, 'file'), 'utf8')).toBe('mine');
  });

  it('may be endless or dangling', async () => {
    await symlink('..', join(mine, 'sub', 'up'));
    await symlink('.', join(mine, 'here'));
    await symlink('loop', join(mine, 'loop'));
    await symlink('nowhere', join(mine, 'dangling'));
    await layOut();
    expect(await readFile(at('sub/up/here/file'), 'utf8')).toBe('mine');
    expect((await realpath(at('sub/up'))).startsWith(root)).toBe(true);
    expect(await readlink(at('dangling'))).toBe('nowhere');
  });

  it('are never written through, taken away through or damaged through', async () => {
    await symlink('../host', join(mine, 'folder'));
    await symlink('../host/secret', join(mine, 'leak'));
    await layOut({}, [
      { path: 'folder/secret', text: 'new' },
      { path: 'leak', source: join(mine, 'file') },
    ]);
    expect(
      await Promise.all([hostFile(), readFile(at('folder/secret'), 'utf8'), readFile(at('leak'), 'utf8')]),
    ).toEqual(['of the host', 'new', 'mine']);
    await rm(root, { recursive: true });
    await expect(layOut({ without: ['folder/secret'] })).rejects.toThrow(
      'folder/secret: expected a file of the tree, got one behind a link',
    );
    await expect(layOut({ damage: [{ path: 'folder/secret', keepPercent: 1 }] })).rejects.toThrow(
      'got one behind a link',
    );
    await expect(layOut({ damage: [{ path: 'leak', keepPercent: 1 }] })).rejects.toThrow(
      'leak: expected a file to damage, got a link',
    );
    expect(await hostFile()).toBe('of the host');
    await layOut({ without: ['leak'] });
    expect(await hostFile()).toBe('of the host');
  });
});

it('makes a FIFO anew, which a service refuses, and does not read it', async () => {
  execFileSync('mkfifo', [join(mine, 'fifo')]);
  await layOut();
  expect((await lstat(at('fifo'))).isFIFO()).toBe(true);
});

it('says in a sentence what cannot be read', async () => {
  await expect(layOut({}, [{ path: 'x', source: join(mine, 'gone') }])).rejects.toThrow(
    `${join(mine, 'gone')} does not exist`,
  );
});
