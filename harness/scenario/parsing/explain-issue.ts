import type * as z from 'zod';
import { describeKey, describeValue } from './describe-value.ts';
import { knownKeys } from './known-keys.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import { nearest, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** Says in the scenario's own words what the schema found. */
export function explainIssues(issues: readonly Issue[], root: unknown, base: ScenarioPath = []): Problem[] {
  // A check on a whole map says nothing new about a map with unknown keys.
  const strange = new Set(
    issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? [JSON.stringify(issue.path)] : [])),
  );
  return issues
    .filter((issue) => issue.code !== 'custom' || !strange.has(JSON.stringify(issue.path)))
    .flatMap((issue) => explainIssue(issue, root, base));
}

function explainIssue(issue: Issue, root: unknown, base: ScenarioPath): Problem[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, knownKeys(path)));
    case 'invalid_key':
      return [wrongKey(path, issue.issues[0])];
    case 'invalid_union': {
      const branch = issue.errors.find(
        (errors) =>
          !errors.some(
            // A form without words of its own is an exception to the names beside it: those are what was meant.
            (error) =>
              error.path.length === 0 &&
              (error.code === 'invalid_type' ||
                error.code === 'invalid_value' ||
                (error.code === 'invalid_format' && error.message.startsWith('Invalid string'))),
          ),
      );
      if (branch && branch.length > 0) return explainIssues(branch, root, path);
      return [words(path, value, issue.errors)];
    }
    case 'invalid_value':
      return [unknownWord(path, value, issue.values.map(String), issue.message)];
    case 'invalid_type':
      return [
        value === undefined
          ? missing(path, expectation(issue))
          : { path, expected: expectation(issue), got: describeValue(value) },
      ];
    default:
      return [{ path, expected: issue.message, got: describeValue(value) }];
  }
  /** No branch of a union took the value's type: a text is compared with the words that some branch knows. */
  function words(path: ScenarioPath, value: unknown, branches: readonly (readonly Issue[])[]): Problem {
    const known = branches.flat().flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
    return typeof value === 'string' && known.length > 0
      ? unknownWord(path, value, known, issue.message)
      : { path, expected: issue.message, got: describeValue(value) };
  }
}

/** A key that nothing knows, with the keys that are known and the one that was likeliest meant. */
function unknownKey(path: ScenarioPath, key: string, known: readonly string[]): Problem {
  const meant = suggest(key, known);
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  return {
    path,
    key,
    expected: `one of ${known.join(', ')}`,
    got: describeKey(key),
    known,
    says: `unknown key ${describeKey(key)} (known: ${listOf(known, key)}${hint})`,
  };
}

/** A key of a free map (a record) that does not have the required form, or is not in a closed set. */
function wrongKey(path: ScenarioPath, issue: Issue | undefined): Problem {
  const key = String(path.at(-1));
  if (issue?.code === 'invalid_value') return unknownKey(path.slice(0, -1), key, issue.values.map(String));
  const expected = issue?.message ?? 'another key';
  return {
    path: path.slice(0, -1),
    key,
    expected,
    got: describeKey(key),
    says: `expected as key ${expected}, got ${describeKey(key)}`,
  };
}

function unknownWord(path: ScenarioPath, value: unknown, known: readonly string[], expected: string): Problem {
  if (value === undefined) return missing(path, expected);
  const meant = typeof value === 'string' ? suggest(value, known) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`;
  const list = known.every((word) => expected.includes(word))
    ? ''
    : ` (known: ${listOf(known, typeof value === 'string' ? value : '')}${hint})`;
  return {
    path,
    expected,
    got: describeValue(value),
    known,
    says: `expected ${expected}, got ${describeValue(value)}${list === '' && hint !== '' ? ` (${hint.slice(2)})` : list}`,
  };
}

/** More known names than this are not listed whole. */
const LONG_LIST = 20;
const NEAREST = 5;

/** Known names in a message; of a long list those of the same family (`tftp.…`), else those most like the wrong one. */
function listOf(known: readonly string[], wrong: string): string {
  if (known.length <= LONG_LIST) return known.join(', ');
  const family = known.filter((name) => name.split('.')[0] === wrong.split('.')[0]);
  if (family.length > 0) return `${family.join(', ')}, and ${known.length - family.length} of other families`;
  return `${nearest(wrong, known, NEAREST).join(', ')}, and ${known.length - NEAREST} more`;
}

function missing(path: ScenarioPath, expected: string): Problem {
  const key = path.at(-1);
  return {
    path: path.slice(0, -1),
    expected,
    got: 'nothing',
    says: `missing key ${describeKey(String(key))} (expected ${expected})`,
  };
}

/** The schema's own words where it has some, else the type's name. */
function expectation(issue: Extract<Issue, { code: 'invalid_type' }>): string {
  if (!issue.message.startsWith('Invalid input')) return issue.message;
  return TYPE_WORDS[issue.expected] ?? issue.expected;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map ({} takes every default)',
  record: 'a map',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/**
 * The value at a path; undefined where the path leaves the data. Own properties only: `__proto__` is a key like any
 * other.
 */
function valueAt(root: unknown, path: ScenarioPath): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
