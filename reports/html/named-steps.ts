import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const step = z.object({ step: z.string() });
const story = z.object({ expectations: z.array(step).default([]) });
const planSchema = story.extend({ clients: z.array(z.object({ story: story.optional() })).default([]) });

/**
 * Names of the steps that a run's plan.json expects, of all clients or of one; empty when the plan is missing or cannot
 * be read. (An expected failure needs no name here: a failed step is never folded.)
 */
export async function readNamedSteps(path: string): Promise<string[]> {
  try {
    const { expectations, clients } = planSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    const own = clients.flatMap((client) => client.story?.expectations ?? []);
    return [...new Set([...expectations, ...own].map((one) => one.step))];
  } catch {
    return []; // only folding depends on it
  }
}
