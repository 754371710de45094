import { open, stat } from 'node:fs/promises';
import { comparisonLines } from '../../reports/compare-text.ts';
import { compareResults } from '../../reports/compare.ts';
import { readResult } from '../../reports/json.ts';
import type { Result } from '../../reports/result.ts';
import { comparedBoots } from '../record/compare/boots-of.ts';
import { compareBoots, isEqual } from '../record/compare/compare-boots.ts';
import { comparisonText } from '../record/compare/comparison-text.ts';
import { sequenceOf, type Entry } from '../record/compare/sequence.ts';
import { replayCapture } from '../run/replay/replay.ts';
import { EXIT } from './exit-codes.ts';
import { withProgress } from './shown-progress.ts';
import { UsageError } from './usage-error.ts';

export interface CompareCommandOptions {
  readonly client?: string;
  readonly scenario?: string;
  readonly json?: boolean;
}

/** `pxewright compare`: exit 1 when a figure is worse for certain, or when two boots part. */
export async function compareCommand(base: string, next: string, options: CompareCommandOptions): Promise<number> {
  const [isBaseCapture, isNextCapture] = await Promise.all([isCapture(base), isCapture(next)]);
  if (!isBaseCapture && !isNextCapture) {
    const given = options.client === undefined ? options.scenario && '--scenario' : '--client';
    if (given !== undefined)
      throw new UsageError(`${given}: expected a capture to compare, got two results: all that both have is compared`);
    return compareRuns(base, next, options);
  }
  const [before, after] = await withProgress(() =>
    Promise.all([
      isBaseCapture ? replayCapture(base) : readResult(base),
      isNextCapture ? replayCapture(next) : readResult(next),
    ]),
  );
  return compareSteps({ base: before, next: after }, { base, next }, options);
}

/** A capture is a file that does not begin as JSON does; what cannot be read at all, the reader of results refuses. */
async function isCapture(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry?.isFile()) return false;
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return bytesRead === 1 && !/^[\s{[]$/.test(buffer.toString('latin1'));
  } finally {
    await file.close();
  }
}

async function compareRuns(base: string, next: string, { json }: CompareCommandOptions): Promise<number> {
  const [before, after] = await Promise.all([readResult(base), readResult(next)]);
  const comparison = compareResults(before, after);
  process.stdout.write(
    json ? `${JSON.stringify(comparison, null, 2)}\n` : `${comparisonLines(comparison).join('\n')}\n`,
  );
  return comparison.regressed ? EXIT.failed : EXIT.passed;
}

function compareSteps(
  results: { readonly base: Result; readonly next: Result },
  names: { readonly base: string; readonly next: string },
  options: CompareCommandOptions,
): number {
  const boots = comparedBoots(results.base, results.next, names, options);
  const comparison = compareBoots(sequenceOf(boots.base.client), sequenceOf(boots.next.client));
  const plain = (entry: Entry | undefined): unknown =>
    entry && {
      failed: entry.failed,
      detail: Object.fromEntries([...entry.details, ...entry.addresses]),
      frames: entry.frames,
    };
  const steps = comparison.steps.map((one) => ({
    step: one.step,
    same: isEqual(one),
    ...(one.base ? { base: plain(one.base) } : {}),
    ...(one.next ? { next: plain(one.next) } : {}),
    ...(one.differs.length > 0 ? { differs: one.differs } : {}),
    ...(one.beyond ? { beyond: true } : {}),
  }));
  const { same, moved, sharpened, unread } = comparison;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ same, moved, sharpened, unread, steps }, null, 2)}\n`
      : `${comparisonText(comparison, names).join('\n')}\n`,
  );
  return comparison.same ? EXIT.passed : EXIT.failed;
}
