import * as z from 'zod';
import { scenarioSchema } from './scenario.ts';

/** JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of scenario files, for editors: `scenarios/scenario.schema.json` is this, written by `npm run
 * schemas`.
 */
export function scenarioJsonSchema(): JsonSchema {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}
