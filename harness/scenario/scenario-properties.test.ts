import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkContent } from './checks/content.ts';
import { checkServed } from './checks/files.ts';
import { parseScenario } from './testing/parse-scenario.ts';
import { ScenarioError } from './scenario-error.ts';

// Whatever a file holds: a scenario or a ScenarioError with a place inside the text, never another exception.

/** Pieces of YAML that parsers stumble over, joined at random. */
const yamlText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'name: x\n',
        'services:\n',
        '  dhcp: {}\n',
        'clients:\n',
        '- ',
        '  - ',
        '{ ',
        ' }',
        '[',
        ']',
        ': ',
        '&a ',
        '*a',
        '<<: *a\n',
        '!!set ',
        '? ',
        '---\n',
        '...\n',
        '"\\x',
        "'",
        '|\n',
        '>-\n ',
        '\t',
        '\n',
        '%TAG ! x\n',
        '__proto__: 1\n',
        'steps:\n',
        '# c\n',
        '\r\n',
        '\u{feff}',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''));

/** A valid scenario with one part replaced by any value: most of it is checked to the end. */
const damaged = fc
  .record({
    value: fc.jsonValue({ maxDepth: 3 }),
    path: fc.constantFrom(
      ['name'],
      ['network', 'subnet'],
      ['services'],
      ['services', 'dhcp'],
      ['services', 'dhcp', 'range'],
      ['services', 'dhcp', 'reservations'],
      ['services', 'dhcp', 'options'],
      ['services', 'pxe', 'menu'],
      ['services', 'tftp', 'files'],
      ['services', 'images', 'groups'],
      ['services', 'authentication', 'users'],
      ['clients'],
      ['clients', '0'],
      ['clients', '0', 'boot-order'],
      ['clients', '0', 'agent'],
      ['matrix'],
      ['matrix', 'exclude'],
      ['steps'],
      ['steps', '0'],
      ['budgets'],
      ['after'],
      ['expect-failure'],
    ),
  })
  .map(({ value, path }) => replaced(FULL, path, value));

const FULL = {
  name: 'x',
  network: { subnet: '172.22.52.0/24' },
  services: {
    dhcp: { reservations: { pc: '172.22.52.9' } },
    pxe: { bootfile: 'a' },
    tftp: { files: { b: { text: 'c' } } },
    authentication: { users: [{ name: 'u', password: 'p' }] },
    images: { groups: { Linux: ['sample.wim'] } },
  },
  clients: [{ name: 'pc', disk: '2GiB', 'boot-order': ['network', 'disk'], agent: { mode: 'install' } }],
  matrix: { nic: ['e1000', 'pcnet'], exclude: [{ nic: 'pcnet' }] },
  steps: [{ 'dhcp.ack': { server: { matches: 'x' } } }],
  budgets: { dhcp: '8s' },
  after: { 'boot-from': 'disk' },
};

function replaced(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(node) ? [...(node as unknown[])] : { ...(node as object | undefined) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

function expectScenarioOrError(text: string): void {
  try {
    parseScenario(text, 'f.yaml', '/f');
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const lines = text.split('\n').length;
    for (const { line = 0, column = 0 } of error.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
      expect(column).toBeGreaterThanOrEqual(1);
    }
  }
}

describe('parseScenario', () => {
  it('is total on any text', () => fc.assert(fc.property(yamlText, expectScenarioOrError), { numRuns: 250 }));
  it('is total on any value written as YAML', () =>
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged), (value) => expectScenarioOrError(stringify(value))),
      { numRuns: 100 },
    ));
});

describe('checkServed', () => {
  // It sees scenarios that the other checks have something against, so that all problems are told at once.
  it('is total on what the schema takes', () =>
    fc.assert(
      fc.asyncProperty(damaged, async (value) => {
        const { content } = checkContent(value);
        if (content === undefined) return;
        const source = { file: 'f.yaml', folder: '/nowhere', steps: [], clientSteps: [] };
        for (const problem of await checkServed({ ...content, source })) expect(problem.expected).not.toBe('');
      }),
      { numRuns: 100 },
    ));
});

describe('checkContent', () => {
  it('takes the undamaged scenario', () => expect(checkContent(FULL).problems).toEqual([]));
  it('is total on any value', () =>
    fc.assert(
      fc.property(fc.oneof(fc.anything(), damaged), (value) =>
        checkContent(value).problems.forEach((problem) => expect(problem.expected).not.toBe('')),
      ),
      { numRuns: 500 },
    ));
});
