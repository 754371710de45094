import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { checkContent } from '../checks/content.ts';
import { scenarioJsonSchema } from './json-schema.ts';

const FILE = join(import.meta.dirname, '..', '..', '..', 'scenarios', 'scenario.schema.json');

describe('scenario.schema.json', () => {
  it('is what the code generates (refresh it with `npm run schemas`)', async () =>
    expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(scenarioJsonSchema()));

  // An editor must not underline what the loader takes, nor stay silent about a wrong key or type.
  const accepts = new Ajv2020({ strict: false }).compile(scenarioJsonSchema());
  const base = { name: 'x', services: { dhcp: {}, tftp: {} }, clients: [{ name: 'pc' }] };
  it.each<[valid: boolean, what: string, value: unknown]>([
    [true, 'the least', base],
    [true, 'units', { ...base, timeout: '2m', budgets: { dhcp: '500ms' } }],
    [true, 'a step without details', { ...base, steps: [{ 'dhcp.ack': null }, 'boot.complete'] }],
    [true, 'a step with a pattern', { ...base, steps: [{ 'dhcp.ack': { server: { matches: '^172' } } }] }],
    [false, 'an unknown key', { ...base, step: [] }],
    [false, 'a duration without unit', { ...base, timeout: 2 }],
    [false, 'an unknown step', { ...base, steps: [{ 'dhcp.akc': {} }] }],
    [false, 'an unknown detail', { ...base, steps: [{ 'dhcp.ack': { servre: 'x' } }] }],
    [false, 'two steps in one', { ...base, steps: [{ 'dhcp.ack': {}, 'dhcp.nak': {} }] }],
    [false, 'an unknown card', { ...base, clients: [{ name: 'pc', nic: 'e100' }] }],
    [false, 'no clients', { ...base, clients: [] }],
  ])('editor and loader agree (%s): %s', (valid, _, value) => {
    expect(accepts(value)).toBe(valid);
    expect(checkContent(value).problems.length === 0).toBe(valid);
  });

  // Python's `re` lacks categories, code points in braces and (?<name>); a validator there stops at the first of them.
  it('has patterns that validators of other languages take', () => {
    const patterns = [...JSON.stringify(scenarioJsonSchema()).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)].map(
      ([, text]) => text,
    );
    expect(patterns.length).toBeGreaterThan(5);
    expect(patterns.filter((text) => /\\\\[pP]\{|\(\?<|\\\\u\{|\\\\[cdk]\{/.test(text ?? ''))).toEqual([]);
  });

  it('explains its keys', () => {
    const properties = scenarioJsonSchema().properties as Readonly<Record<string, { readonly description?: string }>>;
    expect(Object.entries(properties).filter(([, { description }]) => description === undefined)).toEqual([]);
  });
});
