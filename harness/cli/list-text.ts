import { plural } from '../../reports/text.ts';
import type { MatrixSummary } from '../../reports/result.ts';
import type { LoadedPlans } from './load-plans.ts';

/** One line a plan, and after them what each matrix left out, and why. */
export function listText({ plans, matrices }: LoadedPlans): string {
  const width = Math.max(0, ...plans.map((plan) => plan.id.length));
  const lines = plans.map(
    ({ id, name, tags }) => `${id.padEnd(width)}  ${name}${tags.length > 0 ? `  [${tags.join(', ')}]` : ''}`,
  );
  return [...lines, ...matrices.flatMap(matrixLines)].map((line) => `${line}\n`).join('');
}

function matrixLines({ scenario, choose, bootable, booted, leftOut }: MatrixSummary): string[] {
  const valuesOf = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([axis, value]) => `${axis}=${value}`)
      .join(', ');
  const width = Math.max(0, ...leftOut.map(({ values }) => valuesOf(values).length));
  const left = leftOut.reduce((sum, { combinations }) => sum + combinations, 0);
  return [
    ...(choose === 'pairwise'
      ? [`${scenario}: ${booted} of ${plural(bootable, 'combination')}, in which every pair of values occurs`]
      : []),
    ...(left === 0 ? [] : [`${scenario}: ${plural(left, 'combination')} left out:`]),
    ...leftOut.map(({ values, why, combinations }) => `  ${valuesOf(values).padEnd(width)}  ${why} (${combinations})`),
  ];
}
