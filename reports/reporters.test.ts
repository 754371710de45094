import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReporters } from './reporters.ts';
import { findReport, opener, ReportNotFoundError, showReport } from './show.ts';
import { mixedResult } from './testing/sample-results.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'pxewright-reporters-')); });
afterAll(() => rm(folder, { recursive: true }));

test('the chosen reporters write their files beside result.json', async () => {
  await createReporters(['junit', 'html']).onRunEnd(mixedResult(), folder);
  expect((await readdir(folder)).sort()).toEqual(['junit.xml', 'report.html', 'result.json']);
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('Content-Security-Policy');
});

test('a report is found by its folder or its file; a wrong path says what was expected', async () => {
  expect(await findReport(folder)).toBe(join(folder, 'report.html'));
  expect(await showReport(join(folder, 'report.html'))).toBe(join(folder, 'report.html'));
  await writeFile(join(folder, 'empty'), '');
  await expect(findReport(join(folder, 'gone'))).rejects.toThrow(ReportNotFoundError);
  await expect(findReport(join(folder, 'gone'))).rejects.toThrow(`no report at ${join(folder, 'gone')}: expected a run's folder or its report.html`);
});

test('a browser opens only where a person sits', () => {
  expect(opener('linux', { DISPLAY: ':0' }, true)).toBe('xdg-open');
  expect(opener('darwin', {}, true)).toBe('open');
  expect(opener('linux', {}, true)).toBeUndefined();
  expect(opener('linux', { DISPLAY: ':0', CI: 'true' }, true)).toBeUndefined();
  expect(opener('linux', { DISPLAY: ':0' }, false)).toBeUndefined();
});
