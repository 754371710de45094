import { DamagedBackupError, restic, type BackupStore } from './restic.ts';
import { readPartition } from './partition-file.ts';
import type { Backup } from './catalogue.ts';
import { readDiskFiles } from './restore/disk-files.ts';

/** Something that is wrong with the store, whichever backups it concerns. */
export interface StoreProblem {
  readonly problem: 'pack-missing' | 'pack-damaged' | 'snapshot-damaged' | 'store-damaged';
  /** Of `pack-…`: name of the pack, which is the SHA-256 of what it should hold. */
  readonly pack?: string;
  /** Below the folder of the store. */
  readonly file?: string;
  readonly message: string;
}

/** What a verification found out about one backup. */
export interface VerifiedBackup {
  readonly backup: Backup;
  /** Empty: all of it could be read, and is what was stored. */
  readonly problems: readonly string[];
}

/** Reads all data of the store, whichever backups it belongs to. Keeps everybody else out of it meanwhile. */
export async function verifyStore(store: BackupStore, signal?: AbortSignal): Promise<StoreProblem[]> {
  const { exitCode, stderr } = await restic(store, ['check', '--read-data', '--json'], { accept: [0, 1], signal });
  return exitCode === 0 ? [] : storeProblems(stderr);
}

interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Whether all data of the store has been read before: its streams are not read once more. */
  readonly isStoreRead?: boolean;
}

/**
 * Reads everything that a backup names: its manifest with table and boot code, without which it is not restored, and the stream of every
 * partition, whose size is compared with the manifest's. restic compares hashes and ciphertexts with what they should be.
 */
export async function verifyBackup(
  store: BackupStore,
  backup: Backup,
  { signal, isStoreRead = false }: VerifyOptions = {},
): Promise<VerifiedBackup> {
  const problems = [...backup.problems];
  const attempt = async (work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      if (!(error instanceof DamagedBackupError)) throw error;
      problems.push(error.message);
      return false;
    }
  };
  const { manifest, manifestSnapshot } = backup;
  if (manifest !== undefined && manifestSnapshot !== undefined) {
    const dumped = restic(store, ['dump', '--no-lock', manifestSnapshot.id, '/'], { signal, forgetOutput: true });
    // Data that can be read need not be what a disk is restored from.
    if (await attempt(dumped)) await attempt(readDiskFiles(store, manifest, signal));
    const present = new Set(isStoreRead ? [] : backup.partitionSnapshots.map(({ id }) => id));
    for (const partition of manifest.partitions)
      if (present.has(partition.snapshot)) await attempt(readPartition(store, manifest, partition, { signal }));
  }
  return { backup, problems };
}

/** What `restic check --json` says of a store that is not whole; its advice and its repetitions are left out. */
export function storeProblems(stderr: string): StoreProblem[] {
  const messages = stderr.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { message_type, message } = JSON.parse(line) as { message_type: string; message?: string };
    return message_type === 'error' && message !== undefined ? [message.trim()] : [];
  });
  const problems = messages.filter((message) => !ADVICE.test(message)).map(storeProblem);
  const unique = [...new Map(problems.map((one) => [one.pack ?? one.message, one])).values()];
  return unique.length > 0
    ? unique
    : [{ problem: 'store-damaged', message: messages[0] ?? stderr.trim().split('\n').at(-1) ?? '' }];
}

const ADVICE =
  /^(The repository |restic repair |Damaged pack files |download error|Load\(|This can be done|For repair |Please )/;

function storeProblem(message: string): StoreProblem {
  const [, pack] = /\b(?:pack|packfile) ([0-9a-f]{64})\b/.exec(message) ?? [];
  if (pack === undefined)
    return {
      problem: /failed to load snapshot/.test(message) ? 'snapshot-damaged' : 'store-damaged',
      message: message.replace(/^error: /, ''),
    };
  const isMissing = /does not exist/.test(message);
  return {
    problem: isMissing ? 'pack-missing' : 'pack-damaged',
    pack,
    file: `data/${pack.slice(0, 2)}/${pack}`,
    message: isMissing ? 'the file is not there' : message.replace(/^pack [0-9a-f]+:? /, ''),
  };
}
