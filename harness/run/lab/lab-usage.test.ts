import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { meterUsage, parseStat, privateBytes } from './lab-usage.ts';

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

  it('has all that a VM used until its end, although it was last seen before', async () => {
    await using folder = await temporaryFolder();
    // A command's name is that of the file it was started from.
    const vm = join(folder.path, 'qemu-system-test');
    await symlink('/bin/bash', vm);
    const meter = meterUsage(folder.path);
    const running = execa(vm, ['-c', 'echo up; read -r; for ((i = 0; i < 300000; i++)); do :; done'], {
      buffer: false,
    });
    await new Promise((resolve) => running.stdout.once('data', resolve));
    meter.look();
    running.stdin.end('on\n');
    await running;
    meter.look();
    const { vmCpuMs, cpuMs } = meter.stop();
    expect(vmCpuMs).toBeGreaterThan(30);
    expect(cpuMs).toBeGreaterThanOrEqual(vmCpuMs);
  });
});
