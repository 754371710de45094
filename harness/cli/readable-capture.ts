import { closeSync, fstatSync, openSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** Checks that a capture is a file that can be read, before anything else is said of it. */
export function assertReadable(file: string): void {
  let isFolder: boolean;
  try {
    const fd = openSync(file, 'r');
    isFolder = fstatSync(fd).isDirectory();
    closeSync(fd);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isFolder)
    throw new UsageError(`${file}: expected a capture file (pcap or pcapng), got a folder: name a file in it`);
}
