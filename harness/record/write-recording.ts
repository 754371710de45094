import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { printable } from '../../reports/text.ts';
import { placeholderHead } from '../scenario/placeholder.ts';
import { UNKNOWN_SIZE, type WrittenFile } from './decide/file-services.ts';
import type { Contents } from './facts/contents.ts';
import type { RecordedScenario } from './scenario-of.ts';

/** A file that was written beside the scenario. */
export interface WrittenContent {
  /** Below the recording's folder. */
  readonly path: string;
  readonly bytes: number;
  readonly isPlaceholder: boolean;
}

/** Larger placeholders are cut: a lab keeps its files in memory. */
const LARGEST_PLACEHOLDER = 1024 ** 3;

/**
 * Writes the files of a recorded scenario into `folder`: contents from the capture where they are wanted and whole,
 * elsewhere placeholders of the right size.
 */
export async function writeFiles(
  folder: string,
  { files, share }: Pick<RecordedScenario, 'files' | 'share'>,
  contents: Contents | undefined,
): Promise<WrittenContent[]> {
  const written: WrittenContent[] = [];
  for (const file of files) {
    const path = `${file.service}/${file.place}`;
    const bytes = file.whole === undefined || !file.fromCapture ? undefined : contents?.of(file.whole);
    const size = bytes?.length ?? file.size?.value ?? UNKNOWN_SIZE;
    if (bytes === undefined) await writePlaceholder(join(folder, path), size, file);
    else await writeContent(join(folder, path), bytes);
    written.push({ path, bytes: size, isPlaceholder: bytes === undefined });
  }
  for (const { place, size, frame } of share) {
    const bytes = Math.min(size, LARGEST_PLACEHOLDER);
    await writePlaceholder(join(folder, 'share', place), bytes, { path: place, frame });
    written.push({ path: `share/${place}`, bytes, isPlaceholder: true });
  }
  return written;
}

/** A root without any file still has to be there, also after a checkout. */
export async function writeRoot(folder: string, capture: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'README.txt'),
    `Files for the scenario that pxewright recorded from ${printable(capture)}.\nThose that begin with "pxewright placeholder" after four bytes have the right size and no content: put the real ones in their place.\n`,
  );
}

async function writeContent(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

async function writePlaceholder(
  file: string,
  size: number,
  { path, frame }: Pick<WrittenFile, 'path' | 'frame'>,
): Promise<void> {
  const head = placeholderHead(`for ${printable(path)}: ${size} bytes, seen in frame ${frame}`).subarray(0, size);
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'w');
  try {
    await handle.write(head);
    // The rest is a hole: it takes no space until somebody reads it.
    await handle.truncate(size);
  } finally {
    await handle.close();
  }
}
