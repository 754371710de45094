import { repetitionName } from './attempts.ts';
import { reasonOf } from './findings.ts';
import { commonAccel } from './merge.ts';
import type { Result, Transfer } from './result.ts';
import { mannWhitneyP, median } from './statistics.ts';

/** One figure before and after. */
export interface ComparedFigure {
  readonly scenario: string;
  readonly client: string;
  /** `phase`: milliseconds, less is better. `transfer`: MB/s, more is better. */
  readonly kind: 'phase' | 'transfer';
  /** Phase name; or protocol and path, and what was done where that is not a `get`. */
  readonly name: string;
  readonly unit: 'ms' | 'MB/s';
  readonly base: { readonly median: number; readonly repeats: number };
  readonly next: { readonly median: number; readonly repeats: number };
  /** next / base; absent when base is zero. */
  readonly ratio?: number | undefined;
  /** Of the Mann-Whitney test; absent with too few repeats to tell. */
  readonly p?: number | undefined;
  readonly judgement: 'better' | 'worse' | 'same' | 'too few repeats';
}

/** A boot that cannot be compared: its replay was inconclusive. */
export interface InconclusiveBoot {
  readonly side: 'first' | 'second';
  readonly scenario: string;
  readonly why: string | undefined;
}

export interface Comparison {
  readonly accel: Result['host']['accel'];
  readonly figures: readonly ComparedFigure[];
  /** Figures that only one side has: `scenario client name`. */
  readonly onlyInBase: readonly string[];
  readonly onlyInNext: readonly string[];
  /** Boots without figures because their captures do not tell how they ended: no measurement, and no regression. */
  readonly inconclusive: readonly InconclusiveBoot[];
  /** Any figure is worse. */
  readonly regressed: boolean;
}

/**
 * With four repeats a side the smallest two-sided p is 2 / C(8, 4) = 0.029; with three it is 0.1, which can never fall
 * below 0.05.
 */
const MIN_REPEATS = 4;
const SIGNIFICANT_P = 0.05;
/** A change below 5 % counts as no change even when it is certain: it is too small to act on. */
const MIN_CHANGE = 0.05;

/**
 * Phases and transfers of two runs, by scenario and client, medians over the passed attempts of each. A judgement other
 * than "too few repeats" needs four repeats a side. Throws `IncomparableResultsError` for results under different
 * accelerators.
 */
export function compareResults(base: Result, next: Result): Comparison {
  const accel = commonAccel([base, next]);
  const [before, after] = [samples(base), samples(next)];
  const figures = [...before].flatMap(([key, sample]) => {
    const other = after.get(key);
    return other === undefined ? [] : [compareSamples(sample, other)];
  });
  const label = ({ scenario, client, name }: Sample): string => `${scenario} ${client} ${name}`;
  return {
    accel,
    figures,
    onlyInBase: [...before].filter(([key]) => !after.has(key)).map(([, sample]) => label(sample)),
    onlyInNext: [...after].filter(([key]) => !before.has(key)).map(([, sample]) => label(sample)),
    inconclusive: [...inconclusiveBoots(base, 'first'), ...inconclusiveBoots(next, 'second')],
    regressed: figures.some(({ judgement }) => judgement === 'worse'),
  };
}

function inconclusiveBoots({ scenarios }: Result, side: InconclusiveBoot['side']): InconclusiveBoot[] {
  return scenarios
    .filter(({ verdict }) => verdict === 'inconclusive')
    .map((scenario) => ({ side, scenario: repetitionName(scenario), why: reasonOf(scenario) }));
}

interface Sample {
  readonly scenario: string;
  readonly client: string;
  readonly kind: ComparedFigure['kind'];
  readonly name: string;
  readonly values: number[];
}

/** Only passed attempts count: a boot that failed half-way has short phases. */
function samples(result: Result): Map<string, Sample> {
  const found = new Map<string, Sample>();
  const add = (sample: Omit<Sample, 'values'>, value: number): void => {
    const key = JSON.stringify([sample.scenario, sample.client, sample.kind, sample.name]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { ...sample, values: [value] });
    else known.values.push(value);
  };
  for (const scenario of result.scenarios.filter(({ verdict }) => verdict === 'passed')) {
    for (const client of scenario.clients) {
      const whose = { scenario: scenario.id, client: client.name };
      for (const [name, ms] of Object.entries(client.phases)) add({ ...whose, kind: 'phase', name }, ms);
      // One boot is one repeat: what it transferred in several pieces is one figure.
      for (const [name, pieces] of Map.groupBy(client.transfers, transferName)) {
        const mbPerSecond = overallSpeed(pieces);
        if (mbPerSecond !== undefined) add({ ...whose, kind: 'transfer', name }, mbPerSecond);
      }
    }
  }
  return found;
}

/** Transfers of one name are of one kind: a look at a file's header is not a repeat of reading the file. */
function transferName({ protocol, path, operation = 'get' }: Transfer): string {
  return `${protocol} ${path}${operation === 'get' ? '' : ` ${operation}`}`;
}

/** Bytes of all pieces by the time of all; undefined where none took any time, as in one frame. */
function overallSpeed(pieces: readonly Transfer[]): number | undefined {
  const timed = pieces.filter(({ mbPerSecond }) => mbPerSecond > 0);
  const bytes = timed.reduce((sum, transfer) => sum + transfer.bytes, 0);
  const time = timed.reduce((sum, transfer) => sum + transfer.bytes / transfer.mbPerSecond, 0);
  return time === 0 ? undefined : bytes / time;
}

function compareSamples(base: Sample, next: Sample): ComparedFigure {
  const medians = { base: median(base.values), next: median(next.values) };
  const ratio = medians.base === 0 ? undefined : medians.next / medians.base;
  const p =
    Math.min(base.values.length, next.values.length) < MIN_REPEATS ? undefined : mannWhitneyP(base.values, next.values);
  return {
    scenario: base.scenario,
    client: base.client,
    kind: base.kind,
    name: base.name,
    unit: base.kind === 'phase' ? 'ms' : 'MB/s',
    base: { median: medians.base, repeats: base.values.length },
    next: { median: medians.next, repeats: next.values.length },
    ratio,
    p,
    judgement: p === undefined ? 'too few repeats' : judge(base.kind, medians, ratio, p),
  };
}

function judge(
  kind: ComparedFigure['kind'],
  medians: { readonly base: number; readonly next: number },
  ratio: number | undefined,
  p: number,
): ComparedFigure['judgement'] {
  const small = ratio === undefined ? medians.next === 0 : Math.abs(ratio - 1) < MIN_CHANGE;
  if (p >= SIGNIFICANT_P || small) return 'same';
  return medians.next > medians.base === (kind === 'phase') ? 'worse' : 'better';
}
