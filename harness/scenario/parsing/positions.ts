import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node, type Pair } from 'yaml';
import type { PlacedProblem, Problem, ScenarioPath } from '../scenario-error.ts';

/** Line and column of a place in a YAML text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Gives a problem the place of its value or key; where the value is missing, of the nearest map or list around it. */
export function placeProblem(problem: Problem, document: Document, lines: LineCounter): PlacedProblem {
  return { ...problem, ...positionOf(problem.path, document, lines, problem.key) };
}

/** The place of the value at a path, or of a key in the map that stands there. */
export function positionOf(path: ScenarioPath, document: Document, lines: LineCounter, key?: string): Position {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const target = follow(node, document);
    const pair = isMap(target) ? pairOf(target.items, part) : undefined;
    // A value written as nothing has no place of its own: its key has.
    const child = pair
      ? (pair.value as Node | null)
      : isSeq(target) && typeof part === 'number'
        ? (target.items[part] as Node | undefined)
        : undefined;
    if (pair === undefined && child === undefined) break;
    node = child ?? null;
    offset = (isEmpty(node) ? (pair?.key as Node | undefined)?.range?.[0] : node?.range?.[0]) ?? offset;
  }
  const target = follow(node, document);
  const keyNode = key !== undefined && isMap(target) ? (pairOf(target.items, key)?.key as Node | undefined) : undefined;
  const { line, col } = lines.linePos(keyNode?.range?.[0] ?? offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function follow(node: Node | null | undefined, document: Document): Node | null | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function pairOf(pairs: readonly Pair[], key: string | number): Pair | undefined {
  return pairs.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === '');
}
