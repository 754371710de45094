import { expect, it } from 'vitest';
import type { Job } from '../../state/job-log.ts';
import type { ListedBackup } from './backup-text.ts';
import { allJobs, jobTable } from './jobs.ts';

const ID = '20261128T100000Z';
const BACKUP: ListedBackup = {
  client: 'pc',
  id: ID,
  state: 'complete',
  problems: [],
  beganAt: '2026-11-28T10:00:00Z',
  endedAt: '2026-11-28T10:02:00Z',
  ageS: 0,
  isFromFuture: false,
  streamBytes: 1024,
  storedBytes: 10,
};
const JOB: Job = {
  job: '20261128T100005Z-00000000',
  kind: 'backup',
  by: 'agent',
  client: 'pc',
  backup: `pc/${ID}`,
  beganAt: '2026-11-28T10:00:05.000Z',
  endedAt: '2026-11-28T10:02:05.000Z',
  outcome: 'done',
};

it('tells a backup once, by the job that made it or by what was left', () => {
  const verification: Job = { ...JOB, kind: 'verify', by: 'command' };
  expect(allJobs([verification, JOB], [BACKUP]).map(({ kind, by }) => [kind, by])).toEqual([
    ['verify', 'command'],
    ['backup', 'agent'],
  ]);
  expect(allJobs([verification], [BACKUP])).toMatchObject([
    { kind: 'verify' },
    { kind: 'backup', backup: `pc/${ID}`, outcome: 'done', endedAt: '2026-11-28T10:02:00Z', bytes: 1024 },
  ]);
});

it('does not say of what has no manifest that it was done', () => {
  const { endedAt: _, ...cut } = BACKUP;
  const [job] = allJobs([], [{ ...cut, state: 'unfinished', problems: ['no manifest'] }]);
  expect(job).toMatchObject({ outcome: 'unfinished', reason: 'no manifest' });
  expect(job).not.toHaveProperty('endedAt');
});

it('takes what an attempt of that time has left for its own, and nothing else', () => {
  const { backup: _, ...nameless } = JOB;
  const { endedAt: __, ...cut } = BACKUP;
  const failed: Job = { ...nameless, beganAt: '2026-11-28T09:59:00Z', outcome: 'failed', reason: 'the store is full' };
  const left: ListedBackup = { ...cut, state: 'unfinished' };
  expect(allJobs([failed], [left]).map(({ outcome }) => outcome)).toEqual(['failed']);
  expect(allJobs([failed], [{ ...left, client: 'other' }])).toHaveLength(2);
  expect(allJobs([{ ...failed, endedAt: '2026-11-28T09:59:30Z' }], [left])).toHaveLength(2);
  expect(allJobs([failed], [BACKUP])).toHaveLength(2);
});

it('says how long a job took, or has been running', () => {
  const { endedAt: _, ...running } = JOB;
  const lines = jobTable(allJobs([{ ...running, outcome: 'running' }, JOB], []), Date.parse('2026-11-28T10:01:05Z'));
  expect(lines.slice(1).map((line) => line.replace(/ {2,}/g, '|'))).toEqual([
    `2026-11-28T10:00:05Z|1 min|pc|backup|agent|pc/${ID}|-|running`,
    `2026-11-28T10:00:05Z|2 min|pc|backup|agent|pc/${ID}|-|done`,
  ]);
  expect(jobTable([], 0)).toEqual(['no jobs']);
});
