import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeHtmlReport } from './html/html.ts';
import { findReport, opener, ReportNotFoundError, showReport } from './show.ts';
import { mixedResult } from './testing/sample-results.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-show-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a report is found by its folder or its file; a wrong path says what was expected', async () => {
  await writeHtmlReport(mixedResult(), folder);
  expect(await findReport(folder)).toBe(join(folder, 'report.html'));
  expect(await showReport(join(folder, 'report.html'))).toBe(join(folder, 'report.html'));
  await writeFile(join(folder, 'empty'), '');
  await expect(findReport(join(folder, 'gone'))).rejects.toThrow(ReportNotFoundError);
  await expect(findReport(join(folder, 'gone'))).rejects.toThrow(
    `no report at ${join(folder, 'gone')}: expected a run's folder or its report.html`,
  );
});

test('a browser opens only where a person sits', () => {
  expect(opener('linux', { DISPLAY: ':0' }, true)).toBe('xdg-open');
  expect(opener('darwin', {}, true)).toBe('open');
  expect(opener('linux', {}, true)).toBeUndefined();
  expect(opener('linux', { DISPLAY: ':0', CI: 'true' }, true)).toBeUndefined();
  expect(opener('linux', { DISPLAY: ':0' }, false)).toBeUndefined();
});
