import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDeviceStore } from '../../servers/state/device-store.ts';
import { stateTask } from './state.ts';
import { treeTask } from './tree.ts';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'pxewright-state-'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

const mac = '52:54:00:00:00:01';

it('begins a new state with the scenario’s devices, and leaves one that is there as it is', async () => {
  const folder = join(work, 'a', 'state');
  await stateTask({ folder, devices: [{ key: mac, mac, status: 'prestaged', name: 'PC01' }] }).setup();
  const store = openDeviceStore(folder);
  expect(store.devices()).toMatchObject([{ mac, name: 'PC01', status: 'prestaged' }]);
  await store.update(() => []);
  await stateTask({ folder, devices: [{ key: mac, mac, status: 'prestaged' }] }).setup();
  expect(store.devices()).toEqual([]);
  expect(await readdir(folder)).toEqual(['devices.json', 'devices.json.lock']);
});

it('lays a kept tree out once, whole', async () => {
  const root = join(work, 'reminst');
  const task = (text: string) => treeTask({ root, once: true, entries: [{ path: 'Images/x', text }] }, new Map());
  await task('first').setup();
  await writeFile(join(root, 'Images', 'y'), 'added');
  await task('second').setup();
  expect(await readFile(join(root, 'Images', 'x'), 'utf8')).toBe('first');
  expect(await readdir(join(root, 'Images'))).toEqual(['x', 'y']);
  expect(await readdir(work)).toEqual(['reminst']);
});
