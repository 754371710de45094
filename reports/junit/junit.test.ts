/* eslint-disable @typescript-eslint/no-deprecated -- the validator's successor package is not a dependency; this one stays in fast-xml-parser 5 */
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import {
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
} from '../testing/sample-results.ts';
import { structureProblems } from '../testing/junit-structure.ts';
import { junitXml } from './junit.ts';

const golden = new URL('testdata/mixed.junit.xml', import.meta.url);
const parse = (xml: string): unknown =>
  new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
  }).parse(xml) as unknown;

test('golden file: failure, error and skipped apart, one testcase a scenario', async () => {
  const xml = junitXml(mixedResult());
  const kept = await readFile(golden, 'utf8').catch(() => '');
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, xml);
  expect(xml, 'UPDATE_GOLDEN=1 refreshes reports/junit/testdata/mixed.junit.xml; look at the difference first').toBe(
    kept,
  );
});

test('the structure is what Jenkins and Ant read', () => {
  const xml = junitXml(mixedResult());
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(structureProblems(parse(xml))).toEqual([]);
  expect(structureProblems(parse(xml.replace('<testcase name', '<testcase title')))).not.toEqual([]);
  expect(structureProblems(parse(xml.replace('failures="1"', 'failures="2"')))).not.toEqual([]);
});

const failed = (attempt: number, why: string) => sampleScenario({ verdict: 'failed', attempt, why });

test('a success on a retry is one testcase, flaky and not a failure', () => {
  const xml = junitXml(
    sampleResult([
      failed(1, 'first'),
      sampleScenario({ verdict: 'error', attempt: 2, why: 'second' }),
      sampleScenario({ attempt: 3 }),
    ]),
  );
  expect(structureProblems(parse(xml))).toEqual([]);
  expect(xml.match(/<testcase name="WDS install on a BIOS client" /g)).toHaveLength(1);
  expect(xml).toContain('tests="1" failures="0" errors="0" skipped="0"');
  expect(xml).toMatch(/<flakyFailure message="first" type="failed">/);
  expect(xml).toMatch(/<flakyError message="second" type="lab-error">/);
  expect(xml).not.toMatch(/<failure|<error|<rerun/);
});

test('attempts of which none passed are one failure with its reruns', () => {
  const xml = junitXml(sampleResult([failed(1, 'first'), failed(2, 'second')]));
  expect(structureProblems(parse(xml))).toEqual([]);
  expect(xml).toContain('tests="1" failures="1" errors="0" skipped="0"');
  expect(xml).toMatch(/<failure message="first" type="failed"/);
  expect(xml).toMatch(/<rerunFailure message="second" type="failed">/);
  expect(xml).not.toMatch(/<flaky/);
});

test('repetitions are testcases of their own, each with its attempts', () => {
  const xml = junitXml(
    sampleResult([
      sampleScenario({ repetition: 1 }),
      { ...failed(1, 'shaky'), repetition: 2 },
      sampleScenario({ repetition: 2, attempt: 2 }),
    ]),
  );
  expect(structureProblems(parse(xml))).toEqual([]);
  expect(xml.match(/<testcase name="[^"]*"/g)).toEqual([
    '<testcase name="WDS install on a BIOS client (repetition 1)"',
    '<testcase name="WDS install on a BIOS client (repetition 2)"',
  ]);
  expect(xml.match(/<flakyFailure message="shaky"/g)).toHaveLength(1);
});

test('attachments stand alone on their lines', () => {
  expect(junitXml(sampleResult([goodBoot()]))).toMatch(
    /^\[\[ATTACHMENT\|wds-install-bios\/screenshots\/menu\.png\]\]$/m,
  );
});

test('whatever the wire says, the file stays well-formed and its structure intact', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0x7f })), { maxLength: 40 }),
      (units) => {
        const hostile = `${String.fromCharCode(...units)}]]><![CDATA[&"'`;
        const failed = sampleStep({
          verdict: 'failed',
          expected: hostile,
          actual: hostile,
          why: hostile,
          detail: { path: hostile },
        });
        const xml = junitXml(
          sampleResult([
            sampleScenario({
              name: hostile,
              verdict: 'failed',
              why: hostile,
              clients: [sampleClient({ verdict: 'failed', steps: [failed] })],
            }),
          ]),
        );
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(structureProblems(parse(xml))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
