import type { CauseWords } from '../protocols/base/judge/vocabulary.ts';
import { CAUSES } from '../protocols/words.ts';

/** The sentence for a cause, with the code that firmware prints; undefined for no cause, or one that has no sentence. */
export function whyOf(cause: string | undefined): string | undefined {
  const words: CauseWords | undefined = cause !== undefined && isCause(cause) ? CAUSES[cause] : undefined;
  if (!words) return undefined;
  return words.code === undefined ? words.why : `${words.why} (the firmware prints ${words.code})`;
}

function isCause(cause: string): cause is keyof typeof CAUSES {
  return Object.hasOwn(CAUSES, cause);
}
