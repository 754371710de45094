import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resultJsonSchemaText } from '../../reports/result-schema.ts';
import { scenarioJsonSchema } from '../scenario/schema/json-schema.ts';
import { PROJECT } from './stages.ts';

// `npm run schemas`: writes the JSON Schemas that editors and other programs read. Tests keep them equal to the code.
await writeFile(join(PROJECT, 'scenarios/scenario.schema.json'), `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
await writeFile(join(PROJECT, 'reports/result.schema.json'), resultJsonSchemaText());
