import { LineCounter, parseAllDocuments, type Document } from 'yaml';
import { checkContent } from '../checks/content.ts';
import { explainYaml, isTooDeep } from './explain-yaml.ts';
import { placeProblem, positionOf } from './positions.ts';
import { ScenarioError, throwIfAny, type PlacedProblem, type Problem, type ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';

/** What a text becomes: a scenario, what is wrong with it, and the way to place later findings in it. */
export interface ParsedScenario {
  readonly scenario: Scenario;
  /** Keys that contradict each other, names that name nothing: the schema has taken all values. */
  readonly problems: readonly Problem[];
  readonly place: (problem: Parameters<typeof placeProblem>[0]) => PlacedProblem;
}

/** More aliases than a person writes; beyond it a few lines of YAML can unfold into gigabytes. */
const MAX_ALIASES = 100;

/**
 * Reads a scenario from YAML 1.2 text. Pure and total but for `ScenarioError`, which carries every problem: those of
 * YAML itself (nothing after them can be trusted), or those that the schema finds.
 */
export function readScenario(text: string, file: string, folder: string): ParsedScenario {
  const lines = new LineCounter();
  const document = onlyDocument(text, file, lines);
  if (isTooDeep(document)) throw tooDeepError(file);
  throwIfAny(file, explainYaml(document, text, lines));
  const place = (problem: Parameters<typeof placeProblem>[0]): PlacedProblem => placeProblem(problem, document, lines);
  const value = unfold(document, file);
  if (value === null || value === undefined)
    throw at(file, lines, document.range[0], {
      expected: 'a scenario: a map with name, services and clients',
      got: 'an empty file',
    });
  const { content, problems } = checkContent(value);
  if (content === undefined) {
    const [first, ...rest] = problems;
    throw new ScenarioError(file, [place(first), ...rest.map(place)]);
  }
  const placesIn = (path: ScenarioPath, steps: readonly unknown[] = []): readonly string[] =>
    steps.map((_, index) => {
      const { line, column } = positionOf([...path, index], document, lines);
      return `${file}:${line}:${column}`;
    });
  const clientSteps = content.clients.map((client, index) => placesIn(['clients', index, 'steps'], client.steps));
  return {
    scenario: { ...content, source: { file, folder, steps: placesIn(['steps'], content.steps), clientSteps } },
    problems,
    place,
  };
}

function onlyDocument(text: string, file: string, lines: LineCounter): Document.Parsed {
  const documents = tooDeep(file, () =>
    parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'error' }),
  );
  const [first, second] = Array.isArray(documents) ? documents : [];
  if (first === undefined)
    throw at(file, lines, 0, { expected: 'a scenario: a map with name, services and clients', got: 'an empty file' });
  if (second !== undefined)
    throw at(file, lines, second.range[0], {
      expected: 'one YAML document a file',
      got: `${documents.length} documents`,
    });
  return first;
}

function unfold(document: Document.Parsed, file: string): unknown {
  return tooDeep(file, () => {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    } catch (error) {
      // The package's only ReferenceError here: explainYaml() has found every alias without an anchor before.
      if (!(error instanceof ReferenceError)) throw error;
      throw new ScenarioError(
        file,
        [
          {
            path: [],
            line: 1,
            column: 1,
            expected: `at most ${MAX_ALIASES} values unfolded from aliases`,
            got: 'more (a few lines of YAML can unfold into gigabytes)',
          },
        ],
        { cause: error },
      );
    }
  });
}

/** Deep nesting ends the parser's recursion with a RangeError; no real scenario nests more than eight levels. */
function tooDeep<Value>(file: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw tooDeepError(file, error);
  }
}

function tooDeepError(file: string, cause?: unknown): ScenarioError {
  return new ScenarioError(
    file,
    [
      {
        path: [],
        line: 1,
        column: 1,
        expected: 'maps and lists nested a few levels deep',
        got: 'nesting too deep to read',
      },
    ],
    { cause },
  );
}

function at(
  file: string,
  lines: LineCounter,
  offset: number,
  { expected, got }: { expected: string; got: string },
): ScenarioError {
  const { line, col } = lines.linePos(offset);
  return new ScenarioError(file, [{ path: [], line: Math.max(line, 1), column: Math.max(col, 1), expected, got }]);
}
