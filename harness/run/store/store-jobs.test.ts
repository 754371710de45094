import { describe, expect, it } from 'vitest';
import { untilMs } from './store-jobs.ts';

describe('untilMs', () => {
  it('does not end before its time', async () => {
    const never = new Promise<never>(() => undefined);
    const earlyMs = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const atMs = performance.now() + index * 0.37;
        await untilMs(atMs, never);
        return Math.max(0, atMs - performance.now());
      }),
    );
    expect(Math.max(...earlyMs)).toBe(0);
  });

  it('ends when something else happens before', async () => {
    const startedMs = performance.now();
    await untilMs(startedMs + 20_000, Promise.resolve());
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
