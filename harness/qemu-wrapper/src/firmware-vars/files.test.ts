import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copySparse } from '../vm/sparse-copy.ts';
import { changeVariables, readVariables } from './files.ts';
import { settingsOf } from './settings.ts';

let file: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vars-'));
  file = path.join(folder, 'vars.fd');
  const packed = await readFile(path.join(import.meta.dirname, 'testdata', 'secure-boot-after-pxe.fd.gz'));
  await writeFile(file, gunzipSync(packed));
});
afterEach(() => rm(folder, { recursive: true }));

it('changes variables in a file without a VM', async () => {
  const before = await stat(file);
  await changeVariables(file, { bootNext: 3, bootOrder: [0, 1] });
  expect(settingsOf(await readVariables(file))).toMatchObject({ bootNext: 3, bootOrder: [0, 1], secureBoot: true });
  expect((await stat(file)).size).toBe(before.size);
});

it('writes nothing to a damaged store, and names the file', async () => {
  await truncate(file, 1000);
  const before = await readFile(file);
  await expect(changeVariables(file, { bootNext: 3 })).rejects.toThrow(
    `${file} is no sound store of firmware variables: its volume has 540672 bytes, and the file only 1000`,
  );
  expect(await readFile(file)).toEqual(before);
});

it('a copy of a store in a flash chip of 64 MiB is the same, and takes no room for what is empty', async () => {
  await truncate(file, 64 * 1024 * 1024);
  const copy = path.join(folder, 'copy.fd');
  await copySparse(file, copy);
  const { size, blocks } = await stat(copy);
  expect(size).toBe(64 * 1024 * 1024);
  expect(blocks * 512).toBeLessThan(2 * 1024 * 1024);
  expect(await readVariables(copy)).toEqual(await readVariables(file));
});
