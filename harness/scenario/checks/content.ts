import { checkAddresses } from './addresses.ts';
import { checkBootMenu } from './boot-menu.ts';
import { checkBackups } from './backups.ts';
import { checkBootOrders } from './boot-order.ts';
import { checkClients } from './clients.ts';
import { checkDirectory } from './directory.ts';
import { checkChosenPrograms } from './chosen-programs.ts';
import { checkDiskBoots } from './disk-boot.ts';
import { checkDiskImages } from './disk-images.ts';
import { checkMulticast } from './multicast.ts';
import { checkProcessors } from './processors.ts';
import { checkMatrix } from './matrix.ts';
import { checkRecoveries } from './recoveries.ts';
import { checkReferences } from './references.ts';
import { checkSteps } from './steps.ts';
import { checkTimeouts } from './timeouts.ts';
import { checkUnread } from './unread.ts';
import { explainIssues } from '../parsing/explain-issue.ts';
import type { Problem } from '../scenario-error.ts';
import { scenarioSchema, type ScenarioContent } from '../schema/scenario.ts';

/** What a value is as a scenario: refused by the schema, or a content, in which keys may still contradict each other. */
export type CheckedContent =
  | { readonly content?: undefined; readonly problems: readonly [Problem, ...Problem[]] }
  | { readonly content: ScenarioContent; readonly problems: readonly Problem[] };

/**
 * Holds any value against the schema and then against itself: references, addresses, boot orders, matrix. Pure and
 * total.
 */
export function checkContent(value: unknown): CheckedContent {
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return { content: parsed.data, problems: crossCheck(parsed.data) };
  const [first, ...rest] = explainIssues(parsed.error.issues, value);
  if (first === undefined) throw new TypeError('expected words for what the schema refuses');
  return { problems: [first, ...rest] };
}

/** Everything that is wrong with a content that the schema takes, without a look outside of it. */
export function crossCheck(content: ScenarioContent): Problem[] {
  return [
    ...checkReferences(content),
    ...checkBootMenu(content),
    ...checkBootOrders(content),
    ...checkClients(content),
    ...checkBackups(content),
    ...checkRecoveries(content),
    ...checkAddresses(content),
    ...checkMatrix(content),
    ...checkMulticast(content),
    ...checkChosenPrograms(content),
    ...checkDirectory(content),
    ...checkDiskImages(content),
    ...checkDiskBoots(content),
    ...checkProcessors(content),
    ...checkSteps(content),
    ...checkTimeouts(content),
    ...checkUnread(content),
  ];
}
