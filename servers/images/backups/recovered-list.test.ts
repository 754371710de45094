import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { listRecovered } from './recovered-list.ts';

const A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
const B = '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d';

it('lists what was recovered, also earlier, as sha256sum takes it', async () => {
  await using root = await temporaryFolder();
  const folder = path.join(root.path, 'partition-1');
  await mkdir(path.join(folder, 'a folder'), { recursive: true });
  const [one, other] = [path.join(folder, 'one'), path.join(folder, 'a folder', 'cöln')];
  await writeFile(one, 'a');
  await listRecovered(folder, [{ file: one, sha256: B }]);
  await writeFile(other, 'b');
  await listRecovered(folder, [{ file: other, sha256: B }]);
  const check = () =>
    execFileSync('sha256sum', ['-c', 'partition-1.sha256'], { cwd: root.path, encoding: 'utf8', stdio: 'pipe' });
  expect(check).toThrow();
  await listRecovered(folder, [{ file: one, sha256: A }]);
  expect(check()).toBe('partition-1/a folder/cöln: OK\npartition-1/one: OK\n');
  expect(await readFile(path.join(root.path, 'partition-1.sha256'), 'utf8')).toBe(
    `${B}  partition-1/a folder/cöln\n${A}  partition-1/one\n# files: 2\n`,
  );
  expect((await readdir(root.path)).toSorted()).toEqual(['partition-1', 'partition-1.sha256']);
});
