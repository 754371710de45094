import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeQmpServer, type FakeQmpServer } from '../../testing/fake-qmp-server.ts';
import { QmpClient } from '../qmp/client.ts';
import { untilConcluded } from './block-job.ts';

let server: FakeQmpServer;
let qmp: QmpClient;
beforeEach(async () => {
  server = await fakeQmpServer();
  qmp = new QmpClient(server.socket, { onEvent: () => undefined });
});
afterEach(() => server.close());

const JOB = { id: 'job', type: 'backup', 'current-progress': 65536, 'total-progress': 131072 };

/** Answers one command after the other; gives their names. */
async function answer(...answers: unknown[]): Promise<string[]> {
  const commands: string[] = [];
  for (const value of answers) {
    const { execute, id } = await server.command();
    commands.push(execute);
    server.say({ return: value, id });
  }
  return commands;
}

describe('untilConcluded', () => {
  it("gives QEMU's reason when a job failed, and takes it from the list", async () => {
    const waits = untilConcluded(qmp, 'job', { deadlineMs: 10_000 });
    const rejected = expect(waits).rejects.toThrow(/^job job failed: No space left on device$/);
    const running = [{ ...JOB, status: 'running' }];
    const failed = [{ ...JOB, status: 'concluded', error: 'No space left on device' }];
    expect(await answer(running, failed, {})).toEqual(['query-jobs', 'query-jobs', 'job-dismiss']);
    await rejected;
  });

  it('says so when the job is gone', async () => {
    const rejected = expect(untilConcluded(qmp, 'job', { deadlineMs: 10_000 })).rejects.toThrow(
      "job job is not in QEMU's list of jobs any more",
    );
    await answer([{ ...JOB, id: 'another', status: 'running' }]);
    await rejected;
  });

  it('rejects with the reason of a signal after the job has ended', async () => {
    const abort = new AbortController();
    const waits = untilConcluded(qmp, 'job', { deadlineMs: 10_000, signal: abort.signal });
    const rejected = expect(waits).rejects.toThrow('not wanted any more');
    abort.abort(new Error('not wanted any more'));
    const running = [{ ...JOB, status: 'running' }];
    const ended = [{ ...JOB, status: 'concluded', error: 'Operation canceled' }];
    expect(await answer(running, {}, running, ended, {})).toEqual([
      'query-jobs',
      'job-cancel',
      'query-jobs',
      'query-jobs',
      'job-dismiss',
    ]);
    await rejected;
  });
});
