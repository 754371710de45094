import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { ManagementError } from '../../state/management-error.ts';
import { makeOutputFolder } from './output-folder.ts';

it('makes a folder, or says why nothing can be written there', async () => {
  await using root = await temporaryFolder();
  const folder = path.join(root.path, 'a', 'b');
  await makeOutputFolder(folder);
  await makeOutputFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
  const file = path.join(root.path, 'file');
  await writeFile(file, '');
  for (const name of [file, path.join(file, 'below')])
    await expect(makeOutputFolder(name)).rejects.toThrow(
      expect.objectContaining({
        name: ManagementError.name,
        message: expect.stringMatching(`^expected a folder that can be written to, got ${name}: E`) as string,
      }) as Error,
    );
});
