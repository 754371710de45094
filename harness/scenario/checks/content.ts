import { checkAddresses } from './addresses.ts';
import { checkClients } from './clients.ts';
import { checkDirectory } from './directory.ts';
import { checkDiskBoots } from './disk-boot.ts';
import { checkMemory, checkNics } from './machines.ts';
import { checkMatrix } from './matrix.ts';
import { checkReferences } from './references.ts';
import { checkSteps } from './steps.ts';
import { checkTimeouts } from './timeouts.ts';
import { checkUnread } from './unread.ts';
import { explainIssues } from '../parsing/explain-issue.ts';
import type { Problem } from '../scenario-error.ts';
import { scenarioSchema, type ScenarioContent } from '../schema/scenario.ts';

/** What a value is as a scenario, and everything that is wrong with it; no content where the schema refuses it. */
export interface CheckedContent {
  readonly content?: ScenarioContent;
  readonly problems: readonly Problem[];
}

/**
 * Holds any value against the schema and then against itself: references, addresses, boot orders, matrix. Pure and
 * total.
 */
export function checkContent(value: unknown): CheckedContent {
  const parsed = scenarioSchema.safeParse(value);
  return parsed.success
    ? { content: parsed.data, problems: crossCheck(parsed.data) }
    : { problems: explainIssues(parsed.error.issues, value) };
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
    ...checkSteps(content),
    ...checkTimeouts(content),
    ...checkUnread(content),
  ];
}
