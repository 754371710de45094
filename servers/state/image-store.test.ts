import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imagePath, openImageStore } from './image-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pxewright-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('has every image enabled until an administrator says other', async () => {
  const store = openImageStore(folder);
  expect(store.find('Images/Linux/sample.wim')).toEqual({ path: 'Images\\Linux\\sample.wim', enabled: true });
  await store.update((images) => [
    ...images,
    { ...store.find('Images\\Linux\\sample.wim'), enabled: false, name: 'Sample' },
  ]);
  expect(openImageStore(folder).find('images/linux/SAMPLE.WIM')).toEqual({
    path: 'Images\\Linux\\sample.wim',
    enabled: false,
    name: 'Sample',
  });
});

it('says what is wrong with a damaged file', async () => {
  await writeFile(path.join(folder, 'images.json'), '{"schema":1,"images":[{"path":"..\\\\x.wim","enabled":true}]}');
  expect(() => openImageStore(folder).images()).toThrow(
    String.raw`images.0.path: expected a path below the share such as Images\Linux\sample.wim, got "..\\x.wim"; the file is unchanged`,
  );
});

it.each(['', '\\x.wim', '/x.wim', 'a\\..\\x.wim', 'a\\\\x.wim', './x.wim', 'C:\\x.wim', 'a\u0000b'])(
  'takes no path that could leave the share: %j',
  (text) => {
    expect(imagePath.safeParse(text).success).toBe(false);
  },
);
