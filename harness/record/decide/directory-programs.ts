import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { AskedFile } from '../facts/files.ts';

const DIRECTORY_IMAGE = /(^|[\\/])directory\.img$/i;

/** The programs for a domain that a lab's client loads besides its boot image; undefined where it loads none. */
export function directoryPrograms({ files }: CaptureFacts): AskedFile | undefined {
  return files.files.find(({ path }) => DIRECTORY_IMAGE.test(path));
}
