import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { captureName, STANDARD_INPUT } from '../run/open-capture.ts';
import { assertReadable } from './readable-capture.ts';

/** The capture that a command line names. */
export interface ReplayInput {
  readonly file: string;
  /** What messages call it. */
  readonly name: string;
  /** Removes what was kept of it. */
  remove(): Promise<void>;
}

/**
 * Looks at the capture that a command line names. With `again` it will be read more than once: standard input and other
 * pipes are then kept in a temporary file. Throws UsageError for what cannot be read.
 */
export async function replayInput(capture: string, again: boolean): Promise<ReplayInput> {
  const isPipe = capture === STANDARD_INPUT || !assertReadable(capture).isFile();
  const name = captureName(capture);
  if (!isPipe || !again) return { file: capture, name, remove: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-capture-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'capture');
    await pipeline(capture === STANDARD_INPUT ? process.stdin : createReadStream(capture), createWriteStream(file));
    return { file, name, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
