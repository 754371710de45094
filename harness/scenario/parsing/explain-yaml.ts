import { visit, type Document, type LineCounter, type YAMLError } from 'yaml';
import { describeValue } from './describe-value.ts';
import type { PlacedProblem } from '../scenario-error.ts';

/** Says what keeps a text from being YAML, each place once: what follows an error at the same place is its echo. */
export function explainYaml(document: Document, text: string, lines: LineCounter): PlacedProblem[] {
  const problems = [...document.errors, ...document.warnings].map((error) => explain(error, text, lines));
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      problems.push({
        ...place(alias.range?.[0] ?? 0, lines),
        expected: 'an alias of an anchor above it',
        got: `"*${alias.source}"`,
        says: `alias "*${alias.source}" has no anchor "&${alias.source}" above it`,
      });
    },
  });
  return problems.filter(
    (problem, index) =>
      problems.findIndex((other) => other.line === problem.line && other.column === problem.column) === index,
  );
}

/** Whether the parser's recursion ended on the way: the package reports the RangeError as an error of the text. */
export function isTooDeep(document: Document): boolean {
  return document.errors.some((error) => error.message.startsWith('Maximum call stack'));
}

function explain(error: YAMLError, text: string, lines: LineCounter): PlacedProblem {
  const [start, end] = error.pos;
  const at = place(start, lines);
  const source = describeValue(text.slice(start, Math.max(end, start + 1)).split('\n')[0]);
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = describeValue(/^[^:\n]*/.exec(text.slice(start))?.[0].trim());
      return { ...at, expected: 'every key once', got: key, says: `duplicate key ${key}` };
    }
    case 'BAD_DQ_ESCAPE':
      return {
        ...at,
        expected: 'an escape that YAML knows',
        got: source,
        says: 'not YAML: in double quotes a backslash begins an escape, and YAML has no such escape; write paths with backslashes in single quotes',
      };
    case 'TAB_AS_INDENT':
      return { ...at, expected: 'spaces', got: 'a tab', says: 'not YAML: indentation is made of spaces, got a tab' };
    default:
      return {
        ...at,
        expected: 'YAML',
        got: source,
        says: `not YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
      };
  }
}

function place(
  offset: number,
  lines: LineCounter,
): Pick<PlacedProblem, 'path' | 'line' | 'column'> & { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { path: [], line: Math.max(line, 1), column: Math.max(col, 1) };
}
