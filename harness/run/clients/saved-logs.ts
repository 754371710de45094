import { join } from 'node:path';
import type { BackupManifest, BackupPartition } from '../../../servers/images/backup-store/manifest.ts';
import { workLog } from '../../../vm-images/comparison/work-log.ts';
import { rawDisk, type DiskFile } from './disks.ts';

/** The log in a backup, and where its file system is on the disk. */
export interface SavedLog {
  readonly id: string;
  readonly log: string;
  readonly offset: number;
}

/** The partition that has the guest's work: the first one with ext4, which is the system's. */
export function partitionWithWork({ partitions }: BackupManifest): BackupPartition | undefined {
  return partitions.find(({ fileSystem }) => fileSystem === 'ext4');
}

/** Logs of backups that are not the beginning of the log on the disk that the guest left, each in one sentence. */
export async function notBeginnings(logs: readonly SavedLog[], disk: DiskFile, folder: string): Promise<string[]> {
  const [first] = logs;
  if (first === undefined) return [];
  const raw = await rawDisk(disk, join(folder, 'end.raw'));
  const end = await workLog(`${raw}?offset=${first.offset}`);
  return logs.flatMap(({ id, log }) =>
    end.startsWith(log) ? [] : [`backup ${id}: its log is not the beginning of the log that the guest left`],
  );
}
