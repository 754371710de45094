import { describe, expect, it } from 'vitest';
import { DeadlineError } from '../deadline.ts';
import { saveState, SavedStateError } from './saved-state.ts';

/** Answers each command with its next answer, the last one again and again; and what was asked. */
function monitor(answers: Readonly<Record<string, readonly unknown[]>>) {
  const asked: string[] = [];
  const execute = (command: string): Promise<unknown> => {
    const given = answers[command] ?? [{}];
    const answer = given[Math.min(asked.filter((one) => one === command).length, given.length - 1)];
    asked.push(command);
    return Promise.resolve(answer);
  };
  return { asked, execute };
}

// What QEMU 10.0 answered while it wrote a state, one after the other.
const ACTIVE = { status: 'active' };
const COMPLETED = { status: 'completed' };
const FINISHING = { status: 'finish-migrate', running: false };
const FINISHED = { status: 'postmigrate', running: false };

describe('saveState', () => {
  it('ends when QEMU takes `cont` again, which is after it has written the state', async () => {
    const qmp = monitor({ 'query-migrate': [ACTIVE, COMPLETED], 'query-status': [FINISHING, FINISHING, FINISHED] });
    await saveState(qmp, '/state', 1000);
    expect(qmp.asked).toEqual([
      'migrate-set-parameters',
      'migrate',
      'query-migrate',
      'query-migrate',
      'query-status',
      'query-status',
      'query-status',
    ]);
  });

  it('has QEMU’s reason, or says for what it waited', async () => {
    const failed = { status: 'failed', 'error-desc': 'Unable to write to socket' };
    await expect(saveState(monitor({ 'query-migrate': [ACTIVE, failed] }), '/state', 1000)).rejects.toThrow(
      new SavedStateError('state of a VM to be written to /state: QEMU failed: Unable to write to socket'),
    );
    const stuck = monitor({ 'query-migrate': [COMPLETED], 'query-status': [FINISHING] });
    const refusal = await saveState(stuck, '/state', 20).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DeadlineError);
    expect(String(refusal)).toContain('QEMU to be done with the state of a VM in /state');
  });
});
