import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const step = z.object({ step: z.string() });
const planSchema = z.object({ expectations: z.array(step).default([]) });

/** Names of the steps that a run's plan.json expects; none where there is no plan, or one that cannot be read. (An expected failure needs no name here: what failed is never folded.) */
export async function readNamedSteps(path: string): Promise<string[]> {
  try {
    const { expectations } = planSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return [...new Set(expectations.map((one) => one.step))];
  } catch {
    return []; // only folding depends on it
  }
}
