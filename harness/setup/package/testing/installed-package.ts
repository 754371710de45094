import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_FOLDER } from '../../installation.ts';

/** npm as a person calls it: not with the options that `npm test` got. */
export function npm(cwd: string, args: readonly string[]) {
  return execa('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], { cwd, all: true, stdin: 'ignore' });
}

/** Packs packages of this checkout into `folder`; returns the tarballs. */
export async function pack(folder: string, names: readonly string[]): Promise<string[]> {
  const { version } = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string };
  for (const name of names) {
    const workspace = name === 'pxewright' ? [] : ['--workspace', name];
    // One at a time: npm compiles in the checkout, where another test file may pack, too.
    const lock = join(PACKAGE_FOLDER, 'node_modules/.cache/pxewright-pack.lock');
    await execa('flock', [lock, 'npm', 'pack', '--pack-destination', folder, ...workspace], { cwd: PACKAGE_FOLDER });
  }
  return names.map((name) => join(folder, `${name}-${version}.tgz`));
}

/** A project with the package and its tools, in a folder with a space in its name. */
export interface InstalledProject {
  /** Folder of the project. */
  readonly project: string;
  /** Folder for everything else of the test. */
  readonly work: string;
  readonly tarballs: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Packs `names`, and installs them with `tools`, which are development dependencies of ours, into an empty project. */
export async function installedProject(names: readonly string[], tools: readonly string[]): Promise<InstalledProject> {
  const work = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
  const project = join(work, 'an empty project');
  await mkdir(project);
  const tarballs = await pack(work, names);
  const { devDependencies } = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  await npm(project, ['init', '-y']);
  const manifest = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as object;
  const overrides = await lockedVersions(tools);
  await writeFile(join(project, 'package.json'), JSON.stringify({ ...manifest, overrides }, undefined, 2));
  await npm(project, ['install', ...tarballs, ...tools.map((name) => `${name}@${devDependencies[name] ?? ''}`)]);
  return {
    project,
    work,
    tarballs,
    [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }),
  };
}

/**
 * Versions of what packages bring with them, as our own lock has them, but for `others`: a test shows what we made, and not what
 * somebody published today (vite 8.4.0 named a package that the registry did not have, and `npm ci` failed in every project).
 */
async function lockedVersions(others: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { packages } = JSON.parse(await readFile(join(PACKAGE_FOLDER, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const versions = Map.groupBy(
    Object.entries(packages).flatMap(([path, { version }]) => {
      const [, name] = /.*node_modules\/(.+)$/.exec(path) ?? [];
      return name === undefined || version === undefined || others.includes(name) ? [] : [{ name, version }];
    }),
    ({ name }) => name,
  );
  return Object.fromEntries(
    versions.values().flatMap(([first, ...more]) => (first && more.length === 0 ? [[first.name, first.version]] : [])),
  );
}
