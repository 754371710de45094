import type { FrameAccount, Result } from '../../reports/result.ts';
import { REPLAY_ID, replayCapture, replayWithFrames } from '../run/replay/replay.ts';
import { exitCodeOf } from './exit-codes.ts';
import { replayInput, type ReplayInput } from './replay-input.ts';
import { frameLines, resultJson, writeAll } from './replay-output.ts';
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
  const input = await replayInput(capture, options.frames === true || options.html !== undefined);
  try {
    return await replayed(input, options);
  } finally {
    await input.remove();
  }
}

async function replayed({ file, name }: ReplayInput, options: ReplayCommandOptions): Promise<number> {
  const plan = options.scenario === undefined ? undefined : await planFor(options.scenario, options.allowRoot);
  const choice = { address: options.client?.toLowerCase().replaceAll('-', ':'), all: options.all ?? false };
  let frames: AsyncIterable<FrameAccount[]> | undefined;
  const replay = async (decodeInto?: string): Promise<Result> => {
    const replayOptions = {
      name,
      ...(choice.address === undefined ? {} : { client: choice.address }),
      ...(decodeInto === undefined ? {} : { decodeInto }),
    };
    if (!options.frames) return replayCapture(file, plan, replayOptions);
    const withFrames = await replayWithFrames(file, plan, replayOptions);
    frames = withFrames.frames;
    return withFrames.result;
  };
  const result =
    options.html === undefined
      ? await replay()
      : await (await import('./replay-html.ts')).replayIntoPage(options.html, plan?.id ?? REPLAY_ID, replay);
  if (options.json) {
    await writeAll(resultJson(result, frames));
    return exitCodeOf(result.verdict);
  }
  // Loaded when a person reads: a program that replays many captures need not wait for it.
  const { printReplay } = await import('./replay-text.ts');
  printReplay(result, choice);
  if (frames) await writeAll(frameLines(frames, framesOf(result)));
  return exitCodeOf(result.verdict);
}

const framesOf = ({ scenarios }: Result): number => scenarios[0]?.capture?.frames ?? 0;

async function planFor(scenario: string, allowRoots: readonly string[] | undefined) {
  const { loadPlans } = await import('./load-plans.ts');
  const [plan, ...others] = await loadPlans([scenario], { judgesCapture: true, allowRoots });
  if (!plan) throw new UsageError(`no scenario in ${scenario}`);
  if (others.length > 0)
    process.stderr.write(`replay: the matrix of ${scenario} has ${others.length + 1} points, judging by ${plan.id}\n`);
  return plan;
}
