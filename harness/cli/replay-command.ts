import { replayCapture, replayWithFrames } from '../run/replay/replay.ts';
import { replayInput, type ReplayInput } from './replay-input.ts';
import { planOf, shown, type ReplayCommandOptions } from './shown-replay.ts';
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
  const input = await replayInput(capture, options.frames === true || options.html !== undefined);
  try {
    return await replayed(input, options);
  } finally {
    await input.remove();
  }
}

async function replayed({ file, name }: ReplayInput, options: ReplayCommandOptions): Promise<number> {
  const plan = await planOf(options);
  return shown(plan, options, async (part) => {
    const replayOptions = { name, ...part };
    if (!options.frames) return { result: await replayCapture(file, plan, replayOptions), frames: undefined };
    return replayWithFrames(file, plan, replayOptions);
  });
}
