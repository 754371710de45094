import { expect, it } from 'vitest';
import * as z from 'zod';
import { configProblems } from './service.ts';

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

it.each<[what: string, got: unknown, shown: string]>([
  ['a short value as it is', { a: [1, 'two', null], b: {} }, '{"a":[1,"two",null],"b":{}}'],
  ['80 characters', 'x'.repeat(78), `"${'x'.repeat(78)}"`],
  ['of a longer text its beginning', 'x'.repeat(1e6), `"${'x'.repeat(78)}…`],
  ['of a long list its beginning', Array.from({ length: 1e5 }, () => 0), `[${'0,'.repeat(39)}…`],
  ['of a long name its beginning', { ['n'.repeat(1e6)]: 1 }, `{"${'n'.repeat(77)}…`],
  ['of a deep value its beginning', nested(100_000), `${'['.repeat(79)}…`],
])('shows %s', (_, got, shown) => {
  const { error } = z.object({ field: z.never('expected no field') }).safeParse({ field: got });
  expect(error && configProblems(error, { field: got })).toEqual([`field: expected no field, got ${shown}`]);
});
