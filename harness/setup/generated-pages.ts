import { join } from 'node:path';
import { resultTables } from '../../reports/result-tables.ts';
import { PACKAGE_FOLDER } from './installation.ts';
import { habitTable, habitValueTables, ladderTable, profileTable } from './profile-tables.ts';
import { causeTables, eventTables, markTable, phaseTable, stepTables, waitTable } from './words-tables.ts';

/** Pages of harness/docs that hold tables made from the rooms' declarations. */
export const GENERATED_PAGES: readonly string[] = ['steps.md', 'events.md', 'profiles.md', 'result.md'].map((name) =>
  join(PACKAGE_FOLDER, 'harness/docs', name),
);

const TABLES: Readonly<Record<string, () => string>> = {
  steps: stepTables,
  causes: causeTables,
  marks: markTable,
  phases: phaseTable,
  waits: waitTable,
  ladders: ladderTable,
  events: eventTables,
  profiles: profileTable,
  habits: habitTable,
  values: habitValueTables,
  result: resultTables,
};

const BLOCK = /<!-- made from the declarations: ([a-z]+) -->\n.*?<!-- end -->/gs;

/** A page with its tables as the declarations have them now; what stands around them is a person's. */
export function withTables(page: string): string {
  return page.replace(BLOCK, (_block, name: string) => {
    const made = TABLES[name];
    if (!made) throw new Error(`no table is called ${name}: expected ${Object.keys(TABLES).join(', ')}`);
    return `<!-- made from the declarations: ${name} -->\n\n${made()}\n\n<!-- end -->`;
  });
}
