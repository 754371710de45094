import { execa } from 'execa';
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedProject, type InstalledProject } from '../../setup/package/testing/installed-package.ts';
import { missingLines, parseGuide, type GuideStep } from './testing/parse-guide.ts';

// Each guide, followed word by word in a project of its own, which has the package.

let installed: InstalledProject | undefined;
beforeAll(async () => {
  installed = await installedProject(['pxewright'], ['vitest']);
});
afterAll(() => installed?.[Symbol.asyncDispose]());

describe.each(globSync('[0-9]*.md', { cwd: import.meta.dirname }).sort())('%s', (page) => {
  const steps = parseGuide(readFileSync(join(import.meta.dirname, page), 'utf8'));
  const folder = (): string => join(installed?.work ?? '', basename(page, '.md'));
  let printed = '';
  let failedAt: number | undefined;

  beforeAll(() => cp(installed?.project ?? '', folder(), { recursive: true, verbatimSymlinks: true }));

  it.each(steps.filter(({ kind }) => kind !== 'not-run').map((step) => [step.line, step] as const))(
    'line %i',
    async (line, step) => {
      expect(failedAt, 'an earlier step failed, at line').toBeUndefined();
      failedAt = line;
      await follow(step);
      failedAt = undefined;
    },
  );

  async function follow(step: GuideStep): Promise<void> {
    if (step.kind === 'file') {
      await mkdir(dirname(join(folder(), step.path)), { recursive: true });
      await writeFile(join(folder(), step.path), step.text);
    } else if (step.kind === 'commands') {
      const { all, exitCode } = await execa('bash', ['-e', '-o', 'pipefail', '-c', step.text], {
        cwd: folder(),
        reject: false,
        all: true,
        stdin: 'ignore',
        env: { NO_COLOR: '1' },
      });
      printed = all;
      expect(exitCode, all).toBe(step.exitCode);
    } else if (step.kind === 'output') {
      expect(missingLines(step.text, printed), printed).toEqual([]);
    }
  }
});
