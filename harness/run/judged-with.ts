import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const FILE = 'judged-with.json';

const judgedWithSchema = z.object({
  startUs: z.number(),
  endUs: z.number(),
  ended: z.array(z.object({ mac: z.string(), atUs: z.number(), reason: z.string() })),
});

/**
 * What a live judge was told beside the frames: when power came on, when the capture ended, and when machines ended.
 * Kept beside the capture, so that a replay of it gives the same steps at the same times.
 */
export type JudgedWith = z.infer<typeof judgedWithSchema>;

export async function writeJudgedWith(evidenceFolder: string, facts: JudgedWith): Promise<void> {
  await writeFile(join(evidenceFolder, FILE), `${JSON.stringify(facts, null, 2)}\n`);
}

/** The facts beside a capture of ours; undefined for a capture of somebody else's boot, and for a damaged file. */
export async function readJudgedWith(captureFile: string): Promise<JudgedWith | undefined> {
  try {
    return judgedWithSchema.parse(JSON.parse(await readFile(join(dirname(captureFile), FILE), 'utf8')));
  } catch {
    return undefined;
  }
}
