import { expect, it } from 'vitest';
import type { AfterPlan } from '../../plan/plan.ts';
import { differencesText, type Compared } from './compare-disk.ts';

const wanted: AfterPlan = { compareDiskWith: { image: 'Images\\Linux\\own.wim' } };
const nothing: Compared = { filesCompared: 52, differences: [], ignored: ['/lost+found'], notCompared: [] };
const missing = (path: string) => ({ path, expected: 'file', actual: 'missing' });

it('says nothing of a disk that is as it should be', () => {
  expect(differencesText(nothing, wanted)).toBeUndefined();
  expect(differencesText({ ...nothing, filesCompared: 0 }, { bootFrom: 'disk' })).toBeUndefined();
});

it('names the first differing paths with what was expected and found, and counts paths, not differences', () => {
  const twice = { path: '/a', expected: 'mode 0755', actual: 'mode 0644' };
  expect(differencesText({ ...nothing, differences: [missing('/a'), twice] }, wanted)).toBe(
    'the disk is not as it should be in 1 of 52 paths: /a: expected file, found missing; /a: expected mode 0755, found mode 0644',
  );
  expect(differencesText({ ...nothing, differences: ['/a', '/b', '/c', '/d', '/e'].map(missing) }, wanted)).toBe(
    'the disk is not as it should be in 5 of 52 paths: /a: expected file, found missing; /b: expected file, found missing; /c: expected file, found missing; and 2 more (result.json has all)',
  );
});

it('names the partitions of a disk that is no copy, and does not pass a copy of a disk without any', () => {
  const partitions = [{ number: 1, fileSystem: 'swap', bytes: 4096, bytesCompared: 4096, filesCompared: 0 }] as const;
  const other = { path: 'partition 1', expected: 'UUID 1', actual: 'UUID 2' };
  const copy: AfterPlan = { restoredFrom: 'pc' };
  expect(differencesText({ ...nothing, filesCompared: 0, partitions }, copy)).toBeUndefined();
  expect(
    differencesText(
      { ...nothing, filesCompared: 7, partitions, differences: [other, missing('partition 2: /a')] },
      copy,
    ),
  ).toBe(
    'the disk differs from that of pc in 2 places: partition 1: expected UUID 1, found UUID 2; partition 2: /a: expected file, found missing',
  );
  expect(differencesText({ ...nothing, filesCompared: 0, partitions: [] }, copy)).toBe(
    'nothing of the disk was compared with that of pc, which has no partition',
  );
});

it('does not pass a comparison of nothing', () => {
  expect(differencesText({ ...nothing, filesCompared: 0, ignored: ['/', '/a'] }, wanted)).toBe(
    'nothing on the disk was compared: `ignore` leaves out all of its 2 paths',
  );
});
