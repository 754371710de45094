import { expect, it } from 'vitest';
import { agentsWord } from './agent-job.ts';

const said = (event: string, detail: Record<string, unknown> = {}, diskRole?: 'backup' | 'restore' | 'work') =>
  agentsWord({ name: 'pc', ...(diskRole === undefined ? {} : { diskRole }) }, { event, detail });
const ID = '20261128T100000Z';

it('begins with the store where the role is known, else with the disk', () => {
  expect(said('agent.screen', { name: 'store' }, 'restore')).toEqual({ begins: 'restore' });
  expect(said('agent.screen', { name: 'store' })).toBeUndefined();
  expect(said('agent.screen', { name: 'backup' }, 'backup')).toBeUndefined();
  expect(said('agent.backup-found', { disk: '/dev/vda' }, 'work')).toEqual({ begins: 'backup' });
  expect(said('agent.snapshot', { state: 'taken', id: ID }, 'work')).toEqual({ begins: 'backup' });
  expect(said('agent.snapshot', { state: 'removed', id: ID }, 'work')).toBeUndefined();
  expect(said('agent.restore', { partition: 1 })).toEqual({ begins: 'restore' });
});

it('ends with the backup, whose may be another client’s, or with the agent’s reason', () => {
  expect(said('agent.backed-up', { id: ID, bytes: 5 })).toEqual({
    ends: { outcome: 'done', backup: `pc/${ID}`, bytes: 5 },
  });
  expect(said('agent.restored', { id: ID, client: 'old', bytes: 5 })).toMatchObject({ ends: { backup: `old/${ID}` } });
  expect(said('agent.result', { ok: false, error: 'the store is full' })).toEqual({
    ends: { outcome: 'failed', reason: 'the store is full' },
  });
  expect(said('agent.backup-failed', { error: 'the snapshot overflowed' })).toEqual({
    ends: { outcome: 'failed', reason: 'the snapshot overflowed' },
  });
  expect(said('agent.result', { ok: true })).toBeUndefined();
});

it('takes nothing from a guest that no backup can have', () => {
  expect(said('agent.backed-up', { id: '../x', bytes: -1 })).toEqual({ ends: { outcome: 'done' } });
  expect(said('agent.restored', { id: ID, client: 'x'.repeat(300), bytes: '1' })).toEqual({
    ends: { outcome: 'done' },
  });
  expect(said('agent.result', { ok: false, error: 1 })).toMatchObject({ ends: { outcome: 'failed' } });
});
