import { mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkLatest, newestRun, runFolders } from './run-folders.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const OLD = '2026-11-24T12-00-00-aaaa';
const NEW = '2026-11-25T12-00-00-bbbb';

test('the newest run is the last one that has left what is asked for', async () => {
  await using out = await temporaryFolder();
  for (const name of [OLD, NEW, 'notes', '2026-11-26T12-00-00-ffff.old']) await mkdir(join(out.path, name));
  await symlink(NEW, join(out.path, '2026-11-27T12-00-00-cccc'));
  expect(await runFolders(out.path)).toEqual([join(out.path, NEW), join(out.path, OLD)]);
  expect(await newestRun(out.path)).toBeUndefined();
  await writeFile(join(out.path, OLD, 'result.json'), '{}');
  // The newer one is still going on.
  expect(await newestRun(out.path)).toBe(join(out.path, OLD));
  expect(await newestRun(join(out.path, 'no-such'))).toBeUndefined();
});

test('`latest` is a relative link that is replaced in one step and leaves nothing beside it', async () => {
  await using out = await temporaryFolder();
  for (const name of [OLD, NEW]) {
    await mkdir(join(out.path, name));
    await linkLatest(join(out.path, name));
    expect(await readlink(join(out.path, 'latest'))).toBe(name);
  }
  // Many at once, as runs side by side end: there is a link at every moment.
  let gone = 0;
  const looking = (async () => {
    for (let n = 0; n < 200; n += 1) await readlink(join(out.path, 'latest')).catch(() => (gone += 1));
  })();
  await Promise.all([OLD, NEW, OLD, NEW, OLD].map((name) => linkLatest(join(out.path, name))));
  await looking;
  expect(gone).toBe(0);
  expect((await readdir(out.path)).toSorted()).toEqual([OLD, NEW, 'latest']);
});
