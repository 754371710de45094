import { afterEach, expect, it, vi } from 'vitest';
import type { BootNeed } from './packer.ts';
import { runPacked, type Waiting } from './run-packed.ts';

afterEach(() => void vi.useRealTimers());

/** Boots that end when they are told to. */
function boots(needs: Readonly<Record<string, BootNeed>>) {
  const running = new Map<string, () => void>();
  const order: string[] = [];
  const list = Object.entries(needs).map(([id, need]) => ({
    id,
    need: () => need,
    run: () =>
      new Promise<string>((resolve) => {
        order.push(id);
        running.set(id, () => {
          running.delete(id);
          resolve(`${id} is over`);
        });
      }),
  }));
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  return {
    list,
    order,
    running: () => [...running.keys()],
    end: async (id: string): Promise<void> => {
      running.get(id)?.();
      await turn();
    },
  };
}

it('runs each as soon as there is room, says who waits and why, and keeps the order of the results', async () => {
  const told: (Waiting | undefined)[] = [];
  const small = { cores: 1, memoryMiB: 100 };
  const { list, running, order, end } = boots({ a: small, b: { cores: 1, memoryMiB: 950 }, c: small, d: small });
  const over = runPacked(
    list,
    () => ({ kind: 'measured', cores: 2, memoryMiB: 1000 }),
    (waiting) => told.push(waiting),
  );
  expect(running()).toEqual(['a', 'c']);
  expect(told.at(-1)).toEqual({
    count: 2,
    first: 'b',
    why: { what: 'memory', text: 'it needs 950 MiB, and running boots have 100 of 1000 MiB' },
  });
  await end('a');
  expect(running()).toEqual(['c', 'd']);
  await end('d');
  await end('c');
  expect(running()).toEqual(['b']);
  expect(told.at(-1)).toBeUndefined();
  await end('b');
  expect(await over).toEqual(['a is over', 'b is over', 'c is over', 'd is over']);
  expect(order).toEqual(['a', 'c', 'd', 'b']);
});

it('runs one at a time while other work has the cores, and several once they are idle', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const small = { cores: 0.5, memoryMiB: 100 };
  const { list, running, end } = boots({ a: small, b: small, c: small, d: small, e: small });
  let idleCores = 0;
  const told: (Waiting | undefined)[] = [];
  const over = runPacked(
    list,
    () => ({ kind: 'measured', cores: 2, memoryMiB: 1000, idleCores }),
    (waiting) => told.push(waiting),
  );
  expect(running()).toEqual(['a']);
  expect(told.at(-1)).toEqual({
    count: 4,
    first: 'b',
    why: { what: 'cores', text: 'it keeps 0.5 cores busy, and 0.0 of 2 are idle on this host' },
  });
  vi.advanceTimersByTime(60_000);
  expect(running()).toEqual(['a']);
  // Of one idle core two boots take all; that they have begun is not yet in the figure.
  idleCores = 1;
  vi.advanceTimersByTime(1000);
  expect(running()).toEqual(['a', 'b', 'c']);
  vi.advanceTimersByTime(3000);
  expect(running()).toEqual(['a', 'b', 'c']);
  idleCores = 0;
  vi.advanceTimersByTime(60_000);
  expect(running()).toEqual(['a', 'b', 'c']);
  for (const id of 'abcde') await end(id);
  await over;
  expect(vi.getTimerCount()).toBe(0);
});

it('ends at once when there is nothing to run', async () =>
  expect(await runPacked([], () => ({ kind: 'workers', workers: 1 }))).toEqual([]));
