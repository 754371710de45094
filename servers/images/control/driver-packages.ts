import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { BootRoot } from '../../service/boot-root.ts';
import { openConfined } from '../../service/confined-file.ts';

/** A driver package of the store: a folder with an INF, or with the aliases of Linux modules. */
export interface DriverPackage {
  readonly name: string;
  /** Name of the file in the folder that says which devices the package is for. */
  readonly inf: string;
  readonly files: readonly string[];
  /** Hardware ids that it serves, upper case: `PCI\VEN_10EC&DEV_8139`. */
  readonly hardwareIds: readonly string[];
  readonly modifiedMs: number;
  /** 16 bytes. */
  readonly id: Uint8Array;
}

const LARGEST_INF = 1024 * 1024;
const MOST_PACKAGES = 500;

/** The packages below `RemInst\DriverPackages`, by name; folders without an INF or aliases do not count. */
export async function listDriverPackages({ folder: root }: BootRoot): Promise<DriverPackage[]> {
  const store = path.join(root, 'DriverPackages');
  const entries = await readdir(store, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .slice(0, MOST_PACKAGES);
  const packages = await Promise.all(names.map((name) => readPackage(root, path.join(store, name), name)));
  return packages.filter((found) => found !== undefined);
}

async function readPackage(root: string, folder: string, name: string): Promise<DriverPackage | undefined> {
  const files = (await readdir(folder)).sort();
  const inf = files.find((file) => /\.inf$/i.test(file)) ?? files.find((file) => file === 'modules.alias');
  if (inf === undefined) return undefined;
  const found = await openConfined(root, path.join(folder, inf), inf);
  if ('refused' in found) return undefined;
  await using handle = found.handle;
  const { size, mtimeMs } = await handle.stat();
  if (size > LARGEST_INF) return undefined;
  const text = infText(await handle.readFile());
  const hardwareIds = inf === 'modules.alias' ? aliasHardwareIds(text) : infHardwareIds(text);
  return {
    name,
    inf,
    files,
    hardwareIds,
    modifiedMs: mtimeMs,
    id: createHash('md5').update(name.toLowerCase()).digest(),
  };
}

// INF files are UTF-16 with a byte order mark, or ANSI.
function infText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString('latin1');
}

/**
 * Hardware ids in the models sections of an INF: they follow the first comma of `%Name% = Section, ID, compatible
 * IDs…`.
 */
export function infHardwareIds(text: string): string[] {
  const ids = text.split(/\r?\n/).flatMap((line) => /^[^;=]+=[^;,]+,([^;]*)/.exec(line)?.[1]?.split(',') ?? []);
  return [
    ...new Set(ids.map((id) => id.trim().replaceAll('"', '').toUpperCase()).filter((id) => /^[A-Z0-9]+\\\S/.test(id))),
  ];
}

/**
 * Hardware ids in a modules.alias(5) file: `alias pci:v000010ECd00008139sv*… 8139too` is Windows'
 * `PCI\VEN_10EC&DEV_8139`.
 */
export function aliasHardwareIds(text: string): string[] {
  const ids = [...text.matchAll(/^alias pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})/gm)].map(
    ([, vendor = '', device = '']) => `PCI\\VEN_${vendor}&DEV_${device}`,
  );
  return [...new Set(ids)];
}

/**
 * Whether a package is for a device: its most specific ids begin with the package's (a device's ids name subsystem and
 * revision, too).
 */
export function servesDevice({ hardwareIds }: DriverPackage, deviceIds: readonly string[]): boolean {
  return deviceIds.some((id) => hardwareIds.some((own) => sameOrMoreSpecific(id.toUpperCase(), own)));
}

const sameOrMoreSpecific = (id: string, own: string): boolean => id === own || id.startsWith(`${own}&`);
