import type { FrameAccount, Result } from '../../reports/result.ts';
import type { Plan } from '../plan/plan.ts';
import { REPLAY_ID } from '../run/replay/capture-result.ts';
import type { ReplayOptions } from '../run/replay/replay.ts';
import { exitCodeOf } from './exit-codes.ts';
import { frameLines, resultJson, writeAll } from './replay-output.ts';
import { ownProfiles } from './profile-option.ts';
import { UsageError } from './usage-error.ts';

/** The options of `replay`. */
export interface ReplayCommandOptions {
  readonly scenario?: string;
  readonly allowRoot?: readonly string[];
  readonly frames?: boolean;
  readonly json?: boolean;
  readonly client?: string;
  readonly all?: boolean;
  readonly html?: string;
  readonly live?: string;
  readonly for?: string;
  readonly write?: string;
  readonly profile?: readonly string[];
}

/** The scenario to judge by. */
export async function planOf({ scenario, allowRoot }: ReplayCommandOptions): Promise<Plan | undefined> {
  return scenario === undefined ? undefined : planFor(scenario, allowRoot);
}

/** What judging gives, and the accounts of frames if they are asked for. */
export interface Judged {
  readonly result: Result;
  readonly frames: AsyncIterable<FrameAccount[]> | undefined;
}

/** Judges by `judge`, and shows the Result in the way that the options ask for. */
export async function shown(
  plan: Plan | undefined,
  options: ReplayCommandOptions,
  judge: (part: Pick<ReplayOptions, 'client' | 'decodeInto' | 'profiles'>) => Promise<Judged>,
): Promise<number> {
  const profiles = await ownProfiles(options.profile);
  const choice = { address: options.client, all: options.all ?? false };
  let frames: Judged['frames'];
  const judged = async (decodeInto?: string): Promise<Result> => {
    const outcome = await judge({
      ...(choice.address === undefined ? {} : { client: choice.address }),
      ...(decodeInto === undefined ? {} : { decodeInto }),
      ...(profiles === undefined ? {} : { profiles }),
    });
    frames = options.frames ? outcome.frames : undefined;
    return outcome.result;
  };
  const result =
    options.html === undefined
      ? await judged()
      : await (await import('./replay-html.ts')).replayIntoPage(options.html, plan?.id ?? REPLAY_ID, judged);
  if (options.json) {
    await writeAll(resultJson(result, frames));
    return exitCodeOf(result.verdict);
  }
  // Loaded when a person reads: a program that replays many captures need not wait for it.
  const { printReplay } = await import('./replay-text.ts');
  printReplay(result, choice, { stepsSeen: options.live !== undefined });
  if (frames) await writeAll(frameLines(frames, result.scenarios[0]?.capture?.frames ?? 0));
  return exitCodeOf(result.verdict);
}

async function planFor(scenario: string, allowRoots: readonly string[] | undefined) {
  const { loadPlans } = await import('./load-plans.ts');
  const { plans } = await loadPlans([scenario], { judgesCapture: true, allowRoots });
  const [plan, ...others] = plans;
  if (!plan) throw new UsageError(`no scenario in ${scenario}`);
  if (others.length > 0)
    process.stderr.write(`replay: the matrix of ${scenario} has ${others.length + 1} points, judging by ${plan.id}\n`);
  return plan;
}
