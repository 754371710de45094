import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJsonReporter, InvalidResultError, readResult, UnusableResultError, writeResult } from './json.ts';
import { resultJsonSchema, resultJsonSchemaText } from './result-schema.ts';
import { resultSchema } from './result.ts';
import { mixedResult, sampleClient, sampleResult, sampleScenario, sampleStep } from './testing/sample-results.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-json-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('result.schema.json is what the zod schema says (npm run schemas refreshes it)', async () => {
  expect(await readFile(new URL('result.schema.json', import.meta.url), 'utf8')).toBe(resultJsonSchemaText());
});

test('every field of the Result is described, and every time has its unit', () => {
  const fields = (schema: object, path: string): [string, string | undefined][] =>
    Object.entries(schema).flatMap(([key, value]): [string, string | undefined][] => {
      if (typeof value !== 'object' || value === null) return [];
      if (key !== 'properties') return fields(value as object, path);
      return Object.entries(value as Record<string, { description?: string }>).flatMap(
        ([name, field]): [string, string | undefined][] => [
          [`${path}.${name}`, field.description],
          ...fields(field, `${path}.${name}`),
        ],
      );
    });
  const all = fields(resultJsonSchema(), '');
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter(([, text]) => text === undefined)).toEqual([]);
  const times = all.filter(([path]) => path.endsWith('Ms'));
  expect(times.filter(([, text]) => text?.includes('milliseconds') !== true)).toEqual([]);
});

test('zod and the JSON Schema agree on good and bad Results', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(resultJsonSchema());
  const good = mixedResult();
  expect(validate(good), JSON.stringify(validate.errors)).toBe(true);
  expect(validate(sampleResult([]))).toBe(true);
  const bad: unknown[] = [
    { ...good, verdict: 'flaky' },
    { ...good, extra: 1 },
    sampleResult([sampleScenario({ attempt: 0 })]),
    sampleResult([sampleScenario({ clients: [sampleClient({ steps: [sampleStep({ step: 'Bad Name' })] })] })]),
    null,
  ];
  for (const value of bad) {
    expect(validate(value)).toBe(false);
    expect(resultSchema.safeParse(value).success).toBe(false);
  }
});

test('result.json comes whole, without leftovers, and reads back equal', async () => {
  const path = await writeResult(mixedResult(), folder);
  expect(await readResult(path)).toEqual(mixedResult());
  expect(await readResult(folder)).toEqual(mixedResult());
  expect(await readdir(folder)).toEqual(['result.json']);
});

test('an invalid Result of ours is kept, and then a lab error that names the path', async () => {
  const broken = sampleResult([
    sampleScenario({ clients: [sampleClient({ steps: [sampleStep({ durationMs: -1 })] })] }),
  ]);
  const at = join(folder, 'broken');
  const written = writeResult(broken, at);
  await expect(written).rejects.toThrow(InvalidResultError);
  await expect(written).rejects.toThrow(
    /invalid Result in .*result\.json: scenarios\[0\]\.clients\[0\]\.steps\[0\]\.durationMs: .*>=0.*fault of the harness/,
  );
  // A program that reads the file afterwards has an unusable file.
  await expect(readResult(at)).rejects.toThrow(UnusableResultError);
  await expect(readResult(at)).rejects.toThrow(
    /broken\/result\.json: expected a result\.json or a run's folder: scenarios\[0\]\.clients\[0\]\.steps\[0\]\.durationMs: /,
  );
});

test('--reporter json writes the Result and nothing else', async () => {
  let out = '';
  await createJsonReporter((text) => {
    out += text;
  }).onRunEnd?.(mixedResult(), folder);
  expect(JSON.parse(out)).toEqual(mixedResult());
});
