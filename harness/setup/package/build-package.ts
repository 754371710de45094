import { copyFile, glob, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { bundleViewer } from '../../../reports/html/bundle-viewer.ts';
import { BUNDLED_VIEWER } from '../../../reports/html/viewer-script.ts';
import { PACKAGE_FOLDER } from '../installation.ts';
import { COMPILED, typedSources, withResolvedImports, type Manifest } from './manifest.ts';

// What `npm pack` puts into a package. A checkout has no build step, but Node strips types only outside node_modules: a
// package has JavaScript and declarations, in a folder `dist` that exists only while npm packs it.

/** Only the project itself needs them. */
const NOT_PACKED = [
  '**/*.test.ts',
  ...['testing', 'testdata', 'docs', 'bench', 'runs', 'node_modules', COMPILED].map((folder) => `**/${folder}/**`),
  'reports/viewer/**',
  'harness/cli/bootstrap.mjs',
];
/** Types are checked by `npm run check`, not here. */
const COMPILER = ['--noEmit', 'false', '--noCheck', '--rewriteRelativeImportExtensions', '--checkJs', 'false'];

/** Compiles the package in `folder`, which is relative to the project, into its `dist`. */
export async function buildPackage(folder: string): Promise<void> {
  await cleanPackage(folder);
  const root = join(PACKAGE_FOLDER, folder);
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  const parts = manifest.workspaces === undefined ? ['src'] : ['harness', 'servers', 'vm-images', 'reports'];
  await compile(root, { include: within(root, parts, '/**/*'), exclude: within(root, NOT_PACKED) });
  const files = within(root, typedSources(manifest));
  await compile(root, { files, include: [] }, ['--declaration', '--emitDeclarationOnly']);
  for (const part of parts) await copyAssets(root, part);
  if (parts.includes('reports'))
    await writeFile(join(root, COMPILED, 'reports/html', BUNDLED_VIEWER), await bundleViewer());
  await resolveImports(join(root, COMPILED), manifest.imports ?? {});
}

/** Removes what `buildPackage` made. */
export async function cleanPackage(folder: string): Promise<void> {
  await rm(join(PACKAGE_FOLDER, folder, COMPILED), { recursive: true, force: true });
}

async function compile(root: string, what: object, flags: readonly string[] = []): Promise<void> {
  // Here tsc finds the types of Node, and nobody else finds the file.
  const config = join(PACKAGE_FOLDER, 'node_modules/.cache/pxewright/tsconfig.json');
  await mkdir(dirname(config), { recursive: true });
  await writeFile(config, JSON.stringify({ extends: join(PACKAGE_FOLDER, 'tsconfig.json'), ...what }));
  const where = ['--project', config, '--rootDir', root, '--outDir', join(root, COMPILED)];
  await execa('tsc', [...where, ...COMPILER, ...flags], { preferLocal: true, localDir: PACKAGE_FOLDER, all: true });
}

/** `imports` of the package name sources, which the package does not have. */
async function resolveImports(folder: string, imports: NonNullable<Manifest['imports']>): Promise<void> {
  for await (const file of glob('**/*.{js,d.ts}', { cwd: folder })) {
    const text = await readFile(join(folder, file), 'utf8');
    const resolved = withResolvedImports(text, file, imports);
    if (resolved !== text) await writeFile(join(folder, file), resolved);
  }
}

/** What programs read beside them: the agent's scripts, sources in C, programs in Python, styles. */
async function copyAssets(root: string, part: string): Promise<void> {
  const exclude = [...NOT_PACKED, '**/*.{ts,mjs,md,json}'];
  for await (const file of glob(`${part}/**/*`, { cwd: root, exclude })) {
    if (!(await stat(join(root, file))).isFile()) continue;
    const to = join(root, COMPILED, file);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(root, file), to);
  }
}

function within(root: string, paths: readonly string[], end = ''): string[] {
  return paths.map((path) => `${join(root, path)}${end}`);
}
