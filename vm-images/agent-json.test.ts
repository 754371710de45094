import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

// How the agent's awk code reads JSON: lists of restic's snapshots, its messages, and lists of backups.

/** What json.awk prints for lines of JSON, and its exit status. */
function agentReads(lines: readonly string[]): { readonly output: string[]; readonly status: number | null } {
  const script = path.join(import.meta.dirname, 'agent', 'json.awk');
  const { stdout, status } = spawnSync('busybox', ['awk', '-f', script], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  return { output: stdout.split('\n').slice(0, -1), status };
}

/** Scalars of a value with their paths. */
function scalars(value: unknown, under: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null)
    return [[under.join('.'), typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, one]) => scalars(one, [...under, key]));
}

const asPrinted = (values: readonly unknown[]): string[] =>
  values.flatMap((value, index) => scalars(value).map(([at, text]) => `${index + 1}\t${at}\t${text}`));

describe("the agent's JSON", () => {
  it('has the scalars of any value, each with its path', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 12 });
    // A key such as __proto__ is no key of an object that is written in JavaScript.
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 40 }), (values) => {
        const { output, status } = agentReads(values.map((one) => JSON.stringify(one)));
        expect(output).toEqual(asPrinted(values));
        expect(status).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  it('puts blanks and question marks for what would break a line, or is not ASCII', () => {
    const { output } = agentReads([String.raw`{"a":"x\ty\nz\u0041\u00e9\u003c\/\"\\","b" : [ 1.5e3 , true ] }`]);
    expect(output).toEqual(['1\ta\tx y zA?</"\\', '1\tb.0\t1.5e3', '1\tb.1\ttrue']);
  });

  it.each(['{"a":1', '{"a" 1}', '[1,]', '"open', 'nothing', '{"a":1} 2', '{,}'])('refuses %s', (line) => {
    expect(agentReads([line]).status).toBe(1);
  });
});
