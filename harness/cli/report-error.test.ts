import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { multiplex } from '../../reports/multiplexer.ts';
import { sampleResult } from '../../reports/testing/sample-results.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { unwritten } from '../../reports/unwritten-file.ts';
import { EXIT } from './exit-codes.ts';
import { reportError } from './report-error.ts';

afterEach(() => vi.restoreAllMocks());

it('reports that could not be written are a line each; nothing of standard error is in the error itself', async () => {
  await using folder = await temporaryFolder();
  const files = ['junit.xml', 'report.html'].map((name) => join(folder.path, 'nowhere', name));
  const reporters = multiplex(
    files.map((file) => ({
      name: file,
      reporter: { version: 1, onRunEnd: () => writeFile(file, '').then(() => undefined, unwritten(file)) },
    })),
  );
  const error = await Promise.resolve(reporters.onRunEnd(sampleResult([]), folder.path)).catch(
    (reason: unknown) => reason,
  );
  const says = files.map((file) => `${file} could not be written: no such file or directory (ENOENT)`);
  expect(error).toMatchObject({ message: says.join('\n'), errors: says.map((message) => ({ message })) });
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  expect(reportError(error)).toBe(EXIT.labError);
  expect(written.join('')).toBe(says.map((line) => `pxewright: ${line}\n`).join(''));
});
