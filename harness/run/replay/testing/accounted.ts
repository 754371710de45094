import type { FrameAccount, Result } from '../../../../reports/result.ts';
import type { Plan } from '../../../plan/plan.ts';
import { replayWithFrames } from '../replay.ts';

/** A replay with the accounts of all frames of its capture, as `replay --json --frames` gives it. */
export async function accounted(file: string, plan?: Plan): Promise<Result> {
  const { result, frames } = await replayWithFrames(file, plan);
  const accounts: FrameAccount[] = [];
  for await (const batch of frames) accounts.push(...batch);
  return { ...result, scenarios: result.scenarios.map((scenario) => ({ ...scenario, frames: accounts })) };
}
