import { execa } from 'execa';
import { readFile, realpath } from 'node:fs/promises';
import type { CpioEntry } from './cpio.ts';

/** Paths that ldd(1) names in its output: libraries with `=>` and the program interpreter. */
export function parseLdd(output: string): string[] {
  return [...output.matchAll(/(?:=> |^\s*)(\/\S+)(?: \(0x[0-9a-f]+\))$/gm)].map((match) => match[1] ?? '');
}

/** Initramfs entries for host programs and every library they load, each at the path where the loader looks for it. */
export async function programEntries(programs: Readonly<Record<string, string>>): Promise<CpioEntry[]> {
  const entries: CpioEntry[] = [];
  const libraries = new Set<string>();
  for (const [target, source] of Object.entries(programs)) {
    entries.push({ type: 'file', path: target, mode: 0o755, data: await readFile(source) });
    const { stdout } = await execa('ldd', [source], { env: { LC_ALL: 'C' } });
    for (const library of parseLdd(stdout)) libraries.add(library);
  }
  for (const library of [...libraries].sort()) {
    entries.push({ type: 'file', path: library.slice(1), mode: 0o755, data: await readFile(await realpath(library)) });
  }
  return entries;
}
