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

test('golden file: failure, error and skipped apart, one testcase an attempt', async () => {
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

test('attempts of one scenario are testcases of their own', () => {
  const xml = junitXml(sampleResult([sampleScenario({ verdict: 'failed' }), sampleScenario({ attempt: 2 })]));
  expect(xml).toContain('<testcase name="WDS install on a BIOS client" ');
  expect(xml).toContain('<testcase name="WDS install on a BIOS client (attempt 2)"');
  expect(xml).toContain('tests="2" failures="1"');
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
