import { resultJsonSchema } from './result-schema.ts';

/** The part of JSON Schema that the Result's uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}

/** The fields of `result.json` for harness/docs/result.md: a table for each object, from the outside to the inside. */
export function resultTables(): string {
  return tables('', resultJsonSchema()).join('\n\n');
}

/** The table of an object, then those of the objects in it. */
function tables(path: string, { properties = {}, required = [] }: Schema): string[] {
  const fields = Object.entries(properties);
  const rows = fields.map(
    ([name, schema]) =>
      `| \`${name}\`${required.includes(name) ? '' : '?'} | ${typeText(schema)} | ${cell(schema.description ?? '')} |`,
  );
  const heading = path === '' ? '### result.json' : `### ${path}`;
  return [
    [heading, '', '| Field | Type | Meaning |', '|---|---|---|', ...rows].join('\n'),
    ...fields.flatMap(([name, schema]) => {
      const inner = schema.items ?? schema;
      const place = `${path === '' ? '' : `${path}.`}${name}${schema.items ? '[]' : ''}`;
      return inner.properties ? tables(place, inner) : [];
    }),
  ];
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  if (schema.items) return schema.items.properties ? 'list' : `list of ${typeText(schema.items)}`;
  if (typeof schema.additionalProperties === 'object')
    return `map to ${Object.keys(schema.additionalProperties).length === 0 ? 'anything' : typeText(schema.additionalProperties)}`;
  return schema.type ?? 'anything';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
