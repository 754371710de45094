import { mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openImageStore } from '../../state/image-store.ts';
import { addImage, removeImage } from './image-changes.ts';
import { fileOf, listImages, namedImage } from './image-listing.ts';
import { smallWim } from '../wim/testing/small-wim.ts';

let work: string;
let root: string;
let state: string;
beforeEach(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-manage-'));
  root = path.join(work, 'reminst');
  state = path.join(work, 'state');
  await mkdir(path.join(root, 'Images', 'Linux'), { recursive: true });
  await writeFile(path.join(work, 'new.wim'), smallWim());
});
afterEach(() => rm(work, { recursive: true, force: true }));

const entry = { enabled: true, addedAt: '2026-11-24T12:00:00.000Z' };
const add = (more: Partial<Parameters<typeof addImage>[2]> = {}) =>
  addImage(root, state, { file: path.join(work, 'new.wim'), group: 'Linux', entry, ...more });
const inGroup = (group = 'Linux') => readdir(path.join(root, 'Images', group));

describe('adding an image', () => {
  it('copies it whole, enters it, and lists it with what its header tells', async () => {
    expect(await add({ group: 'Workshop' })).toBe('Images\\Workshop\\new.wim');
    expect(await readFile(path.join(root, 'Images', 'Workshop', 'new.wim'))).toEqual(smallWim());
    expect(openImageStore(state).images()).toEqual([{ ...entry, path: 'Images\\Workshop\\new.wim' }]);
    expect(await listImages(root, openImageStore(state).images())).toEqual([
      {
        path: 'Images\\Workshop\\new.wim',
        kind: 'install',
        bytes: smallWim().length,
        enabled: true,
        name: 'one',
        addedAt: entry.addedAt,
        images: [{ index: 1, name: 'one', architecture: 'x64' }],
        problems: [],
      },
    ]);
  });

  it('refuses a damaged one by name and leaves nothing', async () => {
    await truncate(path.join(work, 'new.wim'), 300);
    await expect(add()).rejects.toMatchObject({
      name: 'ImageRefusedError',
      message: expect.stringContaining('wim-truncated: expected ') as unknown,
    });
    expect([await inGroup(), openImageStore(state).images()]).toEqual([[], []]);
  });

  it.each<[string, Parameters<typeof add>[0], string]>([
    [
      'that is not there',
      { file: '/nowhere/x.wim' },
      'expected an image file, got /nowhere/x.wim, which does not exist',
    ],
    ['whose name is no WIM’s', { as: 'x.iso' }, 'expected a file name that ends in .wim, got "x.iso"'],
    ['whose name would leave the group', { as: '../x.wim' }, 'expected a file name that ends in .wim, got "../x.wim"'],
    ['both ways at once', { singleInstance: true, replace: true }, 'expected --replace or --single-instance, got both'],
  ])('takes none %s', async (_, more, message) => {
    await expect(add(more)).rejects.toThrow(message);
    expect(await inGroup()).toEqual([]);
  });

  it('takes no name twice, whatever its case, unless told to replace it', async () => {
    await add();
    await writeFile(
      path.join(work, 'NEW.WIM'),
      smallWim({ xml: '<WIM><IMAGE INDEX="1"><NAME>two</NAME></IMAGE></WIM>' }),
    );
    const other = { file: path.join(work, 'NEW.WIM'), group: 'LINUX' };
    await expect(add(other)).rejects.toThrow(
      'expected a name that is not taken, got Images\\Linux\\new.wim; --replace puts the new image in its place',
    );
    expect(await add({ ...other, replace: true })).toBe('Images\\Linux\\new.wim');
    expect(await inGroup()).toEqual(['new.wim']);
    expect(await listImages(root, openImageStore(state).images())).toMatchObject([{ name: 'two' }]);
  });

  it('keeps the data of single-instance images in the group’s Res.rwm', async () => {
    await add({ singleInstance: true });
    await add({ singleInstance: true, as: 'again.wim' });
    expect(await inGroup()).toEqual(['Res.rwm', 'again.wim', 'new.wim']);
    expect(await listImages(root, [])).toMatchObject([
      { path: 'Images\\Linux\\again.wim', problems: [] },
      { path: 'Images\\Linux\\new.wim', problems: [] },
    ]);
  });
});

describe('an image that a person names', () => {
  it('is found by path or by a file name that is unique, whatever its case and slashes', async () => {
    await add();
    await add({ group: 'B', as: 'other.wim' });
    expect(await namedImage(root, 'images/linux/NEW.wim')).toBe('Images\\Linux\\new.wim');
    expect(await namedImage(root, 'OTHER.wim')).toBe('Images\\B\\other.wim');
    await add({ group: 'B' });
    await expect(namedImage(root, 'new.wim')).rejects.toThrow(
      'which means several: Images\\B\\new.wim, Images\\Linux\\new.wim',
    );
    await expect(namedImage(root, '..\\..\\x.wim')).rejects.toThrow(
      'expected the path of an image in the store, got "..\\\\..\\\\x.wim" (it has: ',
    );
  });

  it('is removed with what was decided about it, while a reader goes on', async () => {
    const added = await add();
    const reader = await open(fileOf(root, added));
    await removeImage(root, state, added);
    expect([await inGroup(), openImageStore(state).images()]).toEqual([[], []]);
    expect(await reader.readFile()).toEqual(smallWim());
    await reader.close();
  });
});
