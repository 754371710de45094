import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { UnwrittenFileError } from './unwritten-file.ts';
import { evidenceName } from './file-names.ts';
import type { ScenarioResult } from './result.ts';

/**
 * Where a scenario's evidence lies, relative to the run's folder: beside its capture, else in the folder of its name.
 */
export function evidenceFolder(scenario: Pick<ScenarioResult, 'id' | 'attempt' | 'repetition' | 'capture'>): string {
  const besideCapture = scenario.capture === undefined ? '.' : dirname(scenario.capture.file);
  return besideCapture === '.' || isAbsolute(besideCapture) ? evidenceName(scenario) : besideCapture;
}

/**
 * The absolute path of a file that a Result names, or undefined when it lies outside the run's folder: a Result may
 * come from somebody else, and its report must not carry `/etc/shadow`. Symbolic links are followed before the answer.
 */
export function insideRun(folder: string, path: string): string | undefined {
  const target = isAbsolute(path) ? normalize(path) : join(folder, path);
  if (!isBelow(folder, target)) return undefined;
  try {
    const real = realpathSync(target);
    return isBelow(realpathSync(folder), real) ? real : undefined;
  } catch {
    return target; // does not exist: the reader says so with the name that was asked for
  }
}

function isBelow(folder: string, target: string): boolean {
  const path = relative(folder, target);
  return path === '' || (path !== '..' && !path.startsWith('../') && !isAbsolute(path));
}

/**
 * Writes a file, and the folders above it, so that a reader sees the old one or the whole new one: a temporary name in
 * the same folder, flushed to the disk, then rename. Throws `UnwrittenFileError`, and leaves nothing of it.
 */
export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    // Some file systems find out only now that there is no room.
    await writeFile(temporary, text, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new UnwrittenFileError(path, error);
  }
}
