import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparisonLines } from './compare-text.ts';
import { compareResults } from './compare.ts';
import { IncomparableResultsError, mergeResults, missingShards } from './merge.ts';
import { resultSchema, type Result } from './result.ts';
import { mannWhitneyP, median } from './statistics.ts';
import {
  failedBoot,
  goodBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleTransfer,
  skippedScenario,
} from './testing/sample-results.ts';

/** A run that repeated one scenario with these times of its dhcp phase and speeds of its transfer. */
function repeated(dhcpMs: readonly number[], mbPerSecond: readonly number[] = dhcpMs.map(() => 4)): Result {
  return sampleResult(
    dhcpMs.map((ms, n) =>
      sampleScenario({
        attempt: n + 1,
        clients: [
          sampleClient({ phases: { dhcp: ms }, transfers: [sampleTransfer({ mbPerSecond: mbPerSecond[n] ?? 4 })] }),
        ],
      }),
    ),
  );
}
const under = (result: Result, accel: Result['host']['accel']): Result => ({
  ...result,
  host: { ...result.host, accel },
});
const judgements = (base: Result, next: Result): string[] =>
  compareResults(base, next).figures.map(({ name, judgement }) => `${name}: ${judgement}`);

test('results under different accelerators are refused, with both names', () => {
  expect(() => compareResults(mixedResult(), under(mixedResult(), 'kvm'))).toThrow(IncomparableResultsError);
  expect(() => mergeResults([mixedResult(), under(mixedResult(), 'kvm')])).toThrow(
    'expected results under one accelerator, got tcg and kvm',
  );
});

test('a run without any VM is not told to run again with an accelerator that nobody can choose', () => {
  const compare = () => compareResults(mixedResult(), under(mixedResult(), 'none'));
  expect(compare).toThrow('got tcg and none: their times cannot be compared ("none": every client is a program');
  expect(compare).not.toThrow('--accel');
});

test('a slower phase and a slower transfer are worse, faster ones better', () => {
  const slow = repeated([4000, 4100, 4200, 4300, 4150], [2, 2.1, 2.2, 2.3, 2.15]);
  const fast = repeated([3000, 3100, 3200, 3300, 3150], [4, 4.1, 4.2, 4.3, 4.15]);
  expect(judgements(fast, slow)).toEqual(['dhcp: worse', 'tftp boot\\x86\\wdsnbp.com: worse']);
  expect(judgements(slow, fast)).toEqual(['dhcp: better', 'tftp boot\\x86\\wdsnbp.com: better']);
  expect(compareResults(fast, slow)).toMatchObject({
    regressed: true,
    figures: [{ base: { median: 3150, repeats: 5 }, next: { median: 4150, repeats: 5 } }, {}],
  });
});

test('noise, tiny changes and few repeats are not called a regression', () => {
  expect(judgements(repeated([3000, 3500, 3200, 3900]), repeated([3100, 3400, 3300, 3800]))[0]).toBe('dhcp: same');
  expect(judgements(repeated([1000, 1001, 1002, 1003]), repeated([1010, 1011, 1012, 1013]))[0]).toBe('dhcp: same');
  expect(judgements(repeated([1000, 1001, 1002]), repeated([9000, 9001, 9002]))[0]).toBe('dhcp: too few repeats');
});

test('failed attempts do not count, and what only one side has is named', () => {
  const comparison = compareResults(sampleResult([goodBoot(), failedBoot()]), repeated([3000]));
  expect(comparison.figures.map(({ name }) => name)).toEqual(['dhcp', 'tftp boot\\x86\\wdsnbp.com']);
  expect(comparison.onlyInBase).toContain('wds/install-bios pc kernel');
  expect(comparison.onlyInBase.join()).not.toContain('laptop');
});

test('a bulk read is compared with bulk reads alone, and the reads of one boot are one repeat', () => {
  /** Four boots that read one image as a WDS client does: header, tail, the image in two opens. */
  const boots = (bulkMbPerSecond: number): Result =>
    sampleResult(
      [1, 2, 3, 4].map((n) => {
        const read = (operation: 'read-begin' | 'read-end' | 'read-bulk', bytes: number, mbPerSecond: number) =>
          sampleTransfer({
            protocol: 'smb',
            path: 'Images\\Linux\\sample.wim',
            operation,
            bytes,
            mbPerSecond: mbPerSecond + n / 100,
          });
        return sampleScenario({
          repetition: n,
          clients: [
            sampleClient({
              transfers: [
                read('read-begin', 208, 0.9),
                read('read-end', 8748, 7),
                read('read-bulk', 30_000_000, bulkMbPerSecond),
                read('read-bulk', 20_000_000, bulkMbPerSecond),
              ],
            }),
          ],
        });
      }),
    );
  const image = 'smb Images\\Linux\\sample.wim';
  const { figures, regressed } = compareResults(boots(60), boots(20));
  expect(figures.map(({ name, judgement, base }) => [name, judgement, base.repeats])).toEqual([
    [`${image} read-begin`, 'same', 4],
    [`${image} read-end`, 'same', 4],
    [`${image} read-bulk`, 'worse', 4],
  ]);
  expect(figures[2]?.ratio).toBeCloseTo(1 / 3, 2);
  expect(regressed).toBe(true);
});

