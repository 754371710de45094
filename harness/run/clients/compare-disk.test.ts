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

it('does not pass a comparison of nothing', () => {
  expect(differencesText({ ...nothing, filesCompared: 0, ignored: ['/', '/a'] }, wanted)).toBe(
    'nothing on the disk was compared: `ignore` leaves out all of its 2 paths',
  );
});
