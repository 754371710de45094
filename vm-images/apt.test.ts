import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freshlyKept, remembered } from './apt.ts';

let folder: string;
let memory: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pxewright-apt-'));
  memory = path.join(folder, 'versions.json');
});
afterEach(() => rm(folder, { recursive: true }));

const says = (version: string | undefined) => () =>
  Promise.resolve(version === undefined ? undefined : { kernel: version });

it('asks apt once, and again when its lists are others', async () => {
  expect(await freshlyKept(memory)).toBeUndefined();
  expect(await remembered(memory, says('1'))).toEqual({ kernel: '1' });
  expect(await remembered(memory, says('2'))).toEqual({ kernel: '1' });
  expect(await freshlyKept(memory)).toEqual({ kernel: '1' });
  await writeFile(memory, JSON.stringify({ stamp: 'of other lists', versions: { kernel: '1' } }));
  expect(await freshlyKept(memory)).toBeUndefined();
  expect(await remembered(memory, says('2'))).toEqual({ kernel: '2' });
});

it('takes the answer that was kept when apt has none, and only then the other one', async () => {
  expect(await remembered(memory, says(undefined))).toBeUndefined();
  expect(await remembered(memory, says(undefined), says('host'))).toEqual({ kernel: 'host' });
  await writeFile(memory, JSON.stringify({ stamp: 'of other lists', versions: { kernel: '1' } }));
  expect(await remembered(memory, says(undefined), says('host'))).toEqual({ kernel: '1' });
});
