import { repetitionName } from './attempts.ts';
import type { Result } from './result.ts';
import { worstVerdict } from './worst-verdict.ts';

/** Results that cannot be put side by side: they ran under different accelerators, or there are no results. */
export class IncomparableResultsError extends Error {
  readonly accels: readonly string[];

  constructor(message: string, accels: readonly string[]) {
    super(message);
    this.name = 'IncomparableResultsError';
    this.accels = accels;
  }
}

/**
 * The one accelerator of several Results; throws when there are two: figures under kvm and tcg differ for reasons that
 * no report may hide.
 */
export function commonAccel(results: readonly Result[]): Result['host']['accel'] {
  const accels = [...new Set(results.map(({ host }) => host.accel))];
  const [accel] = accels;
  if (accel === undefined) throw new IncomparableResultsError('expected at least one result, got none', []);
  if (accels.length > 1)
    throw new IncomparableResultsError(
      `expected results under one accelerator, got ${accels.join(' and ')}: their times cannot be compared${accels.includes('none') ? ' ("none": every client is a program, and no VM ran)' : `; run again with --accel ${accel}`}`,
      accels,
    );
  return accel;
}

/** Throws when the results are shards that were dealt out differently: a scenario may then have run twice, or never. */
function assertSamePartition(results: readonly Result[]): void {
  const shards = results.flatMap(({ shard }) => shard ?? []);
  const [first] = shards;
  if (first === undefined) return;
  const other = shards.find(({ of, partition }) => of !== first.of || partition !== first.partition);
  if (other !== undefined)
    throw new IncomparableResultsError(
      `expected shards of one run, got shard ${first.n}/${first.of} and shard ${other.n}/${other.of}, which were dealt out differently: scenarios may have run twice or never; give every host the same scenarios, filters and --shard-durations`,
      [],
    );
}

/** The numbers of shards that are missing among results of one run. */
export function missingShards(results: readonly Result[]): number[] {
  const shards = results.flatMap(({ shard }) => shard ?? []);
  return Array.from({ length: shards[0]?.of ?? 0 }, (_, index) => index + 1).filter((n) =>
    shards.every((shard) => shard.n !== n),
  );
}

/**
 * One Result of the shards of one run: all scenarios in the order of their ids and attempts, worst verdict, first
 * start, and the time from the first start to the last end (shards run side by side, so their durations do not add up).
 * Versions that differ between shards are listed together. A repetition and attempt that several shards ran is kept
 * under the next free attempt numbers. Throws where shards were dealt out differently.
 */
export function mergeResults(results: readonly Result[]): Result {
  assertSamePartition(results);
  // In a share whose clients are all programs no VM ran: it fits to any accelerator, as such scenarios of a whole run do.
  const withVms = results.filter(({ host }) => host.accel !== 'none');
  const judged = withVms.length > 0 ? withVms : results;
  const accel = commonAccel(judged);
  const ordered = [...results].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const [first] = ordered;
  if (first === undefined) throw new IncomparableResultsError('expected at least one result, got none', []);
  const startMs = Date.parse(first.startedAt);
  const endMs = Math.max(...ordered.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs));
  const attempts = new Map<string, number>();
  const scenarios = ordered
    .flatMap((result) => result.scenarios)
    .sort(
      (a, b) =>
        Number(a.id > b.id) - Number(a.id < b.id) || (a.repetition ?? 0) - (b.repetition ?? 0) || a.attempt - b.attempt,
    )
    .map((scenario) => {
      const attempt = Math.max(scenario.attempt, (attempts.get(repetitionName(scenario)) ?? 0) + 1);
      attempts.set(repetitionName(scenario), attempt);
      return { ...scenario, attempt };
    });
  // Shards of one run expanded the same matrices.
  const matrices = new Map(
    ordered.flatMap((result) => result.matrices ?? []).map((matrix) => [matrix.scenario, matrix]),
  );
  return {
    schema: 1,
    verdict: worstVerdict(ordered.map(({ verdict }) => verdict)),
    startedAt: first.startedAt,
    durationMs: Number.isFinite(endMs - startMs)
      ? endMs - startMs
      : ordered.reduce((sum, { durationMs }) => sum + durationMs, 0),
    host: {
      accel,
      accelReason: [...new Set(judged.map(({ host }) => host.accelReason))].join('; '),
      // The smallest host of the shards: every scenario had at least that much.
      cpus: Math.min(...ordered.map(({ host }) => host.cpus)),
      memoryMiB: Math.min(...ordered.map(({ host }) => host.memoryMiB)),
      versions: mergedVersions(ordered),
    },
    ...(matrices.size > 0 ? { matrices: [...matrices.values()] } : {}),
    scenarios,
  };
}

function mergedVersions(results: readonly Result[]): Record<string, string> {
  const names = [...new Set(results.flatMap(({ host }) => Object.keys(host.versions)))];
  return Object.fromEntries(
    names.map((name) => [name, [...new Set(results.flatMap(({ host }) => host.versions[name] ?? []))].join(', ')]),
  );
}
