import { mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evidenceName, newRunFolder } from './file-names.ts';
import { evidenceFolder, insideRun, writeAtomically } from './run-folder.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('names of scenarios become plain folder names that keep attempts apart', () => {
  expect(evidenceName({ id: 'wds/install-bios[nic=e1000]', attempt: 1 })).toBe('wds-install-bios-nic-e1000');
  expect(evidenceName({ id: 'wds/install-bios', attempt: 2 })).toBe('wds-install-bios.attempt-2');
  expect(evidenceName({ id: 'wds/install-bios', attempt: 3, repetition: 2 })).toBe(
    'wds-install-bios.repetition-2.attempt-3',
  );
  expect(evidenceName({ id: 'wds/install-bios', attempt: 1, repetition: 1 })).toBe('wds-install-bios');
  expect(evidenceName({ id: '../..', attempt: 1 })).toBe('scenario');
  expect(evidenceName({ id: '起動', attempt: 1 })).toMatch(/^scenario-[0-9a-f]{8}$/);
  expect(evidenceName({ id: '起動', attempt: 1 })).not.toBe(evidenceName({ id: '安装', attempt: 1 }));
});

test('the newest run has the last name', () => {
  const at = (time: string): string => newRunFolder('runs', new Date(time));
  expect(at('2026-11-24T12:00:00.999Z')).toMatch(/^runs\/2026-11-24T12-00-00-[0-9a-f]{4}$/);
  expect([at('2026-12-01T00:00:00Z'), at('2026-11-30T23:59:59Z')].toSorted()[1]).toMatch(/^runs\/2026-12-01/);
});

test('evidence lies beside the capture, else in the folder named after the scenario', () => {
  expect(evidenceFolder({ id: 'a/b', attempt: 1, capture: { file: 'x/capture.pcap', frames: 1, dropped: 0 } })).toBe(
    'x',
  );
  expect(evidenceFolder({ id: 'a/b', attempt: 1, capture: { file: '/elsewhere/c.pcap', frames: 1, dropped: 0 } })).toBe(
    'a-b',
  );
  expect(evidenceFolder({ id: 'a/b', attempt: 1 })).toBe('a-b');
});

test('nothing outside the run folder is read, not even through a link', async () => {
  await mkdir(join(folder, 'run'));
  await writeFile(join(folder, 'secret'), 'x');
  await symlink(join(folder, 'secret'), join(folder, 'run', 'link.log'));
  await writeFile(join(folder, 'run', 'own.log'), 'x');
  const run = join(folder, 'run');
  expect(insideRun(run, 'own.log')).toBe(join(run, 'own.log'));
  for (const path of ['../secret', '/etc/passwd', 'link.log', 'a/../../secret'])
    expect(insideRun(run, path), path).toBeUndefined();
});

test('an atomic write replaces the whole file and leaves nothing beside it', async () => {
  const at = join(folder, 'atomic');
  await mkdir(at);
  await writeAtomically(join(at, 'f'), 'first, and longer');
  await writeAtomically(join(at, 'f'), 'second');
  expect(await readFile(join(at, 'f'), 'utf8')).toBe('second');
  await expect(writeAtomically(join(at, 'f', 'g'), '')).rejects.toThrow(
    `${join(at, 'f', 'g')} could not be written: file already exists (EEXIST)`,
  );
  expect(await readdir(at)).toEqual(['f']);
});
