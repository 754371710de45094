import { access, constants, readdir, readlink, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readDiskImage } from '#qemu-wrapper/disk-images';
import { readVariables } from '#qemu-wrapper/firmware-variables';
import { FILE_SERVICES } from '../defaults.ts';
import { SERVED_BUNDLES, isFolder, servedBundle } from '../bundles.ts';
import { checkBootFiles } from './boot-files.ts';
import { tooSmall } from './disk-images.ts';
import { checkImagesInFiles } from './images-in-files.ts';
import { checkPaths } from './paths.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { suggest } from '../parsing/suggest.ts';

/**
 * Local files, folders and bundles that a scenario names, against what is there.
 */
export async function checkFiles(scenario: Scenario): Promise<Problem[]> {
  const { folder } = scenario.source;
  const found = await Promise.all(
    FILE_SERVICES.flatMap((kind) => {
      const { root, files } = scenario.services[kind] ?? {};
      return [
        ...(root === undefined ? [] : [checkRoot(['services', kind, 'root'], folder, root)]),
        checkExtraFiles(['services', kind, 'files'], folder, files),
      ];
    }),
  );
  return [
    ...found.flat(),
    ...(await checkImages(scenario)),
    ...(await checkState(scenario)),
    ...(await checkVariables(scenario)),
    ...(await checkDisks(scenario)),
  ];
}

/** Names of files that clients meet, and of images in them, against what the scenario's servers have. */
export async function checkServed(scenario: Scenario): Promise<Problem[]> {
  return [
    ...(await checkBootFiles(scenario)),
    ...(await checkPaths(scenario)),
    ...(await checkImagesInFiles(scenario)),
  ];
}

/** Stores of UEFI variables: damaged ones are refused before anything starts, with what is wrong and where. */
async function checkVariables({ clients, source }: Scenario): Promise<Problem[]> {
  const found = await Promise.all(
    clients.map(async ({ 'firmware-variables': name }, index): Promise<Problem[]> => {
      if (name === undefined) return [];
      const path = ['clients', index, 'firmware-variables'];
      const file = resolve(source.folder, name);
      const problems = await checkEntry(path, file, 'file');
      if (problems.length > 0) return problems;
      const expected = 'a sound store of UEFI variables';
      return readVariables(file).then(
        () => [],
        (error: unknown) => [{ path, expected, got: error instanceof Error ? error.message : String(error) }],
      );
    }),
  );
  return found.flat();
}

/** Disks of the user's that clients begin with. */
async function checkDisks({ clients, matrix, source }: Scenario): Promise<Problem[]> {
  const found = await Promise.all(
    clients.map(async ({ disk, 'disk-image': name }, index): Promise<Problem[]> => {
      if (name === undefined || !isFolder(name)) return [];
      const path = ['clients', index, 'disk-image'];
      const file = resolve(source.folder, name);
      const problems = await checkEntry(path, file, 'file');
      if (problems.length > 0) return problems;
      try {
        const { bytes } = await readDiskImage(file);
        return [
          ...(disk === undefined ? [] : tooSmall(['clients', index, 'disk'], disk, name, bytes)),
          ...(matrix?.disk ?? []).flatMap((size, place) => tooSmall(['matrix', 'disk', place], size, name, bytes)),
        ];
      } catch (error) {
        return [{ path, expected: 'a raw or qcow2 disk', got: error instanceof Error ? error.message : String(error) }];
      }
    }),
  );
  return found.flat();
}

async function checkImages({ services: { images }, source }: Scenario): Promise<Problem[]> {
  const { packages, files, root } = images ?? {};
  const store = root === undefined ? [] : await checkStore(resolve(source.folder, root), images?.groups ?? {});
  const folder =
    packages === undefined || !isFolder(packages)
      ? []
      : await checkEntry(['services', 'images', 'packages'], resolve(source.folder, packages), 'folder');
  return [...store, ...folder, ...(await checkExtraFiles(['services', 'images', 'files'], source.folder, files))];
}

