import { readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RUN_FILES } from '../../../reports/file-names.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';

// A run's folder says whose it is from its first moment: a run that was killed leaves no result.json, and must be told
// from a folder of somebody else's, and from a run that is going on.

/** File in the folder of a run that is not over. */
const MARK = '.pxewright-run.json';

const markSchema = z.object({
  pid: z.int().positive(),
  /** Field 22 of /proc/PID/stat: with it a later process of the same number is not taken for this one. */
  startTicks: z.string(),
  /** Kernel and pid namespace that the number is of. */
  bootId: z.string(),
  pidNamespace: z.string(),
});
type Mark = z.infer<typeof markSchema>;

/** A run of another kernel or container cannot be seen; one whose folder changed within this time may be going on. */
const UNSEEN_MS = 24 * 60 * 60 * 1000;

/** Marks a run's folder as this process's, until `removeRunMark`. */
export async function writeRunMark(folder: string): Promise<void> {
  const mark: Mark = { pid: process.pid, startTicks: (await startTicks(process.pid)) ?? '', ...(await whereWeAre()) };
  const file = join(folder, MARK);
  await writeFile(file, `${JSON.stringify(mark)}\n`).catch(unwritten(file));
}

/** The run is over, and its result is its mark. */
export async function removeRunMark(folder: string): Promise<void> {
  await rm(join(folder, MARK), { force: true });
}

/** `over` and `going on` are runs of ours; `unknown` is a folder that nothing shows to be one. */
export async function runState(folder: string, nowMs = Date.now()): Promise<'going on' | 'over' | 'unknown'> {
  const mark = await parsed(join(folder, MARK), markSchema);
  if (mark !== undefined) return (await isGoingOn(mark, folder, nowMs)) ? 'going on' : 'over';
  const result = await parsed(
    join(folder, RUN_FILES.result),
    z.object({ schema: z.number(), scenarios: z.array(z.unknown()) }),
  );
  return result === undefined ? 'unknown' : 'over';
}

async function isGoingOn(mark: Mark, folder: string, nowMs: number): Promise<boolean> {
  const here = await whereWeAre();
  if (mark.bootId === here.bootId && mark.pidNamespace === here.pidNamespace)
    return (await startTicks(mark.pid)) === mark.startTicks;
  const { mtimeMs } = await stat(folder);
  return nowMs - mtimeMs < UNSEEN_MS;
}

async function whereWeAre(): Promise<Pick<Mark, 'bootId' | 'pidNamespace'>> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return { bootId: bootId.trim(), pidNamespace: await readlink('/proc/self/ns/pid') };
}

/** When a process started, in clock ticks since boot; undefined when there is none of that number. */
async function startTicks(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field, a program's name, may hold blanks and parentheses: the third one follows the last parenthesis.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

async function parsed<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
