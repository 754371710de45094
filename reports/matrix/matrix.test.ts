import { describe, expect, it } from 'vitest';
import type { MatrixSummary, Verdict } from '../result.ts';
import { mergeResults } from '../merge.ts';
import { sampleResult, sampleScenario } from '../testing/sample-results.ts';
import { explainFailures } from './explain-failures.ts';
import { gridOf } from './grid.ts';
import { bootedMatrices } from './matrix-boots.ts';

const AXES = { firmware: ['bios', 'uefi'], nic: ['e1000', 'i82559c', 'pcnet'], cpus: ['1', '2'] };
const SUMMARY: MatrixSummary = {
  scenario: 'pxe/x',
  axes: AXES,
  choose: 'all',
  bootable: 10,
  booted: 10,
  leftOut: [{ values: { firmware: 'uefi', nic: 'i82559c' }, why: 'it has no driver', combinations: 2 }],
};

type Point = Readonly<Record<'firmware' | 'nic' | 'cpus', string>>;

/** A result with one boot for every combination that is not left out. */
function booted(verdictOf: (point: Point) => Verdict) {
  const scenarios = AXES.firmware.flatMap((firmware) =>
    AXES.nic.flatMap((nic) =>
      AXES.cpus
        .filter(() => firmware !== 'uefi' || nic !== 'i82559c')
        .map((cpus) => {
          const matrix = { firmware, nic, cpus };
          const id = `pxe/x[firmware=${firmware},nic=${nic},cpus=${cpus}]`;
          return sampleScenario({ id, matrix, verdict: verdictOf(matrix) });
        }),
    ),
  );
  return sampleResult([sampleScenario({ id: 'pxe/other' }), ...scenarios], { matrices: [SUMMARY] });
}

const only = (verdictOf: (point: Point) => Verdict) => {
  const [matrix] = bootedMatrices(booted(verdictOf));
  if (matrix === undefined) throw new Error('expected a matrix');
  return matrix;
};

const failedIf = (failed: boolean): Verdict => (failed ? 'failed' : 'passed');

describe('what explains the failures of a matrix', () => {
  it.each<[string, (point: Point) => Verdict, string[]]>([
    [
      'a single value',
      ({ nic }) => failedIf(nic === 'pcnet'),
      ['all 4 failures have nic=pcnet; no boot with it passed'],
    ],
    [
      'a single value in a broken lab',
      ({ cpus }) => (cpus === '2' ? 'error' : 'passed'),
      ['all 5 failures have cpus=2; no boot with it passed'],
    ],
    [
      'two values together',
      ({ nic, firmware }) => failedIf(nic === 'pcnet' && firmware === 'uefi'),
      ['all 2 failures have firmware=uefi and nic=pcnet; no boot with both passed'],
    ],
    [
      'a value that most failures would not have by chance',
      ({ nic, firmware, cpus }) =>
        failedIf(nic !== 'e1000' && firmware === 'bios' && (nic === 'pcnet' || cpus === '1')),
      ['all 3 failures have firmware=bios; 3 boots with it passed'],
    ],
    ['nothing, when all failed', () => 'failed', []],
    ['nothing, when all passed', () => 'passed', []],
    ['nothing, when failures have nothing in common', ({ nic }) => failedIf(nic !== 'e1000'), []],
    [
      'no value of a boot that was skipped',
      ({ nic, firmware }) => (firmware === 'uefi' ? 'skipped' : failedIf(nic === 'pcnet')),
      ['all 2 failures have nic=pcnet; no boot with it passed'],
    ],
  ])('is %s', (_, verdictOf, told) => expect(explainFailures(only(verdictOf))).toEqual(told));
});

describe('the grid of a matrix', () => {
  it('has a cell for each combination, and says why a cell has no boot', () => {
    const grid = gridOf(
      only(({ cpus }) => failedIf(cpus === '2')),
      new Set(),
    );
    expect(grid).toMatchObject({ rowAxes: ['firmware', 'cpus'], columnAxis: 'nic', columns: AXES.nic });
    expect(
      grid.rows.map(({ values, cells }) => [...values, ...cells.map(({ verdict, why }) => verdict ?? why)]),
    ).toEqual([
      ['bios', '1', 'passed', 'passed', 'passed'],
      ['bios', '2', 'failed', 'failed', 'failed'],
      ['uefi', '1', 'passed', 'it has no driver', 'passed'],
      ['uefi', '2', 'failed', 'it has no driver', 'failed'],
    ]);
    // Each cell leads to its boot: the scenario before the matrix's has number 0.
    expect(grid.rows[0]?.cells[0]?.boots).toMatchObject([{ scenario: 1, values: { nic: 'e1000', cpus: '1' } }]);
  });

  it('puts the boots of a folded axis into one cell, with the worst verdict', () => {
    const matrix = only(({ cpus }) => failedIf(cpus === '2'));
    const grid = gridOf(matrix, new Set(['cpus', 'nic']));
    expect(grid.columns).toEqual(['bios', 'uefi']);
    expect(grid.rows).toMatchObject([{ values: [], cells: [{ verdict: 'failed' }, { verdict: 'failed' }] }]);
    expect(grid.rows[0]?.cells.map(({ boots }) => boots.length)).toEqual([6, 4]);
    expect(gridOf(matrix, new Set(Object.keys(AXES))).rows[0]?.cells[0]?.boots).toHaveLength(10);
  });
});

describe('results of shards', () => {
  it('have one matrix together', () => {
    const whole = booted(() => 'passed');
    const shards = [0, 1].map((n) => ({
      ...whole,
      scenarios: whole.scenarios.filter((_, index) => index % 2 === n),
    }));
    const merged = mergeResults(shards);
    expect(merged.matrices).toEqual([SUMMARY]);
    expect(bootedMatrices(merged)[0]?.boots).toHaveLength(10);
  });
});
