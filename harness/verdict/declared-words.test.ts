import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../reports/result.ts';
import { isPossibleCause } from '../protocols/possible-causes.ts';
import { CAUSES, wordsOf } from '../protocols/words.ts';
import { createCaptureParser } from '../tcpdump-wrapper/src/index.ts';
import { judgeFrames } from './judge-frames.ts';

const HARNESS = join(import.meta.dirname, '..');
// Any room may record these (harness/docs/steps.md).
const OF_ANY_ROOM = /\.(malformed|unfinished|abandoned)$/;

describe('the steps of every capture in the tree', () => {
  const steps: Step[] = [];
  beforeAll(async () => {
    for await (const file of glob('**/testdata/**/*.{pcap,pcapng}', { cwd: HARNESS })) {
      const parser = createCaptureParser();
      const frames = parser.push(await readFile(join(HARNESS, file)));
      for (const { steps: ofClient } of await judgeFrames([frames], { linkType: parser.linkType ?? 1, clients: [] }))
        steps.push(...ofClient);
    }
  });

  it('are many', () => expect(steps.length).toBeGreaterThan(300));

  it('have names that a room declares', () => {
    const strange = steps.filter(({ step }) => !wordsOf(step) && !OF_ANY_ROOM.test(step)).map(({ step }) => step);
    expect([...new Set(strange)]).toEqual([]);
  });

  it('carry details that their declaration names, of its kinds', () => {
    const strange = steps.flatMap(({ step, detail = {} }) => {
      const words = wordsOf(step);
      if (!words) return [];
      return Object.entries(detail)
        .filter(([key, value]) => [words.details[key]].flat()[0] !== typeof value)
        .map(([key]) => `${step} ${key}`);
    });
    expect([...new Set(strange)]).toEqual([]);
  });

  it('never pass where the declaration says so', () => {
    const passed = steps.filter(({ step, verdict }) => verdict === 'passed' && wordsOf(step)?.only);
    expect([...new Set(passed.map(({ step }) => step))]).toEqual([]);
  });

  it('name causes that a room declares', () => {
    const strange = steps.flatMap(({ cause }) => (cause === undefined || Object.hasOwn(CAUSES, cause) ? [] : [cause]));
    expect([...new Set(strange)]).toEqual([]);
  });

  it('fail with causes that a scenario may expect of them', () => {
    const causes = steps.filter(({ verdict, cause }) => verdict === 'failed' && cause !== undefined);
    expect(causes.length).toBeGreaterThan(5);
    const strange = causes.filter(({ step, cause }) => !isPossibleCause(step, cause ?? ''));
    expect([...new Set(strange.map(({ step, cause }) => `${step} ${cause ?? ''}`))]).toEqual([]);
  });
});
