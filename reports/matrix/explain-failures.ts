import { plural } from '../text.ts';
import { isBad } from '../worst-verdict.ts';
import type { BootedMatrix, MatrixBoot } from './matrix-boots.ts';

/** Values by axis that all failures have. */
interface Explanation {
  readonly values: readonly (readonly [axis: string, value: string])[];
  /** Boots with these values that passed. */
  readonly passed: number;
}

/**
 * What the failures of a matrix have in common, and its passed boots have not: a single value, else two values together
 * (`all 6 failures have nic=pcnet; no boot with it passed`). Where there is neither, values of all failures of which most
 * other boots passed, with how many of them. Empty when nothing failed, or when the failures have nothing of their own.
 */
export function explainFailures({ axes, boots }: Pick<BootedMatrix, 'axes' | 'boots'>): string[] {
  const judged = boots.filter(({ verdict }) => verdict !== 'skipped');
  const failed = judged.filter(isBad);
  const passed = judged.filter((boot) => !isBad(boot));
  const [first, ...others] = failed;
  if (first === undefined || passed.length === 0) return [];
  const common = Object.keys(axes).flatMap((axis): Explanation['values'] => {
    const value = first.values[axis];
    return value !== undefined && others.every(({ values }) => values[axis] === value) ? [[axis, value]] : [];
  });
  const explain = (values: Explanation['values']): Explanation => ({
    values,
    passed: passed.filter((boot) => hasAll(boot, values)).length,
  });
  const singles = common.map((value) => explain([value]));
  const pairs = common.flatMap((one, index) => common.slice(index + 1).map((other) => explain([one, other])));
  const sure = [singles, pairs].map((some) => some.filter((one) => one.passed === 0)).find((some) => some.length > 0);
  // One failure has some value on every axis: that says nothing.
  const likely = failed.length > 1 ? singles.filter((one) => one.passed < passed.length) : [];
  return (sure ?? likely).map((one) => sentence(one, failed.length));
}

const hasAll = (boot: MatrixBoot, values: Explanation['values']): boolean =>
  values.every(([axis, value]) => boot.values[axis] === value);

function sentence({ values, passed }: Explanation, failures: number): string {
  const text = values.map(([axis, value]) => `${axis}=${value}`).join(' and ');
  const all = failures === 1 ? 'the one failure has' : `all ${failures} failures have`;
  return `${all} ${text}; ${passed === 0 ? 'no boot' : plural(passed, 'boot')} with ${values.length === 1 ? 'it' : 'both'} passed`;
}
