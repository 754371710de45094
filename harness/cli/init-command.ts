import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { shellLine } from '#qemu-wrapper';
import { initialFiles, schemaPath } from '../setup/init/initial-files.ts';
import { INSTALLED, PACKAGE_FOLDER, pxewrightCommand, version } from '../setup/installation.ts';
import { EXIT } from './exit-codes.ts';
import { assertFolderCanBeMade } from './out-folder.ts';

/** `pxewright init`: begins a project in `folder`. A file that is there already stays as it is. */
export async function initCommand(folder: string): Promise<number> {
  const root = resolve(folder);
  await assertFolderCanBeMade('init', root);
  const hasPackage = existsSync(join(root, 'node_modules/pxewright/package.json'));
  for (const { path, what, text } of await initialFiles(schemaPath(root, hasPackage))) {
    const created = await writeNew(join(root, path), text);
    process.stdout.write(
      `${created ? 'created' : 'kept   '} ${path.padEnd(34)} ${created ? what : 'was there already'}\n`,
    );
  }
  const pxewright = hasPackage ? 'npx pxewright' : shellLine(pxewrightCommand(root));
  const steps = [
    ...(root === process.cwd() ? [] : [shellLine(['cd', folder])]),
    ...(hasPackage ? [] : [installation()]),
    ...(existsSync(join(root, 'node_modules/vitest')) ? [] : ['npm install --save-dev vitest']),
    `${pxewright} doctor --fix`,
    `${pxewright} validate`,
    `${pxewright} run`,
  ];
  process.stdout.write(`\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  return EXIT.passed;
}

/** How the project gets this pxewright. */
function installation(): string {
  if (INSTALLED) return 'npm install --save-dev pxewright';
  return `${shellLine(['npm', 'pack', resolve(PACKAGE_FOLDER)])} && npm install --save-dev ./pxewright-${version()}.tgz`;
}

/** Whether the file was made; false when it exists. */
async function writeNew(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
