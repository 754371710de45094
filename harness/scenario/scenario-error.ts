/** Keys and indexes from the top of a scenario to a value. */
export type ScenarioPath = readonly (string | number)[];

/** One thing that is wrong with a scenario, before anybody knows at which line. */
export interface Problem {
  readonly path: ScenarioPath;
  /** A key in the map at `path` that is itself at fault: the place is the key's and not the value's. */
  readonly key?: string | undefined;
  /** What should stand there, in words. */
  readonly expected: string;
  /** What stands there, in words. */
  readonly got: string;
  /** Names that would have been understood. */
  readonly known?: readonly string[];
  /** The whole statement, when `expected …, got …` would not read well. */
  readonly says?: string;
}

/** A problem with its place: line and column count from 1 and are absent in a scenario written in TypeScript. */
export interface PlacedProblem extends Problem {
  readonly line?: number;
  readonly column?: number;
}

/**
 * A scenario that cannot be used. It carries every problem of the file; its own fields are those of the first one,
 * and its message has one line for each: `install-bios.yaml:14:5: services.pxe: unknown key "port67" (known: …)`.
 */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly file: string;
  readonly problems: readonly PlacedProblem[];
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly known: readonly string[] | undefined;

  constructor(file: string, problems: readonly [PlacedProblem, ...PlacedProblem[]], options?: ErrorOptions) {
    const sorted = problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)) as [
      PlacedProblem,
      ...PlacedProblem[],
    ];
    super(sorted.map((problem) => formatProblem(file, problem)).join('\n'), options);
    const [first] = sorted;
    this.file = file;
    this.problems = sorted;
    this.line = first.line;
    this.column = first.column;
    this.path = formatPath(first.path);
    this.expected = first.expected;
    this.got = first.got;
    this.known = first.known;
  }
}

/** Refuses a file with everything that is wrong with it, if anything is. */
export function throwIfAny(file: string, problems: readonly PlacedProblem[]): void {
  const [first, ...rest] = problems;
  if (first) throw new ScenarioError(file, [first, ...rest]);
}

/** `services.pxe.port-67`, `clients[0].nic`; a key that is no plain word is quoted. */
export function formatPath(path: ScenarioPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const plain = /^[A-Za-z0-9][\w.-]*$/.test(part) ? part : undefined;
      if (plain === undefined) return `[${JSON.stringify(part)}]`;
      return index === 0 ? plain : `.${plain}`;
    })
    .join('');
}

/** A problem as a line of a terminal: file, line and column, path, and what is wrong. */
export function formatProblem(file: string, problem: PlacedProblem): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}:${problem.column ?? 1}`;
  const path = formatPath(problem.path);
  return `${place}: ${path === '' ? '' : `${path}: `}${sayProblem(problem)}`;
}

/** A problem in one sentence, without its place. */
export function sayProblem({ says, expected, got }: Problem): string {
  return says ?? `expected ${expected}, got ${got}`;
}
