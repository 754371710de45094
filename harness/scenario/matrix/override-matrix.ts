import { defined } from '../../../servers/service/defined.ts';
import { explainIssues } from '../parsing/explain-issue.ts';
import { AXES, type Axis } from './axes.ts';
import type { Matrix } from './points.ts';
import { matrix as matrixSchema } from '../schema/clients.ts';
import { throwIfAny } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';

/** Values by axis, as texts of a command line, and which combinations of them are booted. */
export interface MatrixOverrides {
  readonly axes?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly choose?: Matrix['choose'];
}

const number = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : text);

/** Axes whose values are no texts in a scenario: what a text of a command line is there. Any other text is refused as it is. */
const WRITTEN: Readonly<Partial<Record<Axis, (text: string) => unknown>>> = {
  cpus: number,
  'disk-block-size': number,
  'boot-order': (text) => text.split(','),
  tpm: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
};

/** Whether a command line changes anything. */
export const overridesMatrix = ({ axes = {}, choose }: MatrixOverrides): boolean =>
  choose !== undefined || Object.keys(axes).length > 0;

/**
 * A scenario whose axes are replaced by those of a command line, or that gets them as new ones; exclusions stay. Where it
 * has fewer than two, there are no pairs to choose by.
 */
export function overrideMatrix(scenario: Scenario, { axes = {}, choose }: MatrixOverrides): Scenario {
  const written = Object.fromEntries(
    Object.entries(axes).map(([axis, values]) => [
      axis,
      [...new Set(values)].map((value) => WRITTEN[axis as Axis]?.(value) ?? value),
    ]),
  );
  const root = { matrix: written };
  const unknown = Object.keys(written).filter((axis) => !(AXES as readonly string[]).includes(axis));
  const parsed = matrixSchema.safeParse(written);
  throwIfAny(withMatrix(scenario.source.file), [
    ...unknown.map((axis) => ({
      path: ['matrix'],
      expected: `one of ${AXES.join(', ')}`,
      got: JSON.stringify(axis),
      known: AXES,
      says: `unknown axis ${JSON.stringify(axis)} (known: ${AXES.join(', ')})`,
    })),
    ...explainIssues(
      (parsed.error?.issues ?? []).filter((issue) => issue.code !== 'unrecognized_keys'),
      root,
      ['matrix'],
    ),
  ]);
  const matrix = { ...scenario.matrix, ...parsed.data };
  const hasPairs = AXES.filter((axis) => matrix[axis] !== undefined).length > 1;
  return { ...scenario, matrix: hasPairs ? { ...matrix, ...defined({ choose }) } : matrix };
}

/** What errors call a file whose matrix a command line has changed: their places are not the file's. */
export const withMatrix = (file: string): string => `${file} with --matrix`;
