import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { filesOfBundle } from '../../vm-images/bundle-contents.ts';
import { nearest, suggest } from './parsing/suggest.ts';
import type { Problem, ScenarioPath } from './scenario-error.ts';
import { treePath, type TreePart } from './trees.ts';

/** What lies below the root of a service, to look names up in. */
export interface Tree {
  /** Names that are known without a look at folders of the user's. */
  readonly known: readonly string[];
  /** Whether a file or folder has that name, in any case and with either slash. */
  has(name: string): Promise<boolean>;
  /** The user's own file of that name, an absolute path; undefined for what bundles and texts hold, and what is not there. */
  ownFile(name: string): Promise<string | undefined>;
}

/** A tree of parts, whose folders are relative to `folder`; names of `without` are not there. */
export function treeOf(parts: readonly TreePart[], folder: string, without: readonly string[] = []): Tree {
  const gone = without.map(comparable);
  const isGone = (name: string): boolean => gone.some((one) => name === one || name.startsWith(`${one}/`));
  const known = parts.flatMap(namesOf).filter((name) => !isGone(comparable(name)));
  const names = known.map(comparable);
  const folders = parts.flatMap((part) =>
    'folder' in part ? [{ at: comparable(part.path), folder: resolve(folder, part.folder) }] : [],
  );
  return {
    known,
    async has(name) {
      const wanted = comparable(name);
      if (isGone(wanted)) return false;
      if (names.some((one) => one === wanted || one.startsWith(`${wanted}/`))) return true;
      const looked = folders.map(async (one) => {
        const below = relativeTo(one.at, wanted);
        return below !== undefined && (await foundBelow(one.folder, below.split('/'))) !== undefined;
      });
      return (await Promise.all(looked)).includes(true);
    },
    async ownFile(name) {
      const wanted = comparable(name);
      if (isGone(wanted)) return undefined;
      const single = parts.findLast((part) => 'file' in part && comparable(part.path) === wanted);
      if (single !== undefined)
        return 'file' in single && 'file' in single.file ? resolve(folder, single.file.file) : undefined;
      const looked = folders.map(async (one) => {
        const below = relativeTo(one.at, wanted);
        return below === undefined ? undefined : await foundBelow(one.folder, below.split('/'));
      });
      return (await Promise.all(looked)).find((found) => found !== undefined);
    },
  };
}

/** Slash or backslash, with or without the first one, in whatever case: as TFTP servers of Windows take names. */
export const comparable = (name: string): string => treePath(name).toLowerCase();

/** A name that a tree lacks: where it stands (as a key of a map, or as a value), what it names, and whose the tree is. */
interface MissingName {
  readonly path: ScenarioPath;
  readonly key?: string | undefined;
  readonly name: string;
  readonly what: string;
  readonly where: string;
  readonly hint?: string;
}

/** A name that a tree lacks, with those that are most like it. */
export function missingFrom(tree: Tree, { path, key, name, what, where, hint = '' }: MissingName): Problem {
  const meant = suggest(comparable(name), tree.known);
  const near = meant === undefined ? nearest(comparable(name), tree.known, NEAREST) : [];
  const words = [
    ...(meant === undefined ? [] : [`did you mean ${JSON.stringify(meant)}?`]),
    ...(near.length === 0 ? [] : [`nearest: ${near.join(', ')}`]),
  ];
  return {
    path,
    key,
    expected: `${what} that ${where} has`,
    got: JSON.stringify(name),
    known: tree.known,
    says: `${what} ${JSON.stringify(name)} is not among the files of ${where}${words.length === 0 ? '' : ` (${words.join('; ')})`}${hint}`,
  };
}
const NEAREST = 3;

function namesOf(part: TreePart): readonly string[] {
  if ('folder' in part) return [];
  if ('bundle' in part) return (filesOfBundle(part.bundle) ?? []).map((file) => treePath(`${part.path}/${file}`));
  return [part.path];
}

/** What is left of a name below a folder; undefined for one that is not below it. */
function relativeTo(folder: string, name: string): string | undefined {
  if (folder === '') return name;
  return name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : undefined;
}

/** The path of what has a name in whatever case below a folder; undefined where nothing has. */
async function foundBelow(folder: string, [first = '', ...rest]: readonly string[]): Promise<string | undefined> {
  // Not there, or no folder: the name is not below it.
  const entries = await readdir(folder).catch((): string[] => []);
  const found = entries.filter((entry) => entry.toLowerCase() === first).map((entry) => join(folder, entry));
  if (rest.length === 0) return found[0];
  return (await Promise.all(found.map((one) => foundBelow(one, rest)))).find((one) => one !== undefined);
}
