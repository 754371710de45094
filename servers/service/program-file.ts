import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * The program at `place`, which is relative to the module `from` and has no extension. It has the module's own: `.ts` in
 * a checkout, which Node runs as it is, and `.js` in an installed package, where Node refuses to strip types.
 */
export function programFile(from: string, place: string): string {
  return path.join(path.dirname(from), `${place}${path.extname(from)}`);
}

/** Whether `module` is the program that Node was started with: `import.meta.main`, which Node 22 does not have. */
export function isProgram(module: string): boolean {
  const started = process.argv[1];
  return started !== undefined && existsSync(started) && realpathSync(started) === module;
}
