import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Lab tests that take longest, with the seconds of a run on two cores, one after another. When files run side by side,
 * a long one that begins last is what everybody waits for. vitest knows durations only after a first run, not in a
 * fresh clone.
 */
export const LONG_LAB_TESTS: Readonly<Record<string, number>> = {
  'harness/run/bundled-scenarios.lab.test.ts': 600,
};

/** Runs the long lab tests first, the longest before all others; the rest in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => secondsOf(b.moduleId) - secondsOf(a.moduleId));
  }
}

function secondsOf(file: string): number {
  return Object.entries(LONG_LAB_TESTS).find(([path]) => file.endsWith(`/${path}`))?.[1] ?? 0;
}
