import { conclusion, runStages, vitestStage, type Stage } from './stages.ts';

// `npm run check`: types, lint (with import direction), unused code and unit tests, side by side. No root, no QEMU.

/** Checks of the source alone, which need nothing but the npm packages. */
export const SOURCE_CHECKS: readonly Stage[] = [
  { title: 'types', command: ['tsc', '--noEmit'] },
  { title: 'types of the HTML viewer', command: ['tsc', '-p', 'reports/viewer'] },
  { title: 'lint', command: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'] },
  {
    title: 'import direction',
    command: [
      'depcruise',
      '--cache',
      'node_modules/.cache/dependency-cruiser',
      'harness',
      'servers',
      'vm-images',
      'reports',
    ],
  },
  { title: 'format', command: ['biome', 'format', '.'] },
  { title: 'unused code', command: ['knip'] },
  { title: 'code that only tests use', command: ['knip', '--production'] },
];

/** Unit tests, some of which call Debian's programs. */
export const UNIT_TESTS: Stage = vitestStage('unit');

if (import.meta.main) {
  const outcomes = await runStages([...SOURCE_CHECKS, UNIT_TESTS]);
  process.stdout.write(conclusion(outcomes));
  process.exitCode = outcomes.every((outcome) => outcome.failed === 0) ? 0 : 1;
}
