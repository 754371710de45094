import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FrameAccount, Result } from '../../reports/result.ts';
import { printable } from '../../reports/text.ts';

// A capture has millions of frames: what is printed of each goes out as it comes, and is never one text in memory.

/** A line a frame: number, time, summary, and what took it; then the count of each kind. */
export async function* frameLines(
  batches: AsyncIterable<readonly FrameAccount[]>,
  frames: number,
): AsyncGenerator<string> {
  const width = String(frames).length;
  const counts: Record<FrameAccount['by'], number> = { step: 0, meter: 0, nothing: 0 };
  for await (const batch of batches) {
    let text = '';
    for (const { frame, atMs, summary, by, what } of batch) {
      counts[by] += 1;
      text += `#${String(frame).padStart(width)} ${atMs.toFixed(3).padStart(11)} ms  ${printable(summary)}  ${by === 'nothing' ? '·' : '←'} ${printable(what)}\n`;
    }
    yield text;
  }
  yield `${frames} frames: ${counts.step} taken by steps, ${counts.meter} by meters, ${counts.nothing} by nothing\n`;
}

/** The Result as JSON, with the accounts of frames in its one scenario when there are any. */
export async function* resultJson(
  result: Result,
  batches: AsyncIterable<readonly FrameAccount[]> | undefined,
): AsyncGenerator<string> {
  if (batches === undefined) {
    yield `${JSON.stringify(result, null, 2)}\n`;
    return;
  }
  const [scenario, ...others] = result.scenarios;
  const place: FrameAccount = { frame: 0, atMs: 0, summary: PLACE, by: 'nothing', what: '' };
  const whole = { ...result, scenarios: [...(scenario ? [{ ...scenario, frames: [place] }] : []), ...others] };
  const [before = '', after = ''] = JSON.stringify(whole, null, 2).split(
    JSON.stringify(place, null, 2).replaceAll('\n', INDENT),
  );
  yield before;
  let separator = '';
  for await (const batch of batches) {
    let text = '';
    for (const account of batch) {
      text += `${separator}${JSON.stringify(account, null, 2).replaceAll('\n', INDENT)}`;
      separator = `,${INDENT}`;
    }
    yield text;
  }
  yield `${after}\n`;
}

/** A summary that no frame has: C0 controls are escaped in JSON, and nothing else of a Result begins with one. */
const PLACE = '\u0000frames\u0000';
/** `result.scenarios[0].frames[…]` is five brackets deep; its entries begin on lines of their own. */
const INDENT = '\n        ';

/**
 * Writes everything to standard output, no faster than it is read. A reader that has seen enough (`| head`) ends it: no
 * failure.
 */
export async function writeAll(texts: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(texts), process.stdout, { end: false });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
