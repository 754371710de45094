import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Recipe } from '../bundle.ts';

const SOURCES = path.join(import.meta.dirname, '..', 'agent', 'wdsctl');

/** The agent's client of the WDS control channel: a small program, compiled on this host. */
export const wdsctlRecipe: Recipe = {
  name: 'wdsctl',
  what: 'client of the WDS control channel for the agent',
  needs: [],
  sources: ['recipes/wdsctl.ts', 'agent/wdsctl'],
  packages: ['gcc', 'libc6-dev', 'nettle-dev'],
  build: ({ folder }) => compileWdsctl(path.join(folder, 'wdsctl'), ['-Os', '-s']),
};

/**
 * Compiles it to `program`. Nettle is linked statically: the program has 81 kB, while the shared library alone has 350
 * kB. libc is in the boot image anyway.
 */
export async function compileWdsctl(program: string, flags: readonly string[]): Promise<void> {
  const sources = (await readdir(SOURCES)).filter((file) => file.endsWith('.c')).sort();
  await execa(
    'gcc',
    [
      '-std=c11',
      '-D_GNU_SOURCE',
      '-Wall',
      '-Wextra',
      '-Werror',
      ...flags,
      '-o',
      program,
      ...sources,
      '-Wl,-Bstatic',
      '-lnettle',
      '-Wl,-Bdynamic',
    ],
    { cwd: SOURCES },
  );
}
