import type { BootRoot } from '../../service/boot-root.ts';
import { WdsError, WIN32 } from './wds-request.ts';

// Answer files are a few kilobytes; one that is larger is something else.
const LARGEST_ANSWER_FILE = 1024 * 1024;

/** A text file below the root, by a name as Windows writes it. Throws WdsError when it is not there or too large. */
export async function readBelow(root: BootRoot | undefined, name: string): Promise<Uint8Array> {
  if (!root) throw new WdsError(WIN32.notFound, `${name}: the service has no root folder`);
  const found = await root.open(name);
  if ('refused' in found) throw new WdsError(WIN32.notFound, `${name}: ${found.reason}`);
  await using handle = found.handle;
  const { size } = await handle.stat();
  if (size > LARGEST_ANSWER_FILE)
    throw new WdsError(
      WIN32.invalidData,
      `${name} has ${size} bytes, more than the ${LARGEST_ANSWER_FILE} that an answer file may have`,
    );
  return await handle.readFile();
}
