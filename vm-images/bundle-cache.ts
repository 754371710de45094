import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle, BundleFile } from './bundle.ts';

// Layout: bundles/<name>.<hash>/{bundle.json,files/…}; a folder there is complete, because a rename gives it its name.
// building/: builds that are under way or were interrupted.

/** File-system name of a bundle: `boot-files/wds` becomes `boot-files+wds`. */
export const entryName = (name: string, hash: string): string => `${name.replaceAll('/', '+')}.${hash}`;

/** A bundle from the cache, or undefined. Trusts published bundles and does not hash them again. */
export async function lookUp(cacheFolder: string, name: string, hash: string): Promise<Bundle | undefined> {
  const entry = path.join(cacheFolder, 'bundles', entryName(name, hash));
  const text = await readFile(path.join(entry, 'bundle.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { files, versions } = JSON.parse(text) as Pick<Bundle, 'files' | 'versions'>;
  return { name, hash, folder: path.join(entry, 'files'), files, versions, builtNow: false };
}

/**
 * Makes a bundle in a folder of its own and publishes it by rename. The caller holds the lock of this name and hash.
 * Removes first what an interrupted build of the same entry left.
 */
export async function publish(
  cacheFolder: string,
  name: string,
  hash: string,
  versions: Readonly<Record<string, string>>,
  fill: (folder: string, scratch: string) => Promise<void>,
): Promise<Bundle> {
  const building = path.join(cacheFolder, 'building');
  const entry = entryName(name, hash);
  await mkdir(building, { recursive: true });
  await mkdir(path.join(cacheFolder, 'bundles'), { recursive: true });
  for (const left of await readdir(building)) {
    if (left.startsWith(`${entry}-`)) await rm(path.join(building, left), { recursive: true, force: true });
  }
  const temporary = await mkdtemp(path.join(building, `${entry}-`));
  try {
    const whole = path.join(temporary, 'entry');
    const folder = path.join(whole, 'files');
    const scratch = path.join(temporary, 'scratch');
    await mkdir(folder, { recursive: true });
    await mkdir(scratch);
    await fill(folder, scratch);
    const files = await listFiles(folder);
    await writeFile(path.join(whole, 'bundle.json'), JSON.stringify({ name, hash, versions, files }));
    const target = path.join(cacheFolder, 'bundles', entry);
    await rename(whole, target);
    return { name, hash, folder: path.join(target, 'files'), files, versions, builtNow: true };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Regular files below `folder`, sorted by path, with size and SHA-256. */
export async function listFiles(folder: string): Promise<BundleFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  const files: BundleFile[] = [];
  for (const file of paths) {
    const { size } = await stat(file);
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    files.push({ path: path.relative(folder, file), size, sha256 });
  }
  return files;
}
