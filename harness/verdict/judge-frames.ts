import type { ClientResult } from '../../reports/result.ts';
import type { Frame } from '../packet/frame.ts';
import { createJudge } from './judge.ts';
import type { JudgeOptions } from './judge-types.ts';

/** Judges a whole capture: the replay of a file, or any other source of frame batches in capture order. */
export async function judgeFrames(
  batches: Iterable<readonly Frame[]> | AsyncIterable<readonly Frame[]>,
  options: JudgeOptions,
): Promise<ClientResult[]> {
  const judge = createJudge(options);
  for await (const batch of batches) judge.frames(batch);
  return judge.finish();
}
