import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildContext, Recipe } from '../bundle.ts';
import { cpioNewc } from '../cpio.ts';
import type { CpioEntry } from '../cpio.ts';
import { compressInitramfs } from '../initramfs-compression.ts';
import { gatherModules } from '../kernel-bundle.ts';
import { modulesAlias, modulesDep } from '../kernel-modules.ts';
import type { PlacedModule } from '../kernel-modules.ts';

/**
 * A driver package, the counterpart of an INF and its files in WDS: the modules of one device and the ids of the
 * devices that they drive, in modprobe's format (`modules.alias`). It comes in two forms: `NAME.img`, an initramfs that
 * the boot program loads after the boot image's own, and the folder `NAME`, from which the agent copies drivers to an
 * installed system.
 */
export function driverPackageRecipe(name: string, modules: readonly string[]): Recipe {
  return {
    name: `drivers/${name}`,
    what: `driver package for ${name}: ${modules.join(', ')}`,
    needs: ['kernel'],
    sources: [
      'recipes/driver-package.ts',
      'cpio.ts',
      'kernel-modules.ts',
      'kernel-bundle.ts',
      'initramfs-compression.ts',
    ],
    packages: ['zstd', 'xz-utils'],
    parameters: { modules },
    build: (context) => build(context, name, modules),
  };
}

async function build({ folder, inputs }: BuildContext, name: string, wanted: readonly string[]): Promise<void> {
  const { files, entries } = await driverPackage(inputs.get('kernel')?.folder ?? '', name, wanted);
  const packageFolder = path.join(folder, name);
  await mkdir(packageFolder);
  for (const [file, data] of files) await writeFile(path.join(packageFolder, file), data);
  await writeFile(path.join(folder, `${name}.img`), await compressInitramfs(cpioNewc(entries)));
}

/** Both forms of a package with modules of a kernel's bundle: the files of its folder by their names, and entries of an initramfs. */
export async function driverPackage(
  kernelFolder: string,
  name: string,
  wanted: readonly string[],
): Promise<{ readonly files: ReadonlyMap<string, Uint8Array>; readonly entries: readonly CpioEntry[] }> {
  const { release, modules } = await gatherModules(kernelFolder, wanted);
  const placed = modules.map((module) => inUpdates(module, name));
  const texts = new Map(
    Object.entries({
      'modules.alias': modulesAlias(placed),
      'modules.dep': modulesDep(placed),
      release: `${release}\n`,
    }).map(([file, text]): [string, Uint8Array] => [file, Buffer.from(text)]),
  );
  const entry = (target: string, data: Uint8Array): CpioEntry => ({ type: 'file', path: target, mode: 0o644, data });
  return {
    files: new Map([...texts, ...placed.map((module) => [path.basename(module.path), module.data] as const)]),
    entries: [
      ...[...texts].map(([file, data]) => entry(`drivers/${name}/${file}`, data)),
      ...placed.map((module) => entry(`lib/modules/${release}/${module.path}`, module.data)),
    ],
  };
}

/** `updates/` is where modprobe.d(5) looks before `kernel/`: the place for modules from outside the distribution. */
function inUpdates(module: PlacedModule, name: string): PlacedModule {
  return { ...module, path: `updates/${name}/${path.basename(module.path)}` };
}
