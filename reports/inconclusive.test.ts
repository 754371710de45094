import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { exitCodeOf } from '../harness/cli/exit-codes.ts';
import { describeFailure } from '../harness/vitest/describe-failure.ts';
import { comparisonLines } from './compare-text.ts';
import { compareResults } from './compare.ts';
import { annotations } from './github-annotations.ts';
import { summaryMarkdown } from './github.ts';
import { junitXml } from './junit/junit.ts';
import { mergeResults } from './merge.ts';
import { resultSchema, type Verdict } from './result.ts';
import { summaryLines } from './terminal/summary.ts';
import { failedBoot, goodBoot, inconclusiveBoot, sampleResult, skippedScenario } from './testing/sample-results.ts';
import { structureProblems } from './testing/junit-structure.ts';
import { firstSelection } from './viewer/selection.ts';
import { worstVerdict } from './worst-verdict.ts';

// A capture that does not tell how the boot ended: what each reader is told of it.

const OPEN = 'the capture ends 4.1 s after DISCOVER 4 (frame 4), no OFFER yet: capture until the client gives up';
const result = sampleResult([goodBoot(), inconclusiveBoot()]);
const plain = { colour: false, live: false, unicode: true };

test('is worse than passed, and better than failed', () => {
  const worst: readonly (readonly [readonly Verdict[], Verdict])[] = [
    [['passed', 'inconclusive', 'skipped'], 'inconclusive'],
    [['inconclusive', 'failed'], 'failed'],
    [['inconclusive', 'error', 'failed'], 'error'],
    [['skipped', 'skipped'], 'skipped'],
  ];
  for (const [verdicts, of] of worst) expect(worstVerdict(verdicts)).toBe(of);
  expect(result.verdict).toBe('inconclusive');
  expect(mergeResults([result, sampleResult([skippedScenario()])]).verdict).toBe('inconclusive');
  expect(exitCodeOf('inconclusive')).toBe(1);
});

test('is a verdict of clients and scenarios, and never of a step', () => {
  expect(resultSchema.safeParse(result).success).toBe(true);
  const [step] = goodBoot().clients[0]?.steps ?? [];
  const changed = {
    ...result,
    scenarios: [
      { ...goodBoot(), clients: [{ ...goodBoot().clients[0], steps: [{ ...step, verdict: 'inconclusive' }] }] },
    ],
  };
  expect(resultSchema.safeParse(changed).error?.issues[0]?.path).toEqual([
    ...['scenarios', 0, 'clients', 0, 'steps', 0, 'verdict'],
  ]);
});

test('the terminal names it, with what is open, once', () => {
  const lines = summaryLines(result, '/runs/1', plain);
  expect(lines.filter((line) => line.includes(OPEN))).toEqual([`      why      ${OPEN}`]);
  expect(lines.join('\n')).toContain('? inconclusive  1 inconclusive, 1 passed');
});

test('the terminal says what else was noticed of the client, and what is open all the same', () => {
  const boot = inconclusiveBoot();
  const clients = boot.clients.map((client) => ({ ...client, findings: ['the boot program loads itself'] }));
  const lines = summaryLines(sampleResult([{ ...boot, clients }]), '/runs/1', plain).map((line) => line.trim());
  expect(lines.filter((line) => line.startsWith('why'))).toEqual([
    'why      the boot program loads itself',
    `why      ${OPEN}`,
  ]);
});

test('JUnit counts it as skipped, with a message that says what it is', () => {
  const xml = junitXml(result);
  expect(xml).toContain(`<skipped message="inconclusive: ${OPEN}"/>`);
  expect(xml).toContain('tests="2" failures="0" errors="0" skipped="1"');
  const parsed: unknown = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
  }).parse(xml);
  expect(structureProblems(parsed)).toEqual([]);
});

test('GitHub gets a warning, and a sign and a section of its own', () => {
  const [warning, ...others] = annotations(result, { folder: '/repo' });
  expect(others).toEqual([]);
  expect(warning).toMatch(
    /^::warning file=no-offer\.pcap,line=1,title=inconclusive%3A no-offer::the capture ends 4\.1 s/,
  );
  expect(summaryMarkdown(result)).toContain('## ❓ pxewright: 1 inconclusive, 1 passed');
  expect(summaryMarkdown(result)).toContain('### ❓ no-offer.pcap');
});

test('the viewer opens on it where nothing failed, and vitest names it', () => {
  expect(firstSelection(result)).toEqual({ scenario: 1, client: 0 });
  expect(firstSelection(sampleResult([inconclusiveBoot(), failedBoot()])).scenario).toBe(1);
  expect(describeFailure(inconclusiveBoot())).toContain(`no-offer: inconclusive: ${OPEN}`);
});

test('compare takes it as no measurement and no regression, and says so', () => {
  const open = sampleResult([{ ...goodBoot(), verdict: 'inconclusive', why: OPEN }]);
  const comparison = compareResults(sampleResult([goodBoot()]), open);
  expect(comparison).toMatchObject({ regressed: false, figures: [] });
  expect(comparisonLines(comparison)).toContain(
    `inconclusive in the second, so not compared: ${goodBoot().id}: ${OPEN}`,
  );
});
