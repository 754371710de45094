import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { evidenceName } from '../../reports/file-names.ts';
import { htmlPage, pageData } from '../../reports/html/html.ts';
import type { Result } from '../../reports/result.ts';
import { captureName, STANDARD_INPUT } from '../run/open-capture.ts';
import { writeAtomically } from '../../reports/run-folder.ts';
import { withTemporaryFolder } from './temporary-folder.ts';

/**
 * Replays, and writes the page that a run writes as `report.html`. `id`: of the scenario that the capture is judged by.
 * `replay` is given the folder for the decoded frames. Throws UnwrittenFileError.
 */
export async function replayIntoPage(
  page: string,
  id: string,
  replay: (decodeInto: string) => Promise<Result>,
): Promise<Result> {
  return withTemporaryFolder('pxewright-replay-', async (folder) => {
    const decodeInto = join(folder, evidenceName({ id, attempt: 1 }));
    await mkdir(decodeInto);
    const result = await replay(decodeInto);
    await writeAtomically(page, await htmlPage(await pageData(withWholePaths(result), folder)));
    return result;
  });
}

/** The page may lie anywhere: it names the capture by its whole path. */
function withWholePaths(result: Result): Result {
  const scenarios = result.scenarios.map(({ capture, ...scenario }) =>
    capture === undefined || capture.file === captureName(STANDARD_INPUT)
      ? scenario
      : { ...scenario, capture: { ...capture, file: resolve(capture.file) } },
  );
  return { ...result, scenarios };
}
