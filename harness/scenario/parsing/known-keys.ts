import { scenarioJsonSchema, type JsonSchema } from '../schema/json-schema.ts';
import type { ScenarioPath } from '../scenario-error.ts';

/** Keys that the schema knows in the map at a path, in the schema's order. */
export function knownKeys(path: ScenarioPath): readonly string[] {
  cached ??= scenarioJsonSchema();
  const at = path.reduce<readonly JsonSchema[]>(
    (schemas, part) => schemas.flatMap((schema) => alternatives(schema)).flatMap((schema) => below(schema, part)),
    [cached],
  );
  return [...new Set(at.flatMap((schema) => alternatives(schema)).flatMap((schema) => namesIn(schema)))];
}

/** Names of a map with fixed keys, or of a map whose keys are words of a list. */
function namesIn(schema: JsonSchema): readonly string[] {
  const words = (schema.propertyNames as { readonly enum?: readonly string[] } | undefined)?.enum;
  return words ?? Object.keys((schema.properties as JsonSchema | undefined) ?? {});
}

let cached: JsonSchema | undefined;

/** The schema itself, or what it refers to, or what an `anyOf`/`oneOf` offers, nested ones included. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const { $ref } = schema;
  if (typeof $ref === 'string')
    return alternatives(
      (cached?.$defs as Readonly<Record<string, JsonSchema>> | undefined)?.[$ref.slice('#/$defs/'.length)] ?? {},
    );
  const branches = (schema.anyOf ?? schema.oneOf) as readonly JsonSchema[] | undefined;
  return branches ? branches.flatMap((branch) => alternatives(branch)) : [schema];
}

function below(schema: JsonSchema, part: string | number): readonly JsonSchema[] {
  const properties = schema.properties as Readonly<Record<string, JsonSchema>> | undefined;
  const next =
    typeof part === 'number'
      ? schema.items
      : properties && Object.hasOwn(properties, part)
        ? properties[part]
        : schema.additionalProperties;
  return typeof next === 'object' && next !== null ? [next as JsonSchema] : [];
}
