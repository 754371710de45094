import { buildPackage, cleanPackage } from '../setup/package/build-package.ts';
import { EXIT } from './exit-codes.ts';

/** `pxewright package FOLDER`: what npm runs before and after it packs. npm wants its own words alone on standard output. */
export async function packageCommand(folder: string, { clean }: { readonly clean?: boolean }): Promise<number> {
  await (clean ? cleanPackage(folder) : buildPackage(folder));
  return EXIT.passed;
}
