import { expect, test } from 'vitest';
import { describeFailure } from '../harness/vitest/describe-failure.ts';
import { findings, reasonOf } from './findings.ts';
import { summaryMarkdown } from './github.ts';
import { junitXml } from './junit/junit.ts';
import { summaryLines } from './terminal/summary.ts';
import type { Step } from './result.ts';
import { sampleClient, sampleResult, sampleScenario, severalFindings } from './testing/sample-results.ts';

const scenario = severalFindings();
const result = sampleResult([scenario]);

/** What each reader is told, after the line that sums a scenario up. */
const TOLD: Readonly<Record<string, string>> = {
  terminal: summaryLines(result, '/runs/1', { colour: false, live: false, unicode: true }).slice(3).join('\n'),
  junit: /<failure[^>]*>([^]*)<\/failure>/.exec(junitXml(result))?.[1] ?? '',
  github: summaryMarkdown(result).split('###')[1] ?? '',
  vitest: describeFailure(scenario),
};

test.each(Object.entries(TOLD))('%s tells every finding of every client, each under its name', (_, text) => {
  // From a client's name to the next one: all that is said of it.
  const about = (client: string): string =>
    text
      .split(/^[ -]*(?=(?:alpha|beta|gamma):)/m)
      .filter((part) => part.startsWith(`${client}:`))
      .join('\n');
  expect(about('alpha')).toMatch(
    /dhcp\.ack[^]*the lease is too short[^]*tftp\.transfer[^]*the server fell silent[^]*the agent in the guest says: no image/,
  );
  expect(about('beta')).toMatch(/the disk differs in 3 files[^]*the disk does not boot by itself/);
  expect(about('gamma')).toBe('');
});

test('the sentence that sums a scenario up names each client that failed, and says how much it leaves out', () => {
  expect(reasonOf(scenario)).toBe(
    'alpha: dhcp.ack: the lease is too short; beta: the disk differs in 3 files (and 3 more findings)',
  );
  expect(junitXml(result)).toContain('message="alpha: dhcp.ack: the lease is too short; beta: the disk differs');
});

test('of a boot that failed on a busy host every reader learns that it was busy', () => {
  const usage = { cpuMs: 9000, vmCpuMs: 8000, waitedForCpuMs: 41_000, peakMemoryMiB: 400 };
  const busy = { ...scenario, durationMs: 62_000, usage };
  const words = 'the host was busy: a VM waited 41.0 s of 1 min 02 s for a processor';
  for (const text of [
    summaryLines(sampleResult([busy]), '/runs/1', { colour: false, live: false, unicode: true }).join('\n'),
    junitXml(sampleResult([busy])),
    summaryMarkdown(sampleResult([busy])),
    describeFailure(busy),
  ])
    expect(text.replaceAll(/\s+/g, ' ')).toContain(words);
  const still = { ...busy, usage: { ...usage, stoodStillMs: 58_000 } };
  expect(reasonOf(still)).toContain('the host stood still for 58.0 s while its clock went on');
  const idle = { ...busy, usage: { ...usage, waitedForCpuMs: 20_000 } };
  for (const one of [idle, { ...busy, verdict: 'passed' } as const])
    expect(`${reasonOf(one) ?? ''}${describeFailure(one)}`).not.toContain('busy');
});

test('the reason of a broken lab is told once, and not for each client', () => {
  const why = 'QEMU of alpha crashed';
  const clients = ['alpha', 'beta'].map((name) => sampleClient({ name, verdict: 'error', why }));
  const broken = sampleScenario({ verdict: 'error', why, clients });
  expect(findings(broken)).toEqual([]);
  expect(reasonOf(broken)).toBe(why);
});

test('steps that failed alike are one finding with their number, and those about other files are not', () => {
  const failed = (step: string, cause: string, atMs: number, path?: string): Step => ({
    machine: 'dhcp',
    step,
    verdict: 'failed',
    atMs,
    durationMs: 0,
    frames: [atMs],
    cause,
    ...(path === undefined ? {} : { detail: { path } }),
  });
  const steps = [
    ...[1, 2, 3].map((atMs) => failed('dhcp.offer', 'dhcp-wrong-transaction', atMs)),
    failed('dhcp.offer', 'dhcp-no-address', 4),
    ...['a.0', 'b.0'].map((path) => failed('tftp.error', 'boot-file-missing', 5, path)),
  ];
  const told = sampleScenario({ verdict: 'failed', clients: [sampleClient({ name: 'pc', verdict: 'failed', steps })] });
  expect(findings(told).map((finding) => (finding.step ? [finding.step.atMs, finding.times] : finding.why))).toEqual([
    [1, 3],
    [4, 1],
    [5, 1],
    [5, 1],
  ]);
  const summed = sampleResult([told]);
  const texts = [
    summaryLines(summed, '/runs/1', { colour: false, live: false, unicode: true }).join('\n'),
    junitXml(summed),
    summaryMarkdown(summed),
    describeFailure(told),
  ];
  for (const text of texts) expect(text.match(/, 3 times/g)).toHaveLength(1);
});
