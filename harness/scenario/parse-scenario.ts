import { LineCounter, parseAllDocuments, type Document, type YAMLError } from 'yaml';
import { checkContent } from './check-content.ts';
import { describeValue } from './describe-value.ts';
import { placeProblem, positionOf } from './positions.ts';
import { ScenarioError, type PlacedProblem } from './scenario-error.ts';
import type { Scenario } from './scenario.ts';

/** What a text becomes: a scenario, and the way to place later findings in it. */
export interface ParsedScenario {
  readonly scenario: Scenario;
  readonly place: (problem: Parameters<typeof placeProblem>[0]) => PlacedProblem;
}

/** More aliases than a person writes; beyond it a few lines of YAML can unfold into gigabytes. */
const MAX_ALIASES = 100;

/**
 * Reads a scenario from YAML 1.2 text. Pure and total but for `ScenarioError`, which carries every problem:
 * those of YAML itself first (nothing behind them can be trusted), then those of schema and cross checks together.
 */
export function parseScenario(text: string, file: string, folder: string): ParsedScenario {
  const lines = new LineCounter();
  const document = onlyDocument(text, file, lines);
  const broken = [...document.errors, ...document.warnings].map((error) => explainYaml(error, text, lines));
  throwIfAny(file, broken);
  const place = (problem: Parameters<typeof placeProblem>[0]): PlacedProblem => placeProblem(problem, document, lines);
  const value = unfold(document, file);
  if (value === null || value === undefined) throw at(file, lines, document.range[0], { expected: 'a scenario: a map with name, services and clients', got: 'an empty file' });
  const { content, problems } = checkContent(value);
  if (content === undefined) throw new ScenarioError(file, problems.map(place) as [PlacedProblem, ...PlacedProblem[]]);
  const steps = (content.steps ?? []).map((_, index) => {
    const { line, column } = positionOf(['steps', index], document, lines);
    return `${file}:${line}:${column}`;
  });
  return { scenario: { ...content, source: { file, folder, steps } }, place };
}

function onlyDocument(text: string, file: string, lines: LineCounter): Document.Parsed {
  const documents = tooDeep(file, () => parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true }));
  const [first, second] = Array.isArray(documents) ? documents : [];
  if (first === undefined) throw at(file, lines, 0, { expected: 'a scenario: a map with name, services and clients', got: 'an empty file' });
  if (second !== undefined) throw at(file, lines, second.range[0], { expected: 'one YAML document a file', got: `${documents.length} documents` });
  return first as Document.Parsed;
}

function unfold(document: Document.Parsed, file: string): unknown {
  return tooDeep(file, () => {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    } catch (error) {
      // The package throws a ReferenceError for an alias bomb and for an alias inside its own anchor.
      if (!(error instanceof ReferenceError)) throw error;
      throw new ScenarioError(file, [{ path: [], line: 1, column: 1, expected: `at most ${MAX_ALIASES} unfolded aliases, none inside its own anchor`, got: error.message.toLowerCase() }], { cause: error });
    }
  });
}

/** Deep nesting ends the parser's recursion with a RangeError; no real scenario nests more than eight levels. */
function tooDeep<Value>(file: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ScenarioError(file, [{ path: [], line: 1, column: 1, expected: 'maps and lists nested a few levels deep', got: 'nesting too deep to read' }], { cause: error });
  }
}

function explainYaml(error: YAMLError, text: string, lines: LineCounter): PlacedProblem {
  const [start, end] = error.pos;
  const { line, col } = lines.linePos(start);
  const place = { path: [], line: Math.max(line, 1), column: Math.max(col, 1) };
  const source = describeValue(text.slice(start, Math.max(end, start + 1)).split('\n')[0]);
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const key = /^[^:\n]*/.exec(text.slice(start))?.[0].trim() ?? '';
      return { ...place, expected: 'every key once', got: describeValue(key), says: `duplicate key ${describeValue(key)}` };
    }
    case 'BAD_DQ_ESCAPE':
      return { ...place, expected: 'an escape that YAML knows', got: source, says: `not YAML: in double quotes a backslash begins an escape and ${source} is none; put paths with backslashes in single quotes` };
    case 'TAB_AS_INDENT':
      return { ...place, expected: 'spaces', got: 'a tab', says: 'not YAML: indentation is made of spaces, got a tab' };
    default:
      return { ...place, expected: 'YAML', got: source, says: `not YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}` };
  }
}

function at(file: string, lines: LineCounter, offset: number, { expected, got }: { expected: string; got: string }): ScenarioError {
  const { line, col } = lines.linePos(offset);
  return new ScenarioError(file, [{ path: [], line: Math.max(line, 1), column: Math.max(col, 1), expected, got }]);
}

function throwIfAny(file: string, problems: readonly PlacedProblem[]): void {
  const [first, ...rest] = problems;
  if (first) throw new ScenarioError(file, [first, ...rest]);
}
