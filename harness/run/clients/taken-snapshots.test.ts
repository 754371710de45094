import { describe, expect, it } from 'vitest';
import type { AgentRecord } from './booting-client.ts';
import { snapshotFindings, takenSnapshots } from './taken-snapshots.ts';

const ID = '20261128T151016Z';
const said = (event: string, detail: Record<string, unknown>): AgentRecord => ({ atMs: 0, event, detail });
const work = (records: number): AgentRecord => said('agent.work', { records });
const begun = said('agent.snapshot', { state: 'begun', id: ID });
const taken = said('agent.snapshot', { state: 'taken', id: ID, heldMs: 90, bytes: 65_536 });
const removed = said('agent.snapshot', { state: 'removed', id: ID, usedBytes: 4096, valid: true });
const saved = said('agent.backed-up', { id: ID });
const failed = said('agent.backup-failed', { stage: 'backup', error: 'the snapshot is lost' });

describe('the backups that an agent took of itself', () => {
  it('each hold a moment between what its program told of', () => {
    const next = '20261128T151050Z';
    expect(
      takenSnapshots([
        ...[work(10), work(20), begun, work(30), taken, work(40), work(50), saved, removed, work(60)],
        ...[begun, taken, saved, removed].map(({ event, detail = {} }) => said(event, { ...detail, id: next })),
        work(70),
      ]),
    ).toEqual([
      { id: ID, before: 20, after: 40, over: 50, wentOn: true, heldMs: 90, keptBytes: 4096, isSaved: true },
      { id: next, before: 60, after: 70, over: 60, wentOn: true, heldMs: 90, keptBytes: 4096, isSaved: true },
    ]);
  });

  it('may fail, with a snapshot, before there is one, or before the store has answered', () => {
    const told = [[begun, taken, failed, removed], [begun, failed], [failed]];
    for (const events of told) {
      const [one] = takenSnapshots([work(10), ...events, work(20)]);
      expect(one).toMatchObject({ before: 10, over: 10, wentOn: true, isSaved: false, error: 'the snapshot is lost' });
    }
  });

  it('are as many as there were to be, unless one is to fail', () => {
    const one = takenSnapshots([
      work(10),
      begun,
      taken,
      saved,
      removed,
      work(20),
      begun,
      taken,
      failed,
      removed,
      work(30),
    ]);
    expect(snapshotFindings(one, 2, false)).toEqual(['backup 2 of 2 was not taken: the snapshot is lost']);
    expect(snapshotFindings(one, 2, true)).toEqual([]);
    expect(snapshotFindings([], 1, false)).toEqual(['backup 1 of 1 was not taken: the agent did not come to it']);
  });

  it('stop nobody', () => {
    const one = takenSnapshots([work(10), begun, taken, saved, removed, work(10)]);
    expect(snapshotFindings(one, 1, false)).toEqual([`backup ${ID}: the guest wrote nothing more when it was over`]);
  });
});
