import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PACKAGE_FOLDER } from '../setup/installation.ts';

/** The environment variable of a lab that names the folder with bundled programs; empty: none are used. */
export const PROGRAMS_VARIABLE = 'PXEWRIGHT_PROGRAMS';

/**
 * What Node is started with for `program`, a program of this checkout: the bundle of it and of all that it imports, when
 * the lab has one, else the program itself. They do the same; the bundle starts in a third of the CPU time.
 */
export function bundledProgram(program: string, folder = process.env[PROGRAMS_VARIABLE]): string {
  if (!folder) return program;
  const bundle = bundleOf(program, folder);
  return existsSync(bundle) ? bundle : program;
}

/** Where the bundle of a program lies below the folder of bundles: as the program does below the checkout. */
export function bundleOf(program: string, folder: string): string {
  return join(folder, relative(PACKAGE_FOLDER, program).replace(/\.ts$/, '.js'));
}
