import { sep } from 'node:path';

/** Whether a path lies below a folder, or is that folder; both absolute and without links or `..`. */
export function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : folder + sep);
}
