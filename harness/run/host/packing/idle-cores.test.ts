import { cpus } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { idleCores, watchIdleCores } from './idle-cores.ts';

afterEach(() => void vi.useRealTimers());

describe('idle cores of a host', () => {
  it('are its idle time over the time that went by', () => {
    expect(idleCores([])).toBeUndefined();
    expect(idleCores([{ idleMs: 1000, atMs: 0 }])).toBeUndefined();
    expect(
      idleCores([
        { idleMs: 1000, atMs: 0 },
        { idleMs: 9000, atMs: 500 },
        { idleMs: 4000, atMs: 2000 },
      ]),
    ).toBe(1.5);
    // A host that does not count.
    expect(
      idleCores([
        { idleMs: 0, atMs: 0 },
        { idleMs: 0, atMs: 2000 },
      ]),
    ).toBeUndefined();
    // A kernel whose idle time goes back now and then.
    expect(
      idleCores([
        { idleMs: 1000, atMs: 0 },
        { idleMs: 900, atMs: 2000 },
      ]),
    ).toBe(0);
  });

  it('are those of the last seconds', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    let idleMs = 0;
    using idle = watchIdleCores(() => ({ idleMs, atMs: performance.now() }));
    expect(idle.now()).toBeUndefined();
    for (let second = 0; second < 10; second += 1) {
      idleMs += 2000;
      vi.advanceTimersByTime(1000);
    }
    expect(idle.now()).toBe(2);
    vi.advanceTimersByTime(2000);
    expect(idle.now()).toBe(1);
    vi.advanceTimersByTime(2000);
    expect(idle.now()).toBe(0);
  });

  it('are no more than the host has', async () => {
    using idle = watchIdleCores();
    await vi.waitFor(() => expect(idle.now()).toBeDefined(), { timeout: 10_000, interval: 100 });
    expect(idle.now()).toBeLessThanOrEqual(cpus().length * 1.1);
  });
});
