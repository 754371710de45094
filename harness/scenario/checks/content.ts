import { checkAddresses } from './addresses.ts';
import { checkClients } from './clients.ts';
import { checkDirectory } from './directory.ts';
import { checkDiskBoots } from './disk-boot.ts';
import { checkMemory, checkNics } from './machines.ts';
import { checkMatrix } from './matrix.ts';
import { checkReferences } from './references.ts';
import { checkSteps } from './steps.ts';
import { checkStories } from './stories.ts';
import { checkTimeouts } from './timeouts.ts';
import { checkUnread } from './unread.ts';
import { explainIssues } from '../parsing/explain-issue.ts';
import type { Problem } from '../scenario-error.ts';
import { scenarioSchema, type ScenarioContent } from '../schema/scenario.ts';

/** Content and nothing wrong, or everything that is wrong. */
export type CheckedContent =
  | { readonly content: ScenarioContent; readonly problems: readonly [] }
  | { readonly content?: undefined; readonly problems: readonly [Problem, ...Problem[]] };

/**
 * Holds any value against the schema and then against itself: references, addresses, boot orders, matrix. Pure and
 * total.
 */
export function checkContent(value: unknown): CheckedContent {
  const parsed = scenarioSchema.safeParse(value);
  const problems = parsed.success ? crossCheck(parsed.data) : explainIssues(parsed.error.issues, value);
  const [first, ...rest] = problems;
  if (first) return { problems: [first, ...rest] };
  if (parsed.success) return { content: parsed.data, problems: [] };
  return {
    problems: [{ path: [], expected: 'a scenario', got: 'a value that the schema accepts' }],
  };
}

/** Everything that is wrong with a content that the schema takes, without a look outside of it. */
export function crossCheck(content: ScenarioContent): Problem[] {
  return [
    ...checkReferences(content),
    ...checkClients(content),
    ...checkAddresses(content),
    ...checkMatrix(content),
    ...checkDirectory(content),
    ...checkDiskBoots(content),
    ...checkNics(content),
    ...checkMemory(content),
    ...checkStories(content),
    ...checkSteps(content),
    ...checkTimeouts(content),
    ...checkUnread(content),
  ];
}
