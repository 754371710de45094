import { describe, expect, it } from 'vitest';
import type { Backup, BackupState } from './catalogue.ts';
import { decideRetention, type Retention } from './retention.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-11-28T12:00:00Z');

function backup(beganAt: string, state: BackupState = 'complete', client = 'pc'): Backup {
  const id = beganAt.replaceAll(/[-:]/g, '');
  return { client, id, state, problems: [], beganAt, partitionSnapshots: [] };
}

/** When the backups began that stay. */
function kept(backups: readonly Backup[], rules: Retention): string[] {
  return decideRetention(backups, rules, { nowMs: NOW_MS, unfinishedMs: DAY_MS })
    .filter(({ keep }) => keep)
    .map(({ backup: { client, beganAt } }) => `${client} ${beganAt}`);
}

/** Two a day, from Monday 2026-11-09 to Friday 2026-11-27. */
const MANY = Array.from({ length: 19 }, (_, day) => day + 9).flatMap((day) =>
  ['06', '18'].map((hour) => backup(`2026-11-${String(day).padStart(2, '0')}T${hour}:00:00Z`)),
);

describe('decideRetention', () => {
  it.each<readonly [Retention, readonly string[]]>([
    [{ last: 2 }, ['27T06', '27T18']],
    [{ daily: 3 }, ['25T18', '26T18', '27T18']],
    // Sundays are the last days of their weeks.
    [{ weekly: 3 }, ['15T18', '22T18', '27T18']],
    [{ withinMs: 1.5 * DAY_MS }, ['26T06', '26T18', '27T06', '27T18']],
    [{ last: 1, weekly: 2 }, ['22T18', '27T18']],
    [{ weekly: 99 }, ['15T18', '22T18', '27T18']],
  ])('keeps by %j', (rules, days) => {
    expect(kept(MANY, rules)).toEqual(days.map((day) => `pc 2026-11-${day}:00:00Z`));
  });

  it('keeps every complete backup without a rule, and the newest of each client by any rule', () => {
    expect(kept(MANY, {})).toHaveLength(MANY.length);
    const two = [backup('2020-01-01T00:00:00Z', 'complete', 'old'), backup('2026-11-27T00:00:00Z')];
    expect(kept(two, { withinMs: 0 })).toEqual(['old 2020-01-01T00:00:00Z', 'pc 2026-11-27T00:00:00Z']);
  });

  it('removes an unfinished backup by its age, which is that of its newest snapshot', () => {
    const old = backup('2026-11-20T00:00:00Z', 'unfinished');
    const late = { ...old, partitionSnapshots: [{ id: 'x', time: '2026-11-28T11:00:00Z', hostname: 'pc', paths: [] }] };
    expect(kept([old], {})).toEqual([]);
    expect(kept([late], {})).toHaveLength(1);
    expect(kept([backup('2026-11-28T11:00:00Z', 'unfinished')], { last: 1 })).toHaveLength(1);
  });

  it('does not count an incomplete backup, and removes it by a rule once there is a newer complete one', () => {
    const incomplete = backup('2026-11-25T00:00:00Z', 'incomplete');
    const before = backup('2026-11-24T00:00:00Z');
    const after = backup('2026-11-26T00:00:00Z');
    expect(kept([before, incomplete], { last: 1 })).toHaveLength(2);
    expect(kept([before, incomplete, after], { last: 1 })).toEqual(['pc 2026-11-26T00:00:00Z']);
    expect(kept([before, incomplete, after], {})).toHaveLength(3);
  });

  it('keeps a complete backup from the future, and counts it for no rule', () => {
    const future = backup('9999-01-01T00:00:00Z');
    const incomplete = backup('2026-11-28T00:00:00Z', 'incomplete');
    const [before, newest] = [backup('2026-11-26T00:00:00Z'), backup('2026-11-27T00:00:00Z')];
    expect(kept([before, newest, incomplete, future], { last: 1 })).toEqual([
      'pc 2026-11-27T00:00:00Z',
      'pc 2026-11-28T00:00:00Z',
      'pc 9999-01-01T00:00:00Z',
    ]);
    // A clock that is a minute fast is none that is wrong.
    expect(kept([before, backup('2026-11-28T12:01:00Z')], { last: 1 })).toEqual(['pc 2026-11-28T12:01:00Z']);
  });
});
