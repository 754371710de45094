import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parseStat, privateBytes } from './lab-usage.ts';

describe('what a lab uses', () => {
  it('is read from /proc, whatever a process calls itself', async () => {
    const script =
      'require("fs").writeFileSync("/proc/self/comm", "a) b (c"); for (let i = 0; i < 3e7; i++); console.log(require("fs").readFileSync("/proc/self/stat", "utf8"))';
    const { stdout } = await execa(process.execPath, ['-e', script]);
    const { command, ownMs, childrenMs } = parseStat(stdout);
    expect(command).toBe('a) b (c');
    expect(ownMs).toBeGreaterThan(0);
    expect(childrenMs).toBe(0);
    expect(privateBytes(readFileSync('/proc/self/status', 'utf8'))).toBeGreaterThan(10 * 2 ** 20);
  });
});
