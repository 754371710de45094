import { comparablePath, matchesPattern } from '../../protocols/base/judge/path-names.ts';
import type { Matcher } from '../../plan/plan.ts';
import type { Detail } from '../../protocols/base/judge/step.ts';

/**
 * Whether a step's value is what a scenario asks for: numbers and booleans exactly, text in any case and with either
 * slash, or a regular expression.
 */
function fits(actual: string | number | boolean | undefined, matcher: Matcher): boolean {
  if (actual === undefined) return false;
  if (typeof matcher === 'object') return matchesPattern(String(actual), matcher.matches);
  if (typeof matcher === 'string') return comparablePath(String(actual)) === comparablePath(matcher);
  return actual === matcher;
}

/** The keys of `wanted` whose value in `detail` differs. */
export function misfits(detail: Detail, wanted: Readonly<Record<string, Matcher>>): string[] {
  return Object.entries(wanted)
    .filter(([key, matcher]) => !fits(detail[key], matcher))
    .map(([key]) => key);
}

/** A matcher as a message shows it. */
export function showMatcher(matcher: Matcher): string {
  if (typeof matcher === 'object') return `matching /${matcher.matches}/`;
  return showValue(matcher);
}

/** A value as a message shows it: text in quotes, so that an empty one is seen. */
export function showValue(value: string | number | boolean | undefined): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? `“${value}”` : String(value);
}
