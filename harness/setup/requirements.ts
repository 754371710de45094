import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { REQUIREMENTS_OF_RUNS } from './requirements/of-runs.ts';
import { REQUIREMENTS_OF_TESTS } from './requirements/of-tests.ts';
import type { Requirement } from './requirements/requirement.ts';
import type { RunUses } from './requirements/run-uses.ts';

const NOTHING_SPECIAL: RunUses = { firmwares: [], bundles: [], services: [], devices: [] };

/**
 * What a host must have: for the project's tests all, for runs what every run needs, and what these runs use. `uses`: nothing special
 * when it is left out.
 */
export function requirementsFor(purpose: 'run' | 'test', uses: RunUses = NOTHING_SPECIAL): readonly Requirement[] {
  if (purpose === 'test') return [...REQUIREMENTS_OF_RUNS, ...REQUIREMENTS_OF_TESTS];
  return REQUIREMENTS_OF_RUNS.filter(
    ({ onlyFor }) => onlyFor === undefined || [onlyFor.named].flat().some((one) => uses[onlyFor.use]?.includes(one)),
  );
}

/** Requirements that the host lacks; costs a few dozen stat calls. */
export function missingRequirements(
  purpose: 'run' | 'test',
  uses?: RunUses,
  path: string = process.env['PATH'] ?? '',
): Requirement[] {
  const folders = programFolders(path);
  return requirementsFor(purpose, uses).filter((one) => !isPresent(one, folders));
}

/** What only some runs need: each with whether the host has it. */
export function optionalRequirements(): readonly (readonly [requirement: Requirement, isPresent: boolean])[] {
  const folders = programFolders(process.env['PATH'] ?? '');
  return REQUIREMENTS_OF_RUNS.filter(({ onlyFor }) => onlyFor !== undefined).map((one) => [
    one,
    isPresent(one, folders),
  ]);
}

const isPresent = ({ needs }: Requirement, folders: readonly string[]): boolean =>
  needs.every((need) => present(need, folders));

/** `a|b`: either will do. */
function present(need: string, folders: readonly string[]): boolean {
  return need
    .split('|')
    .some((one) => (one.startsWith('/') ? existsSync(one) : folders.some((folder) => executable(join(folder, one)))));
}

/** Whether a program is on PATH or where administrators' programs are. */
export function hasProgram(name: string, path: string = process.env['PATH'] ?? ''): boolean {
  return present(name, programFolders(path));
}

function programFolders(path: string): string[] {
  return [...path.split(delimiter), '/usr/sbin', '/sbin'];
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
