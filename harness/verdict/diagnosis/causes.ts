import type { CauseWords } from '../../protocols/base/judge/vocabulary.ts';
import { CAUSES } from '../../protocols/words.ts';

/**
 * The sentence for a cause, with the code that firmware prints; undefined for no cause, or one that has no sentence.
 * `isPlayed`: a program plays the client, so that there is no console to look at.
 */
export function whyOf(cause: string | undefined, isPlayed = false): string | undefined {
  const words: CauseWords | undefined = cause !== undefined && isCause(cause) ? CAUSES[cause] : undefined;
  if (!words) return undefined;
  const { why, code, ownWords } = words;
  const look = ownWords ? `: see what ${isPlayed ? 'its log' : 'its console'} says` : '';
  return `${why}${look}${code === undefined ? '' : ` (the firmware prints ${code})`}`;
}

function isCause(cause: string): cause is keyof typeof CAUSES {
  return Object.hasOwn(CAUSES, cause);
}
