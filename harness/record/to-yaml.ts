import { Document, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import { Told, type Commented, type CommentedMap } from './commented.ts';

/** The text of a scenario file: `head` as comment above it, and an empty line before each of its parts. */
export function toYaml(scenario: CommentedMap, head: readonly string[]): string {
  const contents = mapOf(scenario, false);
  for (const [index, { key }] of contents.items.entries())
    if (index > 0 && key instanceof Scalar) key.spaceBefore = true;
  const document = new Document();
  document.contents = contents;
  document.commentBefore = head.map(commentLine).join('\n');
  return document.toString({ lineWidth: 0, singleQuote: true });
}

/** Maps with only scalars in them stand on one line where they are items of a list, or values of such. */
function nodeOf(value: Commented, flow: boolean): Node {
  if (value instanceof Told) {
    const node = nodeOf(value.value, flow || isPlainMap(value.value));
    if (isOneLine(node)) node.comment = commentLine(value.comment);
    else node.commentBefore = commentLine(value.comment);
    return node;
  }
  if (typeof value !== 'object') return scalarOf(value);
  if (isList(value)) {
    const list = new YAMLSeq<Node>();
    list.flow = value.every((item) => typeof item !== 'object');
    for (const item of value) list.add(nodeOf(item, true));
    return list;
  }
  return mapOf(value, flow);
}

function mapOf(value: CommentedMap, flow: boolean): YAMLMap<Scalar, Node> {
  const map = new YAMLMap<Scalar, Node>();
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const key = scalarOf(name);
    const node = nodeOf(item, flow);
    // What stands above a block value must stand above its key.
    if (item instanceof Told && node.commentBefore != null) {
      key.commentBefore = node.commentBefore;
      node.commentBefore = null;
    }
    map.add(new Pair(key, node));
  }
  map.flow = map.items.length === 0 || (flow && map.items.every(({ value: item }) => isUncommentedScalar(item)));
  return map;
}

/** A commented map of scalars alone: it is told in one line, comment and all. */
function isPlainMap(value: Commented): boolean {
  if (typeof value !== 'object' || value instanceof Told || isList(value)) return false;
  return Object.values(value).every((item) => typeof item !== 'object');
}

const isList = (value: Commented): value is readonly Commented[] => Array.isArray(value);
const isUncommentedScalar = (node: Node | null): boolean => node instanceof Scalar && node.comment == null;

function isOneLine(node: Node): boolean {
  return node instanceof Scalar || ((node instanceof YAMLMap || node instanceof YAMLSeq) && node.flow === true);
}

/** Paths with backslashes go in single quotes: double ones would need every backslash twice. */
function scalarOf(value: string | number | boolean): Scalar {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && value.includes('\\')) scalar.type = Scalar.QUOTE_SINGLE;
  return scalar;
}

const commentLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : ` ${line}`))
    .join('\n');
