import type { HotBackupsPlan } from '../../plan/plan.ts';
import type { SavedWork } from '../../../vm-images/comparison/work-log.ts';

/** agent/lib/work.sh tells of every tenth record. */
const TOLD_RECORDS = 10;

/** What of the guest's work is in a backup, and between what it must lie. */
export interface TakenWork extends SavedWork {
  readonly how: HotBackupsPlan['take'][number] | 'snapshot';
  /** Records that the guest had said to be on its disk before the backup began. */
  readonly before: number;
  /** The same, as it said next after the moment that was saved. */
  readonly after: number;
}

/** What no backup of that moment can be, each in one sentence. */
export function hotBackupFindings({ how, clean, records, problems, before, after }: TakenWork): string[] {
  return [
    ...problems,
    ...(how !== 'unfrozen' && !clean ? ['its file system is not clean, although it was frozen'] : []),
    ...(records < before ? [`it has ${records} records, and ${before} were on the disk before it began`] : []),
    // The guest tells of the first of ten records when it has written the last one.
    ...(records >= after + TOLD_RECORDS
      ? [`it has ${records} records, and the guest had told of ${after} when it was over`]
      : []),
  ];
}
