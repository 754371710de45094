import { describe, expect, it } from 'vitest';
import { StackClosedError, TaskStack, TeardownError, type Task } from './task.ts';

describe('TaskStack', () => {
  const recorder = (): { log: string[]; task: (name: string, fails?: 'setup' | 'teardown') => Task } => {
    const log: string[] = [];
    return {
      log,
      task: (name, fails) => ({
        title: name,
        setup: () => {
          log.push(`+${name}`);
          return fails === 'setup' ? Promise.reject(new Error(`${name} refused`)) : Promise.resolve();
        },
        teardown: () => {
          log.push(`-${name}`);
          return fails === 'teardown' ? Promise.reject(new Error(`${name} stuck`)) : Promise.resolve();
        },
      }),
    };
  };

  it('takes resources down in the reverse of their order', async () => {
    const { log, task } = recorder();
    const stack = new TaskStack();
    for (const name of ['bridge', 'capture', 'vm']) await stack.add(task(name));
    expect(await stack.unwind()).toEqual([]);
    expect(log).toEqual(['+bridge', '+capture', '+vm', '-vm', '-capture', '-bridge']);
  });

  it('undoes a setup that failed half-way, and keeps its error', async () => {
    const { log, task } = recorder();
    const stack = new TaskStack();
    await stack.add(task('bridge'));
    await expect(
      stack.add({ title: 'files', setup: () => Promise.reject(new Error('no space left')) }),
    ).rejects.toThrow('files: no space left');
    await expect(stack.add(task('tftp', 'setup'))).rejects.toThrow(/^tftp refused$/);
    await stack.unwind();
    expect(log).toEqual(['+bridge', '+tftp', '-tftp', '-bridge']);
  });

  it('goes on when a teardown fails, and names what is left', async () => {
    const { log, task } = recorder();
    const stack = new TaskStack();
    await stack.add(task('bridge'));
    await stack.add(task('smb', 'teardown'));
    const errors = await stack.unwind();
    expect(log).toEqual(['+bridge', '+smb', '-smb', '-bridge']);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(TeardownError);
    expect(errors[0]?.message).toBe('taking down smb: smb stuck');
  });

  it('sets nothing up any more once it is being taken down', async () => {
    const { log, task } = recorder();
    const stack = new TaskStack();
    await stack.add(task('bridge'));
    await stack.unwind();
    await expect(stack.add(task('vm'))).rejects.toThrow(new StackClosedError('vm'));
    expect(log).toEqual(['+bridge', '-bridge']);
  });

  it('reports to an observer and keeps the timings of tasks that came up', async () => {
    const seen: string[] = [];
    const { task } = recorder();
    const stack = new TaskStack(({ title, state }) => seen.push(`${title} ${state}`));
    await stack.add(task('bridge'));
    await stack.add(task('dhcp', 'setup')).catch(() => undefined);
    await stack.unwind();
    expect(seen).toEqual([
      'bridge start',
      'bridge done',
      'dhcp start',
      'dhcp failed',
      'dhcp stopped',
      'bridge stopped',
    ]);
    expect(stack.timings.map(({ title }) => title)).toEqual(['bridge']);
  });
});
