type Node = Readonly<Record<string, unknown>>;

// The JUnit format as a table: Ant's elements with the additions that Jenkins' junit-10.xsd allows (file, testcase
// properties), and Surefire's for attempts (surefire-test-report-3.0.xsd).
const RERUN = { must: ['message', 'type'], may: [], children: ['stackTrace', 'system-out', 'system-err'] };
const ELEMENTS: Readonly<
  Record<
    string,
    { readonly must: readonly string[]; readonly may: readonly string[]; readonly children: readonly string[] }
  >
> = {
  testsuites: { must: ['tests', 'failures', 'errors', 'time'], may: ['name', 'skipped'], children: ['testsuite'] },
  testsuite: {
    must: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'],
    may: ['hostname', 'file'],
    children: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { must: [], may: [], children: ['property'] },
  property: { must: ['name', 'value'], may: [], children: [] },
  testcase: {
    must: ['name', 'classname', 'time'],
    may: ['file'],
    children: [
      'properties',
      'skipped',
      'failure',
      'error',
      'flakyFailure',
      'flakyError',
      'rerunFailure',
      'rerunError',
      'system-out',
      'system-err',
    ],
  },
  failure: { must: ['message', 'type'], may: [], children: [] },
  error: { must: ['message', 'type'], may: [], children: [] },
  flakyFailure: RERUN,
  flakyError: RERUN,
  rerunFailure: RERUN,
  rerunError: RERUN,
  stackTrace: { must: [], may: [], children: [] },
  skipped: { must: ['message'], may: [], children: [] },
  'system-out': { must: [], may: [], children: [] },
  'system-err': { must: [], may: [], children: [] },
};

/** What is wrong with a parsed JUnit document (attributes prefixed `@`), in words; empty when consumers can read it. */
export function structureProblems(document: unknown): string[] {
  const root = (document as Node)['testsuites'];
  return root === undefined
    ? ['no <testsuites>']
    : [...elementProblems('testsuites', root, 'testsuites'), ...countProblems(root as Node)];
}

function elementProblems(name: string, node: unknown, where: string): string[] {
  const rule = ELEMENTS[name];
  if (rule === undefined) return [`${where}: unknown element`];
  const content: Node = typeof node === 'object' && node !== null ? (node as Node) : {};
  const attributes = Object.keys(content)
    .filter((key) => key.startsWith('@'))
    .map((key) => key.slice(1));
  const children = Object.keys(content).filter((key) => !key.startsWith('@') && key !== '#text');
  return [
    ...rule.must.filter((attribute) => !attributes.includes(attribute)).map((attribute) => `${where}: no ${attribute}`),
    ...attributes
      .filter((attribute) => !rule.must.includes(attribute) && !rule.may.includes(attribute))
      .map((attribute) => `${where}: attribute ${attribute}`),
    ...children.filter((child) => !rule.children.includes(child)).map((child) => `${where}: <${child}>`),
    ...children.flatMap((child) =>
      [content[child]].flat().flatMap((one, index) => elementProblems(child, one, `${where}/${child}[${index}]`)),
    ),
  ];
}

/** Every suite's counters must equal what it holds, and the root's the sum of its suites'. */
function countProblems(root: Node): string[] {
  const suites = (root['testsuite'] ?? []) as readonly Node[];
  const tally = (cases: readonly Node[]): Record<string, number> => ({
    tests: cases.length,
    failures: cases.filter((one) => 'failure' in one).length,
    errors: cases.filter((one) => 'error' in one).length,
    skipped: cases.filter((one) => 'skipped' in one).length,
  });
  const casesOf = (suite: Node): readonly Node[] => (suite['testcase'] ?? []) as readonly Node[];
  const compare = (node: Node, where: string, wanted: Record<string, number>): string[] =>
    Object.entries(wanted)
      .filter(([key, count]) => Number(node[`@${key}`]) !== count)
      .map(([key, count]) => `${where}: ${key} says ${String(node[`@${key}`])}, holds ${count}`);
  return [
    ...compare(root, 'testsuites', tally(suites.flatMap(casesOf))),
    ...suites.flatMap((suite, index) => compare(suite, `testsuite[${index}]`, tally(casesOf(suite)))),
  ];
}
