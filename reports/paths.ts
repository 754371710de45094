import type { Reporter } from './reporter.ts';
import { linkLatest } from './run-folders.ts';

/** Says where the files of a run are, for runs that show nothing else of them to people. */
export function createPathsReporter(write: (text: string) => void): Reporter {
  return {
    version: 1,
    onRunEnd: (_result, _folder, written = []) => {
      for (const { what, path } of written) write(`${what.padEnd(7)} ${path}\n`);
    },
  };
}

/** Lets `latest` lead to the run that is over; an interrupted one is over, too. A run without a result is none. */
export function createLatestLinkReporter(): Reporter {
  return {
    version: 1,
    onRunEnd: async (_result, folder, written = []) => {
      if (written.some(({ what }) => what === 'result')) await linkLatest(folder);
    },
  };
}
