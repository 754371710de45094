import { describeValue } from '../parsing/describe-value.ts';
import { expandMatrix } from '../matrix/expand-matrix.ts';
import { allPoints, exclusionOf } from '../matrix/points.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

/**
 * All network cards with both firmwares, four amounts of memory and four of processors are 256; beyond some more it is
 * a slip.
 */
const MOST_COMBINATIONS = 1024;

/**
 * Axes without repeats, exclusions that can match, at least one combination left, and VMs that can boot. A scenario
 * without a matrix has one combination: its own.
 */
export function checkMatrix(content: ScenarioContent): Problem[] {
  const { matrix } = content;
  if (matrix === undefined) return [...expandMatrix(content).problems];
  const { exclude = [], choose, ...rest } = matrix;
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
  if (choose === 'pairwise' && axes.size < 2)
    problems.push({
      path: ['matrix', 'choose'],
      expected: 'two axes or more, to make pairs of',
      got: String(axes.size),
    });
  const combinations = [...axes.values()].reduce((product, values) => product * values.length, 1);
  if (combinations > MOST_COMBINATIONS)
    problems.push({
      path: ['matrix'],
      expected: `at most ${MOST_COMBINATIONS} combinations`,
      got: String(combinations),
    });
  if (problems.length > 0) return problems;
  if (allPoints(matrix).every((point) => exclusionOf(point, matrix)))
    return [
      {
        path: ['matrix', 'exclude'],
        expected: 'at least one combination left',
        got: 'exclusions that leave none',
      },
    ];
  return [...expandMatrix(content).problems];
}
