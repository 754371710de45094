import { expect, it } from 'vitest';
import { backupTimeOf } from '../backup-store/manifest.ts';
import { dueClients, dueLine, dueTable } from './due.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const DAY = { everyMs: 86_400_000, nowMs: NOW };
const backup = (client: string, id: string, state: 'complete' | 'unfinished' | 'incomplete' = 'complete') => ({
  client,
  id,
  state,
  beganAt: backupTimeOf(id) ?? '',
  isFromFuture: id.startsWith('9999'),
});
const attempt = (client: string, outcome: 'failed' | 'running') => ({ client, outcome, kind: 'backup' }) as const;

it('is due an interval after the newest complete backup', () => {
  const backups = [
    backup('late', '20261125T110000Z'),
    backup('late', '20261128T110000Z', 'unfinished'),
    backup('pc', '20261127T150000Z'),
    backup('pc', '20261128T110000Z'),
  ];
  const clients = dueClients(backups, [], DAY);
  expect(clients).toEqual([
    { client: 'late', newest: '20261125T110000Z', dueAt: '2026-11-26T11:00:00.000Z', state: 'overdue' },
    { client: 'pc', newest: '20261128T110000Z', dueAt: '2026-11-29T11:00:00.000Z', state: 'due later' },
  ]);
  expect(dueTable(clients, NOW)).toEqual([
    'CLIENT  NEWEST            DUE                   STATE',
    'late    20261125T110000Z  2026-11-26T11:00:00Z  overdue for 2 d',
    'pc      20261128T110000Z  2026-11-29T11:00:00Z  due in 23 h',
  ]);
  expect(clients.map((one) => dueLine(one, NOW))).toEqual([
    'late: next backup overdue for 2 d (2026-11-26T11:00:00Z)',
    'pc: next backup due in 23 h (2026-11-29T11:00:00Z)',
  ]);
});

it('is overdue for a client whose attempts all failed, and under way while one goes on', () => {
  const clients = dueClients(
    [backup('busy', '20261101T000000Z')],
    [attempt('new', 'failed'), attempt('busy', 'running'), attempt('first', 'running')],
    DAY,
  );
  expect(clients.map(({ client, state }) => [client, state])).toEqual([
    ['busy', 'under way'],
    ['first', 'under way'],
    ['new', 'overdue'],
  ]);
  expect(clients.map((one) => dueLine(one, NOW))).toContain('new: next backup overdue: it has no complete one');
});

it('takes no backup from the future for the newest one', () => {
  const backups = [backup('pc', '20261125T110000Z'), backup('pc', '99990101T000000Z'), backup('v', '99990101T000000Z')];
  expect(dueClients(backups, [], DAY)).toEqual([
    { client: 'pc', newest: '20261125T110000Z', dueAt: '2026-11-26T11:00:00.000Z', state: 'overdue' },
    { client: 'v', state: 'overdue' },
  ]);
});
