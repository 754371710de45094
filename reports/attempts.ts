import type { ScenarioResult } from './result.ts';
import { isBad } from './worst-verdict.ts';

// A scenario may run several times for two reasons that must not be mixed up: `--repeat` asks for repetitions, which
// all count; `--retries` allows further attempts of one repetition, of which the last one counts.

/** What tells one repetition of a scenario from the others: its id, with `--repeat` also the repetition's number. */
export function repetitionName({ id, repetition }: Pick<ScenarioResult, 'id' | 'repetition'>): string {
  return repetition === undefined ? id : `${id} repetition ${repetition}`;
}

/** `repetition 2, attempt 3`: what people must be told; a first attempt goes without saying. */
export function triesText({ attempt, repetition }: Pick<ScenarioResult, 'attempt' | 'repetition'>): string {
  return [
    ...(repetition === undefined ? [] : [`repetition ${repetition}`]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ].join(', ');
}

/** The attempts of each repetition, in the order of attempts; repetitions in the order of their first attempt. */
export function attemptsByRepetition(scenarios: readonly ScenarioResult[]): ScenarioResult[][] {
  const grouped = Map.groupBy(scenarios, repetitionName);
  return [...grouped.values()].map((attempts) => attempts.toSorted((a, b) => a.attempt - b.attempt));
}

/** The attempt of each repetition that counts: its last one. */
export function countedAttempts(scenarios: readonly ScenarioResult[]): ScenarioResult[] {
  return attemptsByRepetition(scenarios).flatMap((attempts) => attempts.at(-1) ?? []);
}

/** Whether a repetition did not pass at first, and then did. `attempts` are all of it. */
export function isFlaky(attempts: readonly ScenarioResult[]): boolean {
  return attempts.at(-1)?.verdict === 'passed' && attempts.some(isBad);
}
