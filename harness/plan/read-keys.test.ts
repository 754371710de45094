import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkContent } from '../scenario/checks/content.ts';
import { findScenarios } from '../scenario/load-scenarios.ts';
import { scenarioJsonSchema, type JsonSchema } from '../scenario/schema/json-schema.ts';
import { planScenarios } from './scenarios.ts';
import { EVERY_KEY } from './testing/every-key.ts';

// A key that the schema takes and nobody reads would let a scenario pass with nothing checked. So each key is changed
// or taken away in some scenario, and then the plan must be another one: what is not in the plan, nothing acts on.

type Path = readonly string[];
const ROOT = join(import.meta.dirname, '..', '..');
const SCHEMA = scenarioJsonSchema();

const NOT_PLANNED = [
  // Told to people only.
  'description',
  // One disk for all clients: refused where it stands, but the schema has one `after` for both places.
  'after.compare-disk-with.client',
  'after.compare-disk-with.changed',
  'after.restored-from',
];
/** Handed on whole: what stands below them is a service's or a room's own, and checked there. */
const WHOLE = /\.(misbehave|options)$|(^|\.)steps\[\]$|\.damage\{\}$/;

describe('each key of the schema', () => {
  it('changes the plan', async () => {
    const files = await findScenarios(join(ROOT, 'scenarios'));
    const bundled = await Promise.all(files.map(async (file) => parse(await readFile(file, 'utf8')) as unknown));
    const bases = [...EVERY_KEY, ...bundled].map((value) => ({ value, plan: planOf(value) }));
    for (const [index, { plan }] of bases.slice(0, EVERY_KEY.length).entries())
      expect(plan, `EVERY_KEY[${index}]: ${problemsOf(EVERY_KEY[index])}`).toBeDefined();
    const keys = keysOf(SCHEMA);
    // What holds other keys is read when these are.
    const holds = (path: Path): boolean =>
      keys.some((other) => other.length > path.length && path.every((key, index) => other[index] === key));
    const unread = keys.filter(
      (path) =>
        !holds(path) &&
        !NOT_PLANNED.includes(path.join('.')) &&
        !bases.some(({ value, plan }) =>
          placesOf(value, path).some((place) =>
            variants(value, place).some((changed) => {
              const other = planOf(changed);
              return other !== undefined && other !== plan;
            }),
          ),
        ),
    );
    expect(unread.map((path) => path.join('.'))).toEqual([]);
  }, 60_000);
});

/** The plans of a scenario as text; undefined when it cannot be used. */
function planOf(value: unknown): string | undefined {
  const { content, problems } = checkContent(structuredClone(value));
  if (content === undefined || problems.length > 0) return undefined;
  const source = { file: 'x.yaml', folder: '/scenarios', steps: [], clientSteps: [] };
  return JSON.stringify(planScenarios({ ...content, source }));
}

const problemsOf = (value: unknown): string =>
  checkContent(structuredClone(value))
    .problems.map(({ path, says, expected, got }) => `${path.join('.')}: ${says ?? `${expected}, got ${got}`}`)
    .join('; ');

/** Every key that the schema knows; `[]` stands for any item of a list, `{}` for any key of a free map. */
function keysOf(schema: JsonSchema, path: Path = []): Path[] {
  const name = path.join('.').replaceAll('.[]', '[]').replaceAll('.{}', '{}');
  if (WHOLE.test(name)) return [];
  const { $ref } = schema;
  if (typeof $ref === 'string')
    return keysOf((SCHEMA.$defs as Readonly<Record<string, JsonSchema>>)[$ref.slice('#/$defs/'.length)] ?? {}, path);
  const branches = (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined;
  const below = [
    ...Object.entries((schema.properties as Readonly<Record<string, JsonSchema>> | undefined) ?? {}).flatMap(
      ([key, one]) => [[...path, key], ...keysOf(one, [...path, key])],
    ),
    ...(branches ?? []).flatMap((branch) => keysOf(branch, path)),
    ...(isSchema(schema.items) ? keysOf(schema.items, [...path, '[]']) : []),
    ...(isSchema(schema.additionalProperties) ? keysOf(schema.additionalProperties, [...path, '{}']) : []),
  ];
  return [...new Map(below.map((one) => [one.join('\0'), one])).values()];
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

/** Where a scenario has that key. */
function placesOf(value: unknown, [first, ...rest]: Path): Path[] {
  if (first === undefined) return [[]];
  if (typeof value !== 'object' || value === null) return [];
  const keys = first === '[]' || first === '{}' ? Object.keys(value) : [first];
  return keys
    .filter((key) => Object.hasOwn(value, key))
    .flatMap((key) => placesOf((value as Record<string, unknown>)[key], rest).map((place) => [key, ...place]));
}

/** The scenario without the value at a place, and with other values there. */
function variants(value: unknown, place: Path): unknown[] {
  const others = (old: unknown): readonly unknown[] => {
    if (typeof old === 'boolean') return [!old];
    if (typeof old === 'number') return [old + 1, old - 1];
    if (Array.isArray(old)) return [old.slice(1)];
    if (typeof old === 'object' && old !== null) return [Object.fromEntries(Object.entries(old).slice(1))];
    if (typeof old !== 'string') return [];
    const more = (digits: string): string => `${Number(digits) + 1}`;
    return [`${old}x`, 'other', 'tftp.transfer', old.replace(/\d+/, more), old.replace(/\d+(?=\D*$)/, more)];
  };
  const at = place.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], value);
  return [changed(value, place, undefined), ...others(at).map((other) => changed(value, place, other))];
}

/** A copy with another value at a place, or without it. */
function changed(value: unknown, place: Path, other: unknown): unknown {
  const copy = structuredClone(value);
  const key = place.at(-1) ?? '';
  const parent = place.slice(0, -1).reduce<unknown>((node, one) => (node as Record<string, unknown>)[one], copy);
  if (other !== undefined) (parent as Record<string, unknown>)[key] = other;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent as object, key);
  return copy;
}
