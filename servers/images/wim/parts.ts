import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { WimFile } from './file.ts';
import { WimProblemError } from './problem.ts';

/** Names of files that hold further parts: Res.rwm of a WDS group, `.swm` of a split WIM. */
const PART_NAME = /\.(rwm|swm)$/i;

/** The other parts of a set. */
export interface WimParts {
  /** Files beside it with the same GUID and another part number. */
  readonly files: readonly string[];
  /** Part numbers that no file has. */
  readonly missing: readonly number[];
  /** Files that could be parts and belong to another set, with their GUID. */
  readonly foreign: readonly { readonly file: string; readonly guid: string }[];
}

/** Looks beside a file for the other parts of its set; what cannot be read is no part. */
export async function findParts(wim: WimFile): Promise<WimParts> {
  const folder = path.dirname(wim.file);
  const names = (await readdir(folder))
    .filter((name) => PART_NAME.test(name) && name !== path.basename(wim.file))
    .toSorted();
  const files: string[] = [];
  const foreign: { file: string; guid: string }[] = [];
  const { guid, partNumber, totalParts } = wim.header;
  const found = new Set([partNumber]);
  for (const name of names) {
    const file = path.join(folder, name);
    const header = await headerOf(file);
    if (!header) continue;
    if (header.guid !== guid) foreign.push({ file, guid: header.guid });
    else if (header.partNumber !== partNumber) {
      files.push(file);
      found.add(header.partNumber);
    }
  }
  return {
    files,
    foreign,
    missing: Array.from({ length: totalParts }, (_, index) => index + 1).filter((part) => !found.has(part)),
  };
}

async function headerOf(file: string): Promise<WimFile['header'] | undefined> {
  try {
    await using wim = await WimFile.open(file);
    return wim.header;
  } catch (error) {
    if (error instanceof WimProblemError) return undefined;
    throw error;
  }
}
