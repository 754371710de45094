import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { lastLines } from '../../lab/last-lines.ts';
import { createIdleWatch, untilIdle } from './idle-watch.ts';

afterEach(() => vi.useRealTimers());

it('is idle when nothing was counted for the whole time, and not before; whatever moves begins it anew', () => {
  const watch = createIdleWatch(10_000, 0);
  const looks: readonly (readonly [count: number, nowMs: number])[] = [
    [0, 9999],
    [3, 9999],
    [3, 19_998],
    [3, 19_999],
    [4, 20_500],
    [4, 30_499],
    [4, 30_500],
  ];
  expect(looks.map(([count, nowMs]) => watch.isIdle(count, nowMs))).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

it('is not idle because the host stood still', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  let nowMs = 0;
  let isIdle = false;
  const { idle, cancel } = untilIdle(
    10_000,
    () => Promise.resolve(0),
    () => nowMs,
  );
  void idle.then(() => (isIdle = true));
  const pass = async (ms: number): Promise<boolean> => {
    for (let passed = 0; passed < ms; passed += 500) {
      nowMs += 500;
      await vi.advanceTimersByTimeAsync(500);
    }
    return isIdle;
  };
  expect(await pass(6000)).toBe(false);
  nowMs += 58_000;
  expect(await pass(3500)).toBe(false);
  expect(await pass(1500)).toBe(true);
  cancel();
});

it('a log that cannot be read ends the waiting with the reason, and not the process', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using folder = await temporaryFolder();
  const { idle, cancel } = untilIdle(10_000, async () => (await stat(join(folder.path, 'console.log'))).size);
  vi.advanceTimersToNextTimer();
  await expect(idle).rejects.toThrow(/ENOENT.*console\.log/);
  cancel();
});

it('the last words of a console are its last lines of text, without what moves a cursor', () => {
  const log =
    'SYSLINUX 6.04\r\n\u001b[1mUnable to locate configuration file\u001b[0m\r\n\r\n\u0007Boot failed: press a key\rboot: ';
  expect(lastLines(log)).toEqual(['Unable to locate configuration file', 'Boot failed: press a key', 'boot:']);
  expect(lastLines('')).toEqual([]);
});
