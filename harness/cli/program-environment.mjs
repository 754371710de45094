import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder } from '../../vm-images/cache-folder.mjs';

// Plain JavaScript, because bootstrap.mjs asks before the Node that runs TypeScript is there.

/**
 * The environment of pxewright and of every program that it starts: `folders` come first on PATH, and those with system
 * administrators' programs last, which an ordinary user's PATH may lack.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {readonly string[]} [folders]
 */
export function programEnvironment(environment, folders = []) {
  return {
    // Compiled code of this process and of every service it starts: 70 ms of CPU a start instead of 220.
    ...(canBeMade(cacheFolder()) ? { NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled') } : {}),
    ...environment,
    PATH: [...folders, environment['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter),
  };
}

/**
 * Makes a folder, level by level: Node's recursive mkdir, which its compile cache uses, tries for ever where a file
 * system makes no folders, as /proc.
 * @param {string} folder
 * @returns {boolean} whether the folder is there
 */
function canBeMade(folder) {
  if (existsSync(folder)) return true;
  if (dirname(folder) === folder || !canBeMade(dirname(folder))) return false;
  try {
    mkdirSync(folder);
    return true;
  } catch {
    // Another process may have made it in the meantime.
    return existsSync(folder);
  }
}
