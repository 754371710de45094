import { describe, expect, it } from 'vitest';
import { hotBackupFindings } from './hot-backup-findings.ts';

const GOOD = { how: 'frozen', clean: true, records: 45, problems: [], before: 40, after: 50 } as const;

describe('what a hot backup must have', () => {
  it('is a moment between what the guest said before and after', () => {
    expect(hotBackupFindings(GOOD)).toEqual([]);
    expect(hotBackupFindings({ ...GOOD, records: 40 })).toEqual([]);
    // Its next word may be of records that it had written before.
    expect(hotBackupFindings({ ...GOOD, records: 59 })).toEqual([]);
    expect(hotBackupFindings({ ...GOOD, records: 39 })).toEqual([
      'it has 39 records, and 40 were on the disk before it began',
    ]);
    expect(hotBackupFindings({ ...GOOD, records: 60 })).toEqual([
      'it has 60 records, and the guest had told of 50 when it was over',
    ]);
  });

  it('is a clean file system where it was frozen, and one that its journal brings back where it was not', () => {
    expect(hotBackupFindings({ ...GOOD, clean: false })).toEqual([
      'its file system is not clean, although it was frozen',
    ]);
    expect(hotBackupFindings({ ...GOOD, how: 'unfrozen', clean: false })).toEqual([]);
  });

  it('is work without a gap', () => {
    expect(hotBackupFindings({ ...GOOD, problems: ['the log ends in the middle of record 46'] })).toEqual([
      'the log ends in the middle of record 46',
    ]);
  });
});
