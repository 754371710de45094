import { execa } from 'execa';
import { mkdtemp, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LISTING_ENVIRONMENT, parseWimListing, type TreeEntry } from './wim-listing.ts';

/** An image of a WIM: by its index, by its name, or the first. */
export interface ImageChoice {
  readonly index?: number;
  readonly name?: string;
}

/**
 * Every file, folder and link of an image, by absolute path. `parts` are other WIMs that hold data of its files.
 */
export async function wimTree(
  wim: string,
  choice: ImageChoice,
  parts: readonly string[],
  scratch: string,
): Promise<Map<string, TreeEntry>> {
  const image = String(await imageIndex(wim, choice));
  const refs = parts.map((part) => `--ref=${part}`);
  const { stdout } = await execa('wimlib-imagex', ['dir', wim, image, '--detailed', ...refs], {
    maxBuffer: 1e9,
    env: LISTING_ENVIRONMENT,
  });
  const tree = parseWimListing(stdout);
  const links = [...tree].filter(([, entry]) => entry.type === 'link');
  if (links.length === 0) return tree;
  // Only wimlib can decode a link target in a reparse point, so it extracts the links and this code reads them.
  const folder = await mkdtemp(path.join(scratch, 'links-'));
  const list = path.join(folder, 'list');
  await writeFile(list, links.map(([name]) => `${name}\n`).join(''));
  await execa('wimlib-imagex', [
    'extract',
    wim,
    image,
    `@${list}`,
    `--dest-dir=${path.join(folder, 'tree')}`,
    '--preserve-dir-structure',
    '--no-globs',
    '--no-acls',
    '--no-attributes',
    ...refs,
  ]);
  for (const [name, entry] of links)
    tree.set(name, { ...entry, target: await readlink(path.join(folder, 'tree', name)) });
  return tree;
}

/** The file that holds the data of an image of a WDS group, when it is one: the group's. */
export async function sharedParts(wim: string): Promise<readonly string[]> {
  const { stdout } = await execa('wimlib-imagex', ['info', wim, '--header']);
  return /^Total Parts\s*= 1$/m.test(stdout) ? [] : [path.join(path.dirname(wim), 'Res.rwm')];
}

/** Index of the image that is wanted. */
async function imageIndex(wim: string, { index, name }: ImageChoice): Promise<number> {
  const { stdout } = await execa('wimlib-imagex', ['info', wim], { env: LISTING_ENVIRONMENT });
  const names = stdout.split(/^(?=Index:)/m).flatMap((block) => {
    const found = /^Index:\s+(\d+)$/m.exec(block)?.[1];
    return found === undefined ? [] : [{ index: Number(found), name: /^Name:\s+(.*)$/m.exec(block)?.[1] ?? '' }];
  });
  const wanted = names.find((one) => (name === undefined ? one.index === (index ?? 1) : one.name === name));
  if (!wanted)
    throw new Error(
      `${wim}: expected image ${name === undefined ? (index ?? 1) : `“${name}”`}, found ${names.map((one) => `${one.index} “${one.name}”`).join(', ') || 'no image'}`,
    );
  return wanted.index;
}
