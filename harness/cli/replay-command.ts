import { replayCapture, replayWithFrames } from '../run/replay/replay.ts';
import { type ReplayInput, withReplayInput } from './replay-input.ts';
import { type Judged, planOf, shown, type ReplayCommandOptions } from './shown-replay.ts';
import { withProgress } from './shown-progress.ts';
import { UsageError } from './usage-error.ts';

/** `pxewright replay`: the Result on standard output with --json, else steps and summary for a person. */
export async function replayCommand(capture: string | undefined, options: ReplayCommandOptions): Promise<number> {
  if (options.live !== undefined) {
    if (capture !== undefined)
      throw new UsageError(`expected a capture or --live ${options.live}, got both: leave out ${capture}`);
    return (await import('./watch-command.ts')).watchCommand(options.live, options);
  }
  if (options.for !== undefined) throw new UsageError('--for: expected --live beside it: a capture file has an end');
  if (options.write !== undefined)
    throw new UsageError('--write: expected --live beside it: a capture that is replayed is a file already');
  if (capture === undefined)
    throw new UsageError('expected a capture file, - for standard input, or --live INTERFACE, got none of them');
  return withReplayInput(capture, options.frames === true || options.html !== undefined, (input) =>
    replayed(input, options),
  );
}

async function replayed({ file, name }: ReplayInput, options: ReplayCommandOptions): Promise<number> {
  const plan = await planOf(options);
  return shown(plan, options, async (part) => {
    const replayOptions = { name, ...part };
    return withProgress<Judged>(async () => {
      if (options.frames) return replayWithFrames(file, plan, replayOptions);
      return { result: await replayCapture(file, plan, replayOptions), frames: undefined };
    });
  });
}
