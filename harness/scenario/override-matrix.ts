import { explainIssues } from './parsing/explain-issue.ts';
import { AXES } from './matrix.ts';
import { matrix as matrixSchema } from './schema/clients.ts';
import { throwIfAny } from './scenario-error.ts';
import type { Scenario } from './scenario.ts';

/** Values by axis, as texts of a command line. */
export type MatrixOverrides = Readonly<Record<string, readonly string[]>>;

/** A scenario whose axes are replaced by those of a command line, or that gets them as new ones; exclusions stay. */
export function overrideMatrix(scenario: Scenario, overrides: MatrixOverrides): Scenario {
  const written = Object.fromEntries(
    Object.entries(overrides).map(([axis, values]) => [
      axis,
      [...new Set(values)].map((value) => (axis === 'cpus' && /^\d+$/.test(value) ? Number(value) : value)),
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
  return { ...scenario, matrix: { ...scenario.matrix, ...parsed.data } };
}

/** What errors call a file whose matrix a command line has changed: their places are not the file's. */
export const withMatrix = (file: string): string => `${file} with --matrix`;