test('a comparison reads worst first', () => {
  const lines = comparisonLines(compareResults(repeated([3000, 3100, 3200, 3300]), repeated([4000, 4100, 4200, 4300])));
  expect(lines[0]).toMatch(/^worse +wds\/install-bios pc +dhcp +3\.15 s → 4\.15 s +× 1\.32 +p 0\.029$/);
  expect(lines.at(-1)).toBe('1 worse, 1 same (tcg)');
});

test('a speed that has collapsed shows by how much, and not zero', () => {
  const phases = [3000, 3100, 3200, 3300];
  const compared = compareResults(repeated(phases, [9, 9.1, 9.2, 9.3]), repeated(phases, [0.04, 0.041, 0.042, 0.043]));
  expect(comparisonLines(compared)[0]).toMatch(/^worse .* 9\.15 MB\/s → 0\.04 MB\/s +× 0\.0045 +p 0\.029$/);
});

test('the test agrees with published values and is symmetric', () => {
  // Exact two-sided p of two fully separated samples: 2 / C(n + m, n).
  expect(mannWhitneyP([1, 2, 3, 4], [5, 6, 7, 8])).toBeCloseTo(2 / 70, 12);
  expect(mannWhitneyP([1, 1, 1, 1], [1, 1, 1, 1])).toBe(1);
  expect(
    mannWhitneyP(
      Array.from({ length: 20 }, (_, n) => n),
      Array.from({ length: 20 }, (_, n) => n + 100),
    ),
  ).toBeLessThan(1e-6);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
  const sample = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      const p = mannWhitneyP(a, b);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(mannWhitneyP(b, a)).toBeCloseTo(p, 9);
    }),
  );
});

test('shards become one valid result: worst verdict, whole time, no attempt lost', () => {
  const one = sampleResult([goodBoot(), skippedScenario()], {
    startedAt: '2026-03-02T09:00:00.000Z',
    durationMs: 60_000,
  });
  const two = sampleResult([failedBoot(), goodBoot()], { startedAt: '2026-03-02T09:00:10.000Z', durationMs: 70_000 });
  const merged = mergeResults([
    two,
    { ...one, host: { ...one.host, cpus: 1, versions: { ...one.host.versions, qemu: '9.2.0' } } },
  ]);
  expect(resultSchema.parse(merged)).toEqual(merged);
  expect(merged).toMatchObject({
    verdict: 'failed',
    startedAt: '2026-03-02T09:00:00.000Z',
    durationMs: 80_000,
    host: { cpus: 1, versions: { qemu: '9.2.0, 10.0.2' } },
  });
  expect(merged.scenarios.map(({ id, attempt }) => `${id} ${attempt}`)).toEqual([
    'pxe/arm64 1',
    'pxe/boot-file-missing[firmware=uefi] 1',
    'wds/install-bios 1',
    'wds/install-bios 2',
  ]);
  expect(() => mergeResults([])).toThrow('expected at least one result, got none');
});

test('a share whose clients are all programs merges with one that ran VMs, whose accelerator counts', () => {
  const played = under(sampleResult([goodBoot()]), 'none');
  const merged = mergeResults([played, sampleResult([failedBoot()])]);
  expect(merged.host).toMatchObject({ accel: 'tcg', accelReason: sampleResult([]).host.accelReason });
  expect(merged.scenarios).toHaveLength(2);
  expect(mergeResults([played]).host.accel).toBe('none');
});

test('shards that were dealt out differently are refused, and missing ones are named', () => {
  const shard = (n: number, of: number, partition = 'aaaa'): Result => ({
    ...sampleResult([goodBoot()]),
    shard: { n, of, partition },
  });
  expect(missingShards([shard(1, 4), shard(3, 4)])).toEqual([2, 4]);
  expect(missingShards([mixedResult(), mixedResult()])).toEqual([]);
  expect(mergeResults([shard(1, 2), shard(2, 2)]).shard).toBeUndefined();
  expect(() => mergeResults([shard(1, 2), shard(2, 2, 'bbbb')])).toThrow(IncomparableResultsError);
  expect(() => mergeResults([shard(1, 2), shard(2, 3)])).toThrow(
    'expected shards of one run, got shard 1/2 and shard 2/3, which were dealt out differently',
  );
});
