import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isBelow } from '../../servers/service/is-below.ts';

// pxewright runs from a checkout, as TypeScript, or from a package that npm installed, as JavaScript in its `dist`.

/** Whether this is an installed package. */
export const INSTALLED = import.meta.filename.endsWith('.js');

/** Folder with pxewright's package.json. */
export const PACKAGE_FOLDER = join(import.meta.dirname, INSTALLED ? '../../..' : '../..');

/** Version of pxewright, from its package.json. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Words of the command that starts this pxewright from `folder`. */
export function pxewrightCommand(folder: string): string[] {
  // npm looks in the node_modules of the folder and of those above it; a global installation is on PATH.
  if (INSTALLED) return isBelow(join(PACKAGE_FOLDER, '../..'), folder) ? ['npx', 'pxewright'] : ['pxewright'];
  // npm runs scripts in the checkout, whose paths are not those of another folder.
  const checkout = relative(folder, PACKAGE_FOLDER);
  return checkout === ''
    ? ['npm', 'run', '-s', 'pxewright', '--']
    : ['node', join(checkout, 'harness/cli/bootstrap.mjs')];
}
