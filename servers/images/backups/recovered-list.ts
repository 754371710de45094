import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../../state/file-lock.ts';

/** For another recovery of the same partition. */
const TURN_MS = 300_000;

/** What is on the image share; of a file the SHA-256 of what the backup has. */
interface Recovered {
  readonly file?: string;
  readonly sha256?: string;
}

/**
 * Lists what is below a folder of the share, beside that: `FOLDER.sha256`, which `sha256sum -c` takes there. Who waits for files knows by
 * it that they are complete, and has them checked. What was recovered earlier stays in the list, which is
 * in the order of the names. The last line, a comment, has their number: an SMB client may read a list that took the place of a shorter one no
 * further than that went.
 */
export async function listRecovered(folder: string, all: readonly Recovered[]): Promise<void> {
  const list = `${folder}.sha256`;
  const earlier = await readFile(list, 'utf8').catch(() => '');
  const lines = new Map(
    earlier.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [[nameOf(line), line] as const])),
  );
  for (const { file, sha256 } of all) {
    if (file === undefined || sha256 === undefined) continue;
    const name = path.relative(path.dirname(folder), file);
    lines.set(name, `${sha256}  ${name}`);
  }
  const sorted = [...lines.keys()].toSorted().map((name) => `${lines.get(name) ?? ''}\n`);
  await writeFile(`${list}.partial`, `${sorted.join('')}# files: ${sorted.length}\n`);
  await rename(`${list}.partial`, list);
}

/** Has one recovery at a time write below a folder of the share: they may want the same files, and have one list. */
export async function inTurn<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  await mkdir(path.dirname(folder), { recursive: true });
  return withFileLock(path.join(path.dirname(folder), `.${path.basename(folder)}.lock`), TURN_MS, work);
}

const nameOf = (line: string): string => line.slice(line.indexOf('  ') + 2);
