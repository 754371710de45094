import { countedAttempts } from '../attempts.ts';
import type { MatrixSummary, Result, ScenarioResult, Verdict } from '../result.ts';

/** One boot of a matrix: the attempt that counts. */
export interface MatrixBoot {
  readonly values: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  /** Its place in `result.scenarios`. */
  readonly scenario: number;
}

/** A matrix of a result and its boots. */
export interface BootedMatrix extends MatrixSummary {
  readonly boots: readonly MatrixBoot[];
}

/** The matrices of a result with their boots, in the order of the result. */
export function bootedMatrices(result: Result): BootedMatrix[] {
  const counted = countedAttempts(result.scenarios);
  return (result.matrices ?? []).map((matrix) => ({
    ...matrix,
    boots: counted
      .filter((scenario) => isPointOf(scenario, matrix))
      .map((scenario) => ({
        values: scenario.matrix ?? {},
        verdict: scenario.verdict,
        scenario: result.scenarios.indexOf(scenario),
      })),
  }));
}

/** A point's id is its scenario's with the cell in brackets (`wds/install-bios[nic=e1000]`). */
function isPointOf({ id, matrix }: ScenarioResult, { scenario }: MatrixSummary): boolean {
  return matrix !== undefined && id.startsWith(`${scenario}[`);
}
