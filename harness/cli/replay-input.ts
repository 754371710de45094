import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { captureName, STANDARD_INPUT } from '../run/open-capture.ts';
import { assertReadable } from './readable-capture.ts';
import { withTemporaryFolder } from './temporary-folder.ts';

/** The capture that a command line names. */
export interface ReplayInput {
  readonly file: string;
  /** What messages call it. */
  readonly name: string;
}

/**
 * Works on the capture that a command line names. With `again` it will be read more than once: standard input and other
 * pipes are then kept in a temporary file until the work is done. Throws UsageError for what cannot be read.
 */
export async function withReplayInput<T>(
  capture: string,
  again: boolean,
  work: (input: ReplayInput) => Promise<T>,
): Promise<T> {
  const isPipe = capture === STANDARD_INPUT || !assertReadable(capture).isFile();
  const name = captureName(capture);
  if (!isPipe || !again) return work({ file: capture, name });
  return withTemporaryFolder('pxewright-capture-', async (folder) => {
    const file = join(folder, 'capture');
    await pipeline(capture === STANDARD_INPUT ? process.stdin : createReadStream(capture), createWriteStream(file));
    return work({ file, name });
  });
}
