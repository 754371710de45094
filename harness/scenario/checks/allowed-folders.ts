import { readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isBelow } from '../../../servers/service/is-below.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { FILE_SERVICES } from '../defaults.ts';
import { isFolder } from '../bundles.ts';

/** A file or folder of the host that a scenario names. */
interface HostPath {
  readonly path: ScenarioPath;
  /** Absolute. */
  readonly file: string;
  /** What of it --allow-root would have to name. */
  readonly is: 'file' | 'folder';
}

/** What a scenario may not use, and the folders among `allowRoots` without which it could not be used. */
export interface AllowedFolders {
  readonly problems: readonly Problem[];
  readonly needed: readonly string[];
}

/**
 * Files and folders of the host that a scenario names, against those that it may: what lies below its own folder, or
 * below one that the user allows. Guests read these files, so a scenario from a stranger must not choose them. What
 * counts is where a path really leads.
 */
export async function checkAllowedFolders(scenario: Scenario, allowRoots: readonly string[]): Promise<AllowedFolders> {
  const own = await realPath(scenario.source.folder);
  const allowed = await Promise.all(allowRoots.map(async (root) => ({ root, real: await realPath(resolve(root)) })));
  const problems: Problem[] = [];
  const needed = new Set<string>();
  for (const { path, file, is } of await hostPaths(scenario)) {
    const real = await realPath(file);
    if (isBelow(own, real)) continue;
    const by = allowed.find((one) => isBelow(one.real, real));
    if (by === undefined) problems.push(outside(path, { file, real, own, root: is === 'file' ? dirname(real) : real }));
    else needed.add(by.root);
  }
  return { problems, needed: [...needed] };
}

function outside(
  path: ScenarioPath,
  {
    file,
    real,
    own,
    root,
  }: { readonly file: string; readonly real: string; readonly own: string; readonly root: string },
): Problem {
  const expected = `a path below the scenario's folder ${own}, or below one that --allow-root names (allowRoots in describeScenarios)`;
  const got = real === file ? file : `${file}, which is really ${real}`;
  return {
    path,
    expected,
    got,
    says: `expected ${expected}, got ${got}: guests can read what is there; if they may, add --allow-root ${root}`,
  };
}

/** Every file and folder of the host that a scenario names. */
async function hostPaths({ services, clients, source }: Scenario): Promise<HostPath[]> {
  const at = (path: ScenarioPath, name: string, is: HostPath['is']): HostPath => ({
    path: ['services', ...path],
    file: resolve(source.folder, name),
    is,
  });
  const extra = (
    kind: 'tftp' | 'http' | 'images',
    files: Readonly<Record<string, { readonly text: string } | { readonly file: string }>> = {},
  ): HostPath[] =>
    Object.entries(files).flatMap(([name, entry]) =>
      'file' in entry ? [at([kind, 'files', name, 'file'], entry.file, 'file')] : [],
    );
  const folder = (path: ScenarioPath, name: string | undefined): HostPath[] =>
    name === undefined || !isFolder(name) ? [] : [at(path, name, 'folder')];
  const { backups, images, state } = services;
  return [
    ...FILE_SERVICES.flatMap((kind) => [
      ...folder([kind, 'root'], services[kind]?.root),
      ...extra(kind, services[kind]?.files),
    ]),
    ...folder(['images', 'root'], images?.root),
    ...folder(['images', 'packages'], images?.packages),
    ...extra('images', images?.files),
    ...clients.flatMap((client, index) =>
      (['firmware-variables', 'disk-image'] as const).flatMap((key): HostPath[] => {
        const name = client[key];
        return name === undefined || (key === 'disk-image' && !isFolder(name))
          ? []
          : [{ path: ['clients', index, key], file: resolve(source.folder, name), is: 'file' }];
      }),
    ),
    ...(state === undefined ? [] : await linkedPaths(at(['state'], state, 'folder'))),
    ...(backups?.store === undefined ? [] : await linkedPaths(at(['backups', 'store'], backups.store, 'folder'))),
  ];
}

/** A folder that outlives the run, and the links in it: services use its files, and folders such as the image store, by their names. */
async function linkedPaths(folder: HostPath): Promise<HostPath[]> {
  // Not there yet, or no folder: nothing lies in it.
  const entries = await readdir(folder.file, { withFileTypes: true }).catch(() => []);
  const links = entries.filter((entry) => entry.isSymbolicLink());
  return [folder, ...links.map(({ name }) => ({ ...folder, file: join(folder.file, name) }))];
}

/** Where a path leads, as far as it is there: a new folder's place is below the last one that exists. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A link to itself, or a folder that may not be entered: other checks tell, and no service gets further either.
    if (code !== 'ENOENT' || dirname(path) === path) return path;
    const folder = await realPath(dirname(path));
    const entry = join(folder, basename(path));
    const link = await readlink(entry).catch(() => undefined);
    return link === undefined ? entry : realPath(resolve(folder, link));
  }
}
