import { describeValue } from '../parsing/describe-value.ts';
import { matrixPoints } from '../matrix.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/**
 * All network cards with both firmwares, four amounts of memory and four of processors are 256; beyond some more it is
 * a slip.
 */
const MOST_COMBINATIONS = 1024;

/** Axes without repeats, exclusions that can match, and at least one combination left. */
export function checkMatrix(content: ScenarioContent): Problem[] {
  const { matrix } = content;
  if (matrix === undefined) return [];
  const { exclude = [], ...rest } = matrix;
  const axes = new Map(
    Object.entries(rest).filter((entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined),
  );
  const problems: Problem[] = [];
  for (const [axis, values] of axes) {
    const all: readonly unknown[] = values;
    all.forEach((value, index) => {
      if (all.indexOf(value) !== index)
        problems.push({
          path: ['matrix', axis, index],
          expected: 'every value once',
          got: `${describeValue(value)} again`,
        });
    });
  }
  exclude.forEach((exclusion, index) => {
    const path = ['matrix', 'exclude', index];
    if (Object.keys(exclusion).length === 0)
      problems.push({ path, expected: 'at least one axis and its value', got: 'an empty map' });
    for (const [axis, value] of Object.entries(exclusion)) {
      const values: readonly unknown[] | undefined = axes.get(axis);
      if (!values?.includes(value))
        problems.push({
          path: [...path, axis],
          expected: values ? `a value of matrix.${axis}` : `an axis of the matrix`,
          got: values ? describeValue(value) : `"${axis}"`,
        });
    }
  });
  const combinations = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (combinations > MOST_COMBINATIONS)
    problems.push({
      path: ['matrix'],
      expected: `at most ${MOST_COMBINATIONS} combinations`,
      got: String(combinations),
    });
  if (problems.length === 0 && matrixPoints(matrix).length === 0)
    problems.push({
      path: ['matrix', 'exclude'],
      expected: 'at least one combination left',
      got: 'exclusions that leave none',
    });
  return problems;
}
