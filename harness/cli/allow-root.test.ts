import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { pxewright } from '../run/testing/pxewright.ts';

it('every command that reads scenarios refuses files of the host with status 3, file and line, and takes --allow-root', async () => {
  await using work = await temporaryFolder();
  await mkdir(join(work.path, 'scenarios'));
  await mkdir(join(work.path, 'boot'));
  const file = join(work.path, 'scenarios', 'x.yaml');
  await writeFile(file, 'name: x\nservices:\n  tftp: { root: ../boot }\nclients: [{ name: pc }]\n');
  const capture = join(import.meta.dirname, '../observe/testdata/reference-trace/step-1-pxe.pcapng');
  for (const command of [
    ['list', file],
    ['validate', file],
    ['run', file],
    ['serve', file, '--', 'true'],
    ['replay', capture, '--scenario', file],
  ]) {
    const { exitCode, stdout, stderr } = await pxewright(command);
    expect([exitCode, stderr.includes('    at ')], command[0]).toEqual([3, false]);
    // What is wrong is what `validate` is asked for.
    const said = command[0] === 'validate' ? stdout : stderr;
    expect(said).toContain(
      `${file}:3:17: services.tftp.root: expected a path below the scenario's folder ${join(work.path, 'scenarios')}`,
    );
    expect(said).toContain(`--allow-root ${join(work.path, 'boot')}`);
  }
  const listed = await pxewright(['list', file, '--allow-root', join(work.path, 'boot')]);
  expect([listed.exitCode, listed.stdout]).toEqual([0, 'x  x']);
  const mistaken = await pxewright(['list', file, '--allow-root', join(work.path, 'boto')]);
  expect([mistaken.exitCode, mistaken.stderr]).toEqual([
    3,
    `${join(work.path, 'boto')}: expected a folder, for --allow-root (allowRoots in describeScenarios), got a path that does not exist or may not be read`,
  ]);
});
