import { copyFile, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, PROJECT, pxewright } from './testing/pxewright.ts';

const LONG_AGO_S = Date.UTC(2012, 5, 1) / 1000;

// Such an image was “not as it should be in 51 of 0 files”: only entries with UNIX data were seen in it.
it('installs an image without UNIX data from a file of several, and finds all of it on the disk', {
  timeout: 240_000,
}, async () => {
  await using work = await temporaryFolder();
  const at = (...names: string[]): string => join(work.path, ...names);
  await mkdir(at('tree', 'boot'), { recursive: true });
  await mkdir(at('tree', 'Program Files', 'Empty'), { recursive: true });
  // EXTLINUX reads it; nothing starts from this disk.
  await writeFile(at('tree', 'boot', 'extlinux.conf'), 'DEFAULT none\n');
  await writeFile(at('tree', 'Program Files', 'Prüfung.txt'), 'x'.repeat(4097));
  await writeFile(at('tree', 'Program Files', 'nothing'), '');
  // wimlib leads absolute links that point into the image to where it is applied, unless it is told not to.
  await symlink(at('tree', 'Program Files'), at('tree', 'absolute'));
  for (const name of ['Program Files/Prüfung.txt', 'Program Files/Empty', 'absolute', 'boot'])
    await lutimes(at('tree', name), LONG_AGO_S, LONG_AGO_S);
  const wim = at('RemInst', 'Images', 'Own', 'own.wim');
  await mkdir(at('RemInst', 'Images', 'Own'), { recursive: true });
  await mkdir(at('other', 'folder'), { recursive: true });
  await execa('wimlib-imagex', ['capture', at('other'), wim, 'Other']);
  await execa('wimlib-imagex', ['append', at('tree'), wim, 'Workstation']);
  await copyFile(join(PROJECT, 'harness/run/testing/own-image/own-image.yaml'), at('own-image.yaml'));

  const { exitCode, stdout } = await pxewright(['run', at('own-image.yaml'), '--out', at('runs')]);
  expect({ exitCode }, stdout).toEqual({ exitCode: 0 });
  const { result } = await onlyRun(at('runs'));
  const guest = result.scenarios[0]?.clients[0]?.guest;
  expect(guest?.agent.find(({ event }) => event === 'agent.image-chosen')?.detail).toMatchObject({
    index: 2,
    name: 'Workstation',
  });
  expect(guest?.disk).toMatchObject({
    // The root, two folders of files and one empty one, three files, a link.
    filesCompared: 8,
    differences: [],
    ignored: ['/lost+found', '/boot/ldlinux.sys', '/boot/ldlinux.c32'],
    notCompared: [],
  });
});
