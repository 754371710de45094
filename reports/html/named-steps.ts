import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const step = z.object({ step: z.string() });
const story = z.object({ expectations: z.array(step).default([]) });
const planSchema = story.extend({ clients: z.array(z.object({ story: story.optional() })).default([]) });

/**
 * Names of the steps that a run's plan.json expects, of all clients or of one; none where there is no plan, or one that
 * cannot be read. (An expected failure needs no name here: what failed is never folded.)
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
