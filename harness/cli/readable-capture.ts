import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** Checks that a capture is a file or a pipe that can be read, before anything else is said of it; gives its facts. */
export function assertReadable(file: string): Stats {
  let stats: Stats;
  try {
    // Not by opening it: the writer of a pipe would see its reader go.
    accessSync(file, constants.R_OK);
    stats = statSync(file);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (stats.isDirectory())
    throw new UsageError(`${file}: expected a capture file (pcap or pcapng), got a folder: name a file in it`);
  return stats;
}
