import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resultJsonSchemaText } from '../../reports/result-schema.ts';
import { scenarioJsonSchema } from '../scenario/schema/json-schema.ts';
import { GENERATED_PAGES, withTables } from './generated-pages.ts';
import { PACKAGE_FOLDER } from './installation.ts';

// `npm run schemas`: writes what is made from declarations: the JSON Schemas that editors and other programs read, and the
// tables of harness/docs. Tests keep them equal to the code.
await writeFile(
  join(PACKAGE_FOLDER, 'scenarios/scenario.schema.json'),
  `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`,
);
await writeFile(join(PACKAGE_FOLDER, 'reports/result.schema.json'), resultJsonSchemaText());
for (const page of GENERATED_PAGES) await writeFile(page, withTables(await readFile(page, 'utf8')));
