import { execa } from 'execa';
import { createHash } from 'node:crypto';

// What agent/lib/work.sh writes: a log of records, each written out before its number goes to the index.

const LOG = '/var/lib/work/log';
const INDEX = '/var/lib/work/index';

/** What of the guest's work is on a disk. */
export interface SavedWork {
  /** Whether the file system was cleanly unmounted, or looks as if: nothing is left for its journal to do. */
  readonly clean: boolean;
  /** Records of the log that are whole, which are the first ones and none is missing between. */
  readonly records: number;
  /** Each thing that no moment of the guest's work can have left, in one sentence. */
  readonly problems: readonly string[];
}

/**
 * Reads the work in an ext4 file system in a file of its own, without mounting it. One whose journal has something left is first brought
 * back by e2fsck, as a start of its computer would do, which changes the file.
 */
export async function readWork(file: string): Promise<SavedWork & { readonly log: string }> {
  const clean = await isClean(file);
  const problems: string[] = [];
  if (!clean) {
    // 1: it corrected something, which the journal is for.
    const { exitCode, stdout } = await execa('e2fsck', ['-fp', file], { reject: false });
    if (exitCode !== 0 && exitCode !== 1)
      problems.push(`e2fsck cannot bring the file system back by itself: ${stdout.trim().split('\n').at(-1) ?? ''}`);
  }
  const [log, index] = await Promise.all([contentOf(file, LOG), contentOf(file, INDEX)]);
  const work = workIn(log, index, { held: clean });
  return { clean, records: work.records, problems: [...problems, ...work.problems], log };
}

/** `held`: the guest was held still between two system calls, so that no record is half-written. */
export function workIn(
  log: string,
  index: string,
  { held }: { readonly held: boolean },
): Pick<SavedWork, 'records' | 'problems'> {
  const lines = log.split('\n');
  const cut = lines.pop() ?? '';
  const wrong = lines.findIndex((line, at) => !isRecord(line, at + 1));
  const records = wrong < 0 ? lines.length : wrong;
  const numbers = index.split('\n').slice(0, -1);
  const unordered = numbers.findIndex((number, at) => number !== String(at + 1));
  return {
    records,
    problems: [
      ...(wrong < 0 ? [] : [`the log's line ${wrong + 1} is no record ${wrong + 1} with its checksum`]),
      ...(cut === '' || !held ? [] : [`the log ends in the middle of record ${records + 1}`]),
      ...(unordered < 0 ? [] : [`the index's line ${unordered + 1} does not say ${unordered + 1}`]),
      ...(numbers.length > records
        ? [`the index says ${numbers.length} records, and the log has ${records}`]
        : // The record whose number was about to be written.
          records - numbers.length > 1
          ? [`the log has ${records} records, and the index says ${numbers.length}`]
          : []),
    ],
  };
}

function isRecord(line: string, number: number): boolean {
  const { sum = '', text = '' } = /^(?<sum>[0-9a-f]{32}) (?<text>.*)$/.exec(line)?.groups ?? {};
  return text.startsWith(`${number} `) && createHash('md5').update(text).digest('hex') === sum;
}

async function isClean(file: string): Promise<boolean> {
  const { stdout } = await execa('dumpe2fs', ['-h', file], { reject: false });
  if (/^Filesystem features:.* needs_recovery( |$)/m.test(stdout) || !/^Filesystem state: +clean$/m.test(stdout))
    return false;
  return (await execa('e2fsck', ['-fn', file], { reject: false })).exitCode === 0;
}

/** The log in an ext4 file system: in a file, or in `FILE?offset=BYTES`. */
export function workLog(device: string): Promise<string> {
  return contentOf(device, LOG);
}

async function contentOf(file: string, path: string): Promise<string> {
  return (await execa('debugfs', ['-R', `cat ${path}`, file], { stripFinalNewline: false, maxBuffer: 1e9 })).stdout;
}
