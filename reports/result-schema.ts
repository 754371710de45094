import * as z from 'zod';
import { resultSchema } from './result.ts';

/**
 * The JSON Schema (draft 2020-12) of `result.json`, generated from the zod schema; `result.schema.json` is its
 * checked-in copy.
 */
export function resultJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(resultSchema, { target: 'draft-2020-12', reused: 'inline' }),
    title: 'pxewright result',
    description: 'What a run, a replay or a merge found: scenarios, clients, protocol steps, phases and transfers.',
  };
}

/** The text of `result.schema.json`. */
export function resultJsonSchemaText(): string {
  return `${JSON.stringify(resultJsonSchema(), null, 2)}\n`;
}
