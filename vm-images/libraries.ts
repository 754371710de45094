import { execa } from 'execa';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { CpioEntry } from './cpio.ts';

/** Paths that ldd(1) names in its output: libraries with `=>` and the program interpreter. */
export function parseLdd(output: string): string[] {
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+)(?: \(0x[0-9a-f]+\))$/gm)].map((match) => match[1] ?? '');
}

/** Names of libraries that `readelf --dynamic` says that a program or library needs. */
export function parseNeeded(output: string): string[] {
  return [...output.matchAll(/\(NEEDED\)\s+Shared library: \[([^\]]+)\]/g)].map((match) => match[1] ?? '');
}

/** Initramfs entries for host programs and every library they load, each at the path where the loader looks for it. */
export async function programEntries(programs: Readonly<Record<string, string>>): Promise<CpioEntry[]> {
  const libraries = new Map<string, string>();
  for (const source of Object.values(programs)) {
    const { stdout } = await execa('ldd', [source], { env: { LC_ALL: 'C' } });
    for (const library of parseLdd(stdout)) libraries.set(library.slice(1), library);
  }
  return entriesOf(programs, libraries);
}

/**
 * The same for programs of another architecture, unpacked below `root`, which ldd(1) cannot load. `libraryFolder`: where
 * the packages have their libraries, below `root`.
 */
export async function unpackedProgramEntries(
  root: string,
  libraryFolder: string,
  programs: Readonly<Record<string, string>>,
): Promise<CpioEntry[]> {
  const inRoot = Object.fromEntries(
    Object.entries(programs).map(([target, source]) => [target, path.join(root, source)]),
  );
  const libraries = new Map<string, string>();
  const visit = async (file: string): Promise<void> => {
    const { stdout } = await execa('readelf', ['--dynamic', '--wide', file], { env: { LC_ALL: 'C' } });
    for (const name of parseNeeded(stdout)) {
      // The dynamic loader of glibc, which the kernel looks for by this path.
      const target = name.startsWith('ld-linux') ? `lib/${name}` : path.join(libraryFolder, name);
      if (libraries.has(target)) continue;
      const library = path.join(root, libraryFolder, name);
      libraries.set(target, library);
      await visit(library);
    }
  };
  for (const program of Object.values(inRoot)) await visit(program);
  return entriesOf(inRoot, libraries);
}

async function entriesOf(
  programs: Readonly<Record<string, string>>,
  libraries: ReadonlyMap<string, string>,
): Promise<CpioEntry[]> {
  const entry = async (target: string, source: string): Promise<CpioEntry> => ({
    type: 'file',
    path: target,
    mode: 0o755,
    data: await readFile(await realpath(source)),
  });
  return Promise.all([
    ...Object.entries(programs).map(([target, source]) => entry(target, source)),
    ...[...libraries].sort(([one], [other]) => (one < other ? -1 : 1)).map(([target, source]) => entry(target, source)),
  ]);
}