/** A RemInst folder and the images that it must have; SMB finds them whatever case their names are written in. */
async function checkStore(root: string, groups: Readonly<Record<string, readonly string[]>>): Promise<Problem[]> {
  const path = ['services', 'images', 'root'];
  const problems = await checkEntry(path, root, 'folder');
  if (problems.length > 0) return problems;
  const missing = await Promise.all(
    Object.entries(groups).flatMap(([group, images]) =>
      images.map(async (image): Promise<Problem[]> => {
        const there = await foundInAnyCase(root, ['Images', group, image]);
        return there
          ? []
          : [
              {
                path: ['services', 'images', 'groups', group],
                expected: `an image of ${root}`,
                got: `Images\\${group}\\${image}, which does not exist`,
              },
            ];
      }),
    ),
  );
  return missing.flat();
}

async function foundInAnyCase(folder: string, [name, ...rest]: readonly string[]): Promise<boolean> {
  if (name === undefined) return true;
  const names = await readdir(folder).catch(() => []);
  const same = names.find((other) => other.toLowerCase() === name.toLowerCase());
  return same !== undefined && foundInAnyCase(resolve(folder, same), rest);
}

type ExtraFiles = NonNullable<NonNullable<Scenario['services']['tftp']>['files']>;

async function checkExtraFiles(path: ScenarioPath, folder: string, files: ExtraFiles = {}): Promise<Problem[]> {
  const local = Object.entries(files).flatMap(([name, entry]) =>
    'file' in entry ? [checkEntry([...path, name, 'file'], resolve(folder, entry.file), 'file')] : [],
  );
  return (await Promise.all(local)).flat();
}

/** A lab hides the host's /run behind its own (harness/lab/private-files.ts). */
const HIDDEN = '/run';

/** The state folder may be new, but not a file, nor where a lab does not see it. */
async function checkState({ services, source }: Scenario): Promise<Problem[]> {
  if (services.state === undefined) return [];
  const path = ['services', 'state'];
  const folder = resolve(source.folder, services.state);
  if (folder === HIDDEN || folder.startsWith(`${HIDDEN}/`))
    return [{ path, expected: `a folder outside of ${HIDDEN}, which is private to each lab`, got: folder }];
  const problems = await checkEntry(path, folder, 'folder');
  return problems.filter(({ got }) => !got.endsWith(NOT_THERE));
}

const NOT_THERE = 'which does not exist';

async function checkRoot(path: ScenarioPath, folder: string, root: string): Promise<Problem[]> {
  if (isFolder(root)) return checkEntry(path, resolve(folder, root), 'folder');
  if (servedBundle(root)) return [];
  const bundles = SERVED_BUNDLES;
  const meant = suggest(root, bundles);
  const known = `known: ${bundles.join(', ')}; a folder of your own begins with ./, ../ or /${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
  return [
    {
      path,
      expected: 'a known bundle or a folder',
      got: JSON.stringify(root),
      known: bundles,
      says: `unknown bundle ${JSON.stringify(root)} (${known})`,
    },
  ];
}

async function checkEntry(path: ScenarioPath, file: string, wanted: 'file' | 'folder'): Promise<Problem[]> {
  const expected = wanted === 'file' ? 'a file that can be read' : 'a folder that can be read';
  try {
    const entry = await stat(file);
    const is = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'special file';
    if (is !== wanted) return [{ path, expected, got: `${file}, which is a ${is}` }];
    const refused = await firstUnreadable(file, wanted);
    return refused === undefined ? [] : [{ path, expected, got: refused }];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const target = await readlink(file).catch(() => undefined);
    const link = target === undefined ? '' : `a link to ${target}, `;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? NOT_THERE : `which cannot be read (${code ?? String(error)})`;
    return [{ path, expected, got: `${file}, ${link}${why}` }];
  }
}

/** What of a file, or of a folder and all that is in it, may not be read, in words; links are the services' matter. */
async function firstUnreadable(path: string, is: 'file' | 'folder'): Promise<string | undefined> {
  try {
    await access(path, is === 'file' ? constants.R_OK : constants.R_OK | constants.X_OK);
    for (const entry of is === 'file' ? [] : await readdir(path, { withFileTypes: true })) {
      if (!entry.isFile() && !entry.isDirectory()) continue;
      const found = await firstUnreadable(join(path, entry.name), entry.isFile() ? 'file' : 'folder');
      if (found !== undefined) return found;
    }
    return undefined;
  } catch (error) {
    return `${path}, which may not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}
