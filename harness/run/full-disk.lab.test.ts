import { execa } from 'execa';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOOTSTRAP, PROJECT, QUICK_SCENARIOS } from './testing/pxewright.ts';

// A disk that is really full: a small tmpfs in a mount namespace of its own, which ends with the run.

interface Full {
  readonly exitCode?: number | undefined;
  readonly output: string;
  /** Files that are there at the end, with a size; relative to the runs' folder. */
  readonly files: readonly string[];
}

/** `silent.yaml`, which passes where there is room, with evidence on a disk of so many kilobytes. */
async function runOn(kilobytes: number): Promise<Full> {
  const disk = await mkdtemp(join(tmpdir(), 'pxewright-full-'));
  const root = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const run = `"$NODE" "$BOOTSTRAP" run "$SCENARIO" --out "$DISK/runs"`;
  const script = `mount -t tmpfs -o size=${kilobytes}k full "$DISK" && { ${run}; code=$?; cd "$DISK" && find . -type f -size +0 -printf 'file %P\\n'; exit $code; }`;
  try {
    const { exitCode, all } = await execa('unshare', [...root, '--mount', 'sh', '-c', script], {
      cwd: PROJECT,
      env: { NODE: process.execPath, BOOTSTRAP, SCENARIO: `${QUICK_SCENARIOS}/silent.yaml`, DISK: disk },
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    const [output = '', ...files] = all.split(/^file /m);
    return { exitCode, output: output.replaceAll(disk, ''), files: files.map((file) => join('/', file.trim())) };
  } finally {
    await rmdir(disk);
  }
}

/** Paths that the output offers to people, other than those that it says could not be written. */
const offered = (output: string): string[] =>
  [...output.matchAll(/^ *(?:report|result|junit|capture) +(\/\S+)/gm)].map(([, path = '']) => path);

describe('a full disk', () => {
  it.each([
    ['nothing of the evidence', 8, /\/runs\/\S+ could not be written: no space left on device \(ENOSPC\)/],
    ['not all of the evidence', 24, /error .*\/runs\/\S+\/silent\/\S+ could not be written: no space left on device/],
    [
      'no report',
      80,
      /^pxewright: \/runs\/\S+\/report\.html could not be written: no space left on device \(ENOSPC\)$/m,
    ],
  ])(
    'with room for %s is an error that names file and reason, and no file that is not there',
    async (_, kilobytes, said) => {
      const { exitCode, output, files } = await runOn(kilobytes);
      expect(output).toMatch(said);
      expect(output).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
      expect(offered(output).filter((path) => !files.includes(path))).toEqual([]);
      expect(exitCode).toBe(2);
    },
    120_000,
  );
});
