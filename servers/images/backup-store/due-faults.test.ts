import { expect, it } from 'vitest';
import { countPacks, countsBackups, dueFaults, goesAway, isGoneAtFirst } from './due-faults.ts';
import { parseRequest } from './request-log.ts';

const ID = '5a5c3e783ae9573876a779fef3301d7e9b4547c2073f1cac35c8d40289a2392e';

/** Requests as restic-rest-server 0.13.0 logs them. */
const requests = (...lines: readonly [method: string, path: string, status: number][]) =>
  lines.flatMap(
    ([method, path, status]) =>
      parseRequest(`172.22.52.10 - - [28/Nov/2026:08:46:32 +0000] "${method} ${path} HTTP/1.1" ${status} 0 "" "Go"`) ??
      [],
  );

/** The number of requests after which the store goes away, if it does. */
function away(gone: NonNullable<Parameters<typeof goesAway>[0]['gone']>, seen: ReturnType<typeof requests>) {
  let counts = { writes: 0, reads: 0 };
  const index = seen.findIndex((request) => {
    const before = counts;
    counts = countPacks(counts, request);
    return goesAway({ gone }, before, counts);
  });
  return index < 0 ? undefined : index + 1;
}

it('faults come with the backup that they are for, and a lock may be there before any', () => {
  const misbehave = { 'stale-lock': 0, 'damage-pack': 2, 'remove-index': 2 };
  expect([0, 1, 2, 3].map((backups) => dueFaults(misbehave, backups))).toEqual([
    ['stale-lock'],
    [],
    ['damage-pack', 'remove-index'],
    [],
  ]);
  expect([countsBackups(misbehave), countsBackups({ 'stale-lock': 0 }), countsBackups({})]).toEqual([
    true,
    false,
    false,
  ]);
});

it('the store goes away after so many packs, and nothing else counts', () => {
  const seen = requests(
    ['GET', '/snapshots/', 200],
    ['POST', `/data/${ID}`, 507],
    ['POST', `/data/${ID}`, 200],
    ['GET', '/data/', 200],
    ['POST', `/index/${ID}`, 200],
    ['GET', `/data/${ID}`, 206],
    ['POST', `/data/${ID}`, 200],
    ['GET', `/data/${ID}`, 206],
    ['GET', `/data/${ID}`, 404],
    ['POST', `/data/${ID}`, 200],
  );
  expect(away({ 'after-writes': 2 }, seen)).toBe(7);
  expect(away({ 'after-reads': 2 }, seen)).toBe(8);
  expect(away({ 'after-reads': 3 }, seen)).toBeUndefined();
  expect(away({ 'after-writes': 0 }, seen)).toBeUndefined();
  expect([{ 'after-writes': 0 }, { 'after-reads': 1 }].map((gone) => isGoneAtFirst({ gone }))).toEqual([true, false]);
});
