import type { Step } from '../result.ts';
import { printable } from '../text.ts';

/** A step with its position among the client's. */
export interface IndexedStep {
  readonly step: Step;
  readonly index: number;
}

/** Neighbouring steps of one kind that are drawn as one row until somebody opens it. */
export interface Fold {
  readonly rows: readonly [IndexedStep, ...IndexedStep[]];
  readonly name: string;
  readonly detail: string;
}

/** What the waterfall draws: a step, or a fold of several. */
export type DrawnRow = IndexedStep | Fold;

/** Whether a drawn row holds several steps. */
export const isFold = (row: DrawnRow): row is Fold => 'rows' in row;

/** Two questions and their answers; folding fewer rows would save nothing. */
const LEAST_FOLDED = 4;

type Kind = 'probe' | 'directory';

/**
 * Folds steps that a boot repeats dozens of times: names that a boot program tries one after another and the server
 * does not have (PXELINUX asks for up to eleven configurations), directories that are opened and closed. A step that
 * failed, that says what was expected, or whose name is among `named` (the scenario asks for it) always stands alone.
 */
export function foldSteps(steps: readonly IndexedStep[], named: ReadonlySet<string> = new Set()): DrawnRow[] {
  const directories = new Set<string>();
  const kinds = steps.map(({ step }, at) =>
    standsAlone(step, named) ? undefined : kindOf(step, steps[at + 1]?.step, steps[at - 1]?.step, directories),
  );
  const drawn: DrawnRow[] = [];
  for (let at = 0; at < steps.length; ) {
    const kind = kinds[at];
    let end = at + 1;
    while (kind !== undefined && kinds[end] === kind) end += 1;
    const [first, ...rest] = steps.slice(at, end);
    if (kind !== undefined && first !== undefined && rest.length + 1 >= LEAST_FOLDED)
      drawn.push(folded(kind, [first, ...rest]));
    else drawn.push(...steps.slice(at, end));
    at = end;
  }
  return drawn;
}

function standsAlone(step: Step, named: ReadonlySet<string>): boolean {
  return (
    named.has(step.step) || step.expected !== undefined || (step.verdict !== 'passed' && step.verdict !== 'recorded')
  );
}

function kindOf(
  step: Step,
  next: Step | undefined,
  before: Step | undefined,
  directories: Set<string>,
): Kind | undefined {
  const path = pathOf(step);
  switch (step.step) {
    case 'tftp.read-request':
      return next?.step === 'tftp.error' && next.verdict === 'recorded' && pathOf(next) === path ? 'probe' : undefined;
    case 'tftp.error':
      return step.verdict === 'recorded' && before?.step === 'tftp.read-request' && pathOf(before) === path
        ? 'probe'
        : undefined;
    case 'smb.open':
      if (step.detail?.['directory'] !== true) return undefined;
      directories.add(path);
      return 'directory';
    case 'smb.close':
      return directories.has(path) ? 'directory' : undefined;
    default:
      return undefined;
  }
}

const pathOf = (step: Step): string => `${String(step.detail?.['share'] ?? '')}|${String(step.detail?.['path'] ?? '')}`;

function folded(kind: Kind, rows: Fold['rows']): Fold {
  const asked = rows
    .filter(({ step }) => step.step === (kind === 'probe' ? 'tftp.read-request' : 'smb.open'))
    .map(({ step }) => String(step.detail?.['path'] ?? ''));
  if (kind === 'probe')
    return {
      rows,
      name: 'tftp.read-request',
      detail: printable(`${asked.length} not on the server: ${asked.join(', ')}`),
    };
  const names = [...new Set(asked)].map((path) => (path === '' ? 'top of the share' : path));
  return { rows, name: 'smb.open', detail: printable(`${asked.length} times a directory: ${names.join(', ')}`) };
}

/** Frames of a fold, by their first and last. */
export function foldFrames(fold: Fold): string {
  const numbers = fold.rows.flatMap(({ step }) => step.frames);
  return numbers.length === 0 ? '' : `#${Math.min(...numbers)}–${Math.max(...numbers)}`;
}

/** When a fold begins and how long it goes on. */
export function foldSpan({ rows }: Fold): { readonly atMs: number; readonly durationMs: number } {
  const atMs = Math.min(...rows.map(({ step }) => step.atMs));
  return { atMs, durationMs: Math.max(...rows.map(({ step }) => step.atMs + step.durationMs)) - atMs };
}
