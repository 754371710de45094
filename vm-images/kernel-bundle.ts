import { execa } from 'execa';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CpioEntry } from './cpio.ts';
import { moduleClosure, moduleName, modulesAlias, modulesDep, readModuleInfo } from './kernel-modules.ts';
import type { PlacedModule } from './kernel-modules.ts';

const UNPACK: Readonly<Record<string, readonly [string, ...string[]]>> = {
  xz: ['xz', '-dc'],
  zst: ['zstd', '-dcq'],
  gz: ['gzip', '-dc'],
};

/**
 * Initramfs entries for the wanted modules of a kernel bundle, their dependencies, and the tables that modprobe reads.
 * See `gatherModules`.
 */
export async function moduleEntries(
  kernelFolder: string,
  wanted: readonly string[],
  ifThere: readonly string[] = [],
): Promise<CpioEntry[]> {
  const { release, modules } = await gatherModules(kernelFolder, wanted, ifThere);
  const base = `lib/modules/${release}`;
  const text = (name: string, content: string): CpioEntry => ({
    type: 'file',
    path: `${base}/${name}`,
    mode: 0o644,
    data: Buffer.from(content),
  });
  return [
    ...modules.map(
      (module): CpioEntry => ({ type: 'file', path: `${base}/${module.path}`, mode: 0o644, data: module.data }),
    ),
    text('modules.dep', modulesDep(modules)),
    text('modules.alias', modulesAlias(modules)),
    text('modules.symbols', ''),
  ];
}

/**
 * The wanted modules of a kernel bundle and their dependencies, dependencies first. `ifThere` names modules that some
 * kernel versions build in, rename or merge into others. Modules are decompressed: an initramfs is compressed as a
 * whole, and the guest decompresses everything once.
 */
export async function gatherModules(
  kernelFolder: string,
  wanted: readonly string[],
  ifThere: readonly string[] = [],
): Promise<{ release: string; modules: PlacedModule[] }> {
  const release = (await readFile(path.join(kernelFolder, 'release'), 'utf8')).trim();
  const root = path.join(kernelFolder, 'modules');
  const files = (await readdir(root, { recursive: true })).filter((file) => /\.ko(\.\w+)?$/.test(file));
  const byName = new Map(files.map((file) => [moduleName(file), file]));
  const builtIn = new Set((await readFile(path.join(root, 'modules.builtin'), 'utf8')).split('\n').map(moduleName));
  const read = new Map<string, PlacedModule>();
  const find = async (name: string) => {
    const file = byName.get(name);
    if (file === undefined) return undefined;
    const known = read.get(name) ?? (await readModule(root, file));
    read.set(name, known);
    return known;
  };
  const modules = await moduleClosure(
    [...wanted, ...ifThere.filter((name) => byName.has(moduleName(name)))],
    find,
    (name) => builtIn.has(name),
  );
  return { release, modules };
}

async function readModule(root: string, file: string): Promise<PlacedModule> {
  const unpack = UNPACK[path.extname(file).slice(1)];
  const bytes = await readFile(path.join(root, file));
  const data = unpack
    ? (await execa(unpack[0], unpack.slice(1), { input: bytes, encoding: 'buffer', stripFinalNewline: false })).stdout
    : bytes;
  return { name: moduleName(file), path: file.replace(/\.ko\.\w+$/, '.ko'), data, info: readModuleInfo(data) };
}
