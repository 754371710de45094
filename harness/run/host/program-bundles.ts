import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { programFile } from '../../../servers/service/program-file.ts';
import { cacheFolder } from '../../../vm-images/cache-folder.mjs';
import { SERVICE_PROGRAMS } from '../../plan/services/service-plan.ts';
import { INSTALLED, PACKAGE_FOLDER } from '../../setup/installation.ts';
import { LAB_MAIN } from '../lab-protocol.ts';

// The programs of a lab, each in one file with all that it imports. A lab starts four of them, and loading some hundred
// modules takes most of the CPU time that it needs beside QEMU (decision 190).

/** The programs that a lab starts again and again. */
const PROGRAMS: readonly string[] = [
  LAB_MAIN,
  ...Object.values(SERVICE_PROGRAMS).map((place) => programFile(import.meta.filename, `../../../servers/${place}`)),
];
/** Bundles of sources that have changed since then may still be in use. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** The sources of the newest bundles: a list of paths, relative to the checkout. */
const INPUTS = 'inputs.json';

let made: Promise<string | undefined> | undefined;

/**
 * The folder with the bundled programs of this checkout as it is now; made when its sources have changed. undefined for an
 * installed package, which has no bundler, and where the cache cannot be written: programs start from their own files.
 */
export function programBundles(): Promise<string | undefined> {
  return (made ??= INSTALLED
    ? Promise.resolve(undefined)
    : bundlePrograms(PROGRAMS, join(cacheFolder(), 'programs', hashOf([PACKAGE_FOLDER]))).catch(() => undefined));
}

/** Bundles `programs` in `cache`, unless the bundles there are of the same sources. Returns their folder. */
export async function bundlePrograms(programs: readonly string[], cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const known = await knownInputs(cache);
  const folder = known && join(cache, await stateOf(programs, known));
  if (folder && existsSync(folder)) return realpathSync(folder);
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const begunMs = Date.now();
    const inputs = await bundle(programs, draft);
    if (await changedSince(inputs, begunMs)) throw new Error('sources have changed while they were bundled');
    const bundled = join(cache, await stateOf(programs, inputs));
    // Another process may have made the same bundles.
    await rename(draft, bundled).catch((error: unknown) => {
      if (!existsSync(bundled)) throw error;
    });
    await writeFile(join(cache, `${INPUTS}.${process.pid}`), JSON.stringify(inputs));
    await rename(join(cache, `${INPUTS}.${process.pid}`), join(cache, INPUTS));
    await removeOld(cache);
    return realpathSync(bundled);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function bundle(programs: readonly string[], folder: string): Promise<string[]> {
  // Loaded when sources have changed, and by nobody else.
  const { build } = await import('esbuild');
  const plugins = [ownPlaces(new Set(programs))];
  const { metafile } = await build({ ...OPTIONS, entryPoints: [...programs], outdir: folder, plugins });
  // `type: module` for the folder, which lies below no package.json of ours.
  await writeFile(join(folder, 'package.json'), '{"type":"module"}\n');
  return Object.keys(metafile.inputs);
}

const OPTIONS = {
  absWorkingDir: PACKAGE_FOLDER,
  outbase: PACKAGE_FOLDER,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  charset: 'utf8',
  metafile: true,
  logLevel: 'silent',
  // Packages in CommonJS call require for what is Node's own.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
} as const satisfies BuildOptions;

/**
 * A module of ours finds files beside itself (`import.meta`), so each is told where its source lies. A program alone must
 * see itself: it compares its own path with what Node was started with.
 */
const ownPlaces = (programs: ReadonlySet<string>): Plugin => ({
  name: 'own-places',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const source = await readFile(path, 'utf8');
      return { contents: programs.has(path) ? source : placedAt(path, source), loader: 'ts' };
    });
  },
});

function placedAt(path: string, source: string): string {
  return source
    .replaceAll('import.meta.filename', JSON.stringify(path))
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
}

async function knownInputs(cache: string): Promise<readonly string[] | undefined> {
  try {
    return JSON.parse(await readFile(join(cache, INPUTS), 'utf8')) as readonly string[];
  } catch {
    return undefined;
  }
}

/** The name of the bundles of these sources as they are now: a source that is gone gives another one, too. */
async function stateOf(programs: readonly string[], inputs: readonly string[]): Promise<string> {
  const states = await Promise.all(
    // How they are bundled is in this file.
    [...inputs, import.meta.filename].map(async (input) => {
      const found = await stat(resolve(PACKAGE_FOLDER, input)).catch(() => undefined);
      return `${input} ${found?.mtimeMs ?? 0} ${found?.size ?? 0}`;
    }),
  );
  return hashOf([process.version, ...programs, ...states]);
}

async function changedSince(inputs: readonly string[], begunMs: number): Promise<boolean> {
  const times = await Promise.all(inputs.map((input) => stat(join(PACKAGE_FOLDER, input)).catch(() => undefined)));
  return times.some((found) => found === undefined || found.mtimeMs >= begunMs);
}

async function removeOld(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const found = await stat(join(cache, name)).catch(() => undefined);
    if (found?.isDirectory() && Date.now() - found.mtimeMs > KEPT_MS)
      await rm(join(cache, name), { recursive: true, force: true });
  }
}

function hashOf(words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 24);
}
