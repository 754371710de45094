import type { FrameAccount, Result } from '../../reports/result.ts';
import { printable } from '../../reports/text.ts';
import { STANDARD_INPUT } from '../run/open-capture.ts';
import { REPLAY_ID, replayCapture } from '../run/replay/replay.ts';
import { exitCodeOf } from './exit-codes.ts';
import { assertReadable } from './readable-capture.ts';
import { UsageError } from './usage-error.ts';

export interface ReplayCommandOptions {
  readonly scenario?: string;
  readonly allowRoot?: readonly string[];
  readonly frames?: boolean;
  readonly json?: boolean;
  readonly client?: string;
  readonly all?: boolean;
  readonly html?: string;
}

/** `pxewright replay`: the Result on standard output with --json, else steps and summary for a person. */
export async function replayCommand(capture: string, options: ReplayCommandOptions): Promise<number> {
  if (capture !== STANDARD_INPUT) assertReadable(capture);
  const plan = options.scenario === undefined ? undefined : await planFor(options.scenario, options.allowRoot);
  const choice = { mac: options.client?.toLowerCase().replaceAll('-', ':'), all: options.all ?? false };
  const replay = (decodeInto?: string): Promise<Result> =>
    replayCapture(capture, plan, {
      frames: options.frames ?? false,
      ...(choice.mac === undefined ? {} : { client: choice.mac }),
      ...(decodeInto === undefined ? {} : { decodeInto }),
    });
  const result =
    options.html === undefined
      ? await replay()
      : await (await import('./replay-html.ts')).replayIntoPage(options.html, plan?.id ?? REPLAY_ID, replay);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return exitCodeOf(result.verdict);
  }
  // Loaded when a person reads: a program that replays many captures need not wait for it.
  const { printReplay } = await import('./replay-text.ts');
  printReplay(result, choice);
  for (const { frames } of result.scenarios) if (frames) writeFrames(frames);
  return exitCodeOf(result.verdict);
}

/** A line a frame: number, time, summary, and what took it; then the count of each kind. */
function writeFrames(frames: readonly FrameAccount[]): void {
  const width = String(frames.at(-1)?.frame ?? 0).length;
  for (const { frame, atMs, summary, by, what } of frames)
    process.stdout.write(
      `#${String(frame).padStart(width)} ${atMs.toFixed(3).padStart(11)} ms  ${printable(summary)}  ${by === 'nothing' ? '·' : '←'} ${printable(what)}\n`,
    );
  const count = (by: FrameAccount['by']): number => frames.filter((one) => one.by === by).length;
  process.stdout.write(
    `${frames.length} frames: ${count('step')} taken by steps, ${count('meter')} by meters, ${count('nothing')} by nothing\n`,
  );
}

async function planFor(scenario: string, allowRoots: readonly string[] | undefined) {
  const { loadPlans } = await import('./load-plans.ts');
  const [plan, ...others] = await loadPlans([scenario], { judgesCapture: true, allowRoots });
  if (!plan) throw new UsageError(`no scenario in ${scenario}`);
  if (others.length > 0)
    process.stderr.write(`replay: the matrix of ${scenario} has ${others.length + 1} points, judging by ${plan.id}\n`);
  return plan;
}
