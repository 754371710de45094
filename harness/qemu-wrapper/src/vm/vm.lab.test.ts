import { execa } from 'execa';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryVms } from '../../testing/temporary-vms.ts';
import { echoBootSector } from '../../testing/echo-boot-sector.ts';
import { hastyBootSector } from '../../testing/hasty-boot-sector.ts';
import { debugExitBootSector } from '../accelerator/boot-sector.ts';
import { within } from '../deadline.ts';
import { FIRMWARES } from '../spec/firmwares.ts';
import { bootableNics } from '../spec/nic-models.ts';
import { VM_FILES } from '../spec/vm-files.ts';
import type { VmSpec } from '../spec/vm-spec.ts';
import type { Vm } from './vm.ts';

const vms = temporaryVms();

const DEADLINE_MS = 60_000;

async function boot(sector: Uint8Array, change: Partial<VmSpec> = {}, into = vms.folder): Promise<Vm> {
  const disk = path.join(vms.folder, 'boot.img');
  await writeFile(disk, sector);
  return vms.start(
    {
      name: 'pc',
      firmware: 'bios',
      accelerator: 'tcg',
      memoryMiB: 64,
      debugExitPort: 0xf4,
      disks: [{ file: disk, format: 'raw', interface: 'ide', bootIndex: 0 }],
      ...change,
    },
    { folder: into, deadlineMs: DEADLINE_MS },
  );
}

/**
 * A VM whose guest has said that it listens: what is read on the keyboard comes back on the serial port, one key a
 * line.
 */
async function echoing(
  change: Partial<VmSpec> = {},
): Promise<{ vm: Vm; lines: string[]; line: (wanted: string) => Promise<void> }> {
  const vm = await boot(echoBootSector(), change);
  const lines: string[] = [];
  let wake = (): void => undefined;
  vm.onSerialLine(0, (line) => {
    lines.push(line);
    wake();
  });
  const line = (wanted: string): Promise<void> =>
    within(
      `line ${wanted}, got ${lines.join(' ')}`,
      DEADLINE_MS,
      new Promise<void>((resolve) => {
        wake = () => {
          if (lines.includes(wanted)) resolve();
        };
        wake();
      }),
    );
  await vm.cont();
  await line('ready');
  return { vm, lines, line };
}

/** EDK2's boot manager names what it tries on the serial port. */
function firmwareSpeaks(vm: Vm): Promise<void> {
  return within(
    'a line of the firmware',
    DEADLINE_MS,
    (async () => {
      for await (const line of vm.serial[0]?.lines() ?? []) if (line.includes('BdsDxe')) break;
    })(),
  );
}

/** Keeps this process, as a busy host does, until a child of it has ended and nobody has asked how (state Z, proc_pid_stat(5)). */
function haveNoTurnUntilItEnds(pid: number): void {
  const until = performance.now() + DEADLINE_MS;
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
    if (performance.now() > until) throw new Error(`the VM did not end within ${DEADLINE_MS} ms`);
}

describe('a VM', () => {
  it('starts paused, runs, and tells the exit code that its guest chose', async () => {
    const vm = await boot(debugExitBootSector({ port: 0xf4, value: 0x2a }));
    expect(vm.state).toBe('prelaunch');
    await vm.cont();
    expect(await vm.exited).toMatchObject({ code: 0x55, reason: 'guest-shutdown' });
    expect(vm.state).toBe('exited');
    await expect(vm.cont()).rejects.toThrow('VM pc ended: guest-shutdown, code 85');
  });

  it('types keys, and reads serial lines live and in the log', async () => {
    const { vm, lines, line } = await echoing();
    await vm.typeText('aZ9/_');
    await vm.sendKeys(['f12', 'shift-b', 'ret']);
    await line('key 0d');
    expect(lines.slice(1)).toEqual(['key 61', 'key 5a', 'key 39', 'key 2f', 'key 5f', 'key 00', 'key 42', 'key 0d']);
    expect(await readFile(path.join(vms.folder, VM_FILES.serialLog(0)), 'latin1')).toContain('ready\r\nkey 61\r\n');
  });

  it('has all that the guest wrote when the VM has ended, also of the time in which nobody read', async () => {
    const line = 'a line of an event port, with so many letters';
    const vm = await boot(hastyBootSector({ line, times: 200, port: 0xf4 }));
    const lines: string[] = [];
    vm.onSerialLine(0, (one) => lines.push(one));
    const answered = vm.cont();
    haveNoTurnUntilItEnds(vm.pid);
    await Promise.all([answered.catch(() => undefined), vm.exited]);
    expect(lines.slice(-200)).toEqual(Array.from({ length: 200 }, () => line));
  });

  it('takes a screenshot', async () => {
    const { vm } = await echoing();
    const file = path.join(vms.folder, 'screen.png');
    await vm.screenshot(file);
    const png = await readFile(file);
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    // IHDR: a text screen of 80 × 25 characters with 9 × 16 pixels each.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([720, 400]);
    if (process.env['KEEP_SCREENSHOT'] !== undefined) await writeFile(process.env['KEEP_SCREENSHOT'], png);
  });

  it('pauses and goes on', async () => {
    const { vm } = await echoing();
    const stopped = once(vm.events, 'STOP');
    await vm.stop();
    await stopped;
    expect(vm.state).toBe('paused');
    await vm.cont();
    expect(vm.state).toBe('running');
  });

  it('takes cables out and plugs them in again', async () => {
    const nic = { model: 'e1000', mac: '52:54:00:00:00:01' } as const;
    const connected = { ...nic, netDevice: { kind: 'user' } } as const;
    const { vm } = await echoing({
      nics: [{ ...nic, mac: '52:54:00:00:00:02', netDevice: { kind: 'unplugged' } }, connected],
    });
    for (const card of [0, 1]) for (const isIn of [false, true]) await vm.plug(card, isIn);
    await expect(vm.plug(2, true)).rejects.toThrow(/net2/);
  });

  it('shows that the guest has reset, and ends there when told to', async () => {
    const { vm } = await echoing({ onReset: 'shutdown' });
    const shutdown = once(vm.events, 'SHUTDOWN');
    await vm.sendKeys(['r']);
    expect((await shutdown)[0]).toMatchObject({ guest: true, reason: 'guest-reset' });
    expect(await vm.exited).toMatchObject({ code: 0, reason: 'guest-reset' });
  });

  it('boots again after a reset from outside', async () => {
    const { vm, lines } = await echoing();
    const again = once(vm.events, 'RESET');
    lines.length = 0;
    await vm.reset();
    expect((await again)[0]).toMatchObject({ guest: false, reason: 'host-qmp-system-reset' });
    for await (const line of vm.serial[0]?.lines() ?? []) if (line === 'ready') break;
    expect(lines).toContain('ready');
  });

  it('quits by QMP, and again without harm', async () => {
    const { vm } = await echoing();
    expect(await vm.quit(DEADLINE_MS)).toMatchObject({ code: 0, reason: 'host-quit' });
    expect(await vm.quit(DEADLINE_MS)).toMatchObject({ reason: 'host-quit' });
  });

  it('ends a QEMU that answers nobody any more', async () => {
    const { vm } = await echoing();
    process.kill(vm.pid, 'SIGSTOP');
    expect(await vm.quit(3000)).toMatchObject({ signal: 'SIGKILL', reason: 'killed' });
  });

  it('tells a crash at once, also to a command that waits', async () => {
    const { vm } = await echoing();
    const waiting = vm.qmp.execute('query-version', {}, { deadlineMs: DEADLINE_MS });
    process.kill(vm.pid, 'SIGSEGV');
    expect(await vm.exited).toMatchObject({ code: undefined, signal: 'SIGSEGV', reason: 'crashed' });
    await waiting.catch(() => undefined);
    await expect(vm.stop()).rejects.toThrow('VM pc ended: crashed, SIGSEGV; standard error: ');
  });

  it('does not call SIGKILL by somebody else a want of memory', async () => {
    const { vm } = await echoing();
    process.kill(vm.pid, 'SIGKILL');
    const exit = await vm.exited;
    expect(exit).toMatchObject({ signal: 'SIGKILL', reason: 'killed' });
    expect(exit.oom).toBeUndefined();
  });

  it('quotes command line and standard error when QEMU refuses', async () => {
    const start = boot(new Uint8Array(512), {
      nics: [{ model: 'e1000', mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, romFile: '/no/such.rom' }],
    });
    await expect(start).rejects.toThrow(
      /QEMU ended with code 1\n {2}standard error: .*failed to find romfile "\/no\/such\.rom"\n {2}command, in .*qemu-system-x86_64 -name pc /,
    );
  });

  it('works in a folder too deep for the address of a unix socket', async () => {
    const vm = await boot(debugExitBootSector({ port: 0xf4, value: 1 }), {}, path.join(vms.folder, 'x'.repeat(120)));
    await vm.cont();
    expect((await vm.exited).code).toBe(3);
  });

  it.each(bootableNics('bios'))('starts with a %s in its boot order', async (model) => {
    const vm = await boot(debugExitBootSector({ port: 0xf4, value: 1 }), {
      nics: [{ model, mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, bootIndex: 1 }],
    });
    await vm.cont();
    expect((await vm.exited).code).toBe(3);
  });

  // QEMU refuses to start when it cannot find a card's ROM.
  it.each(bootableNics('uefi'))('starts with a %s in the boot order of a uefi VM', async (model) => {
    const vm = await boot(new Uint8Array(512), {
      firmware: 'uefi',
      nics: [{ model, mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, bootIndex: 1 }],
    });
    expect((await vm.quit(DEADLINE_MS)).code).toBe(0);
  });

  it('gives every uefi start a fresh variable store and reaches the firmware', async () => {
    await writeFile(path.join(vms.folder, VM_FILES.firmwareVars), 'stale');
    const vm = await boot(new Uint8Array(512), {
      firmware: 'uefi',
      memoryMiB: 256,
      debugExitPort: 0xf4,
      nics: [{ model: 'pcnet', mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, bootIndex: 1 }],
    });
    expect(await readFile(path.join(vms.folder, VM_FILES.firmwareVars))).toEqual(
      await readFile(FIRMWARES.uefi.flash.variables),
    );
    await vm.cont();
    await firmwareSpeaks(vm);
  });

  it('starts the Secure Boot firmware', async () => {
    const vm = await boot(new Uint8Array(512), { firmware: 'uefi-secure-boot', memoryMiB: 512 });
    await vm.cont();
    await firmwareSpeaks(vm);
  });

  it('has a channel to a guest agent, and says when none answers, and when the VM ended', async () => {
    const vm = await boot(debugExitBootSector({ port: 0xf4, value: 1 }), { guestAgent: true });
    await expect(vm.guestAgent?.ping(200)).rejects.toThrow(/^guest agent of pc to answer guest-sync-delimited: waited/);
    const waiting = vm.guestAgent?.ping(DEADLINE_MS);
    await vm.cont();
    await expect(waiting).rejects.toThrow(/^VM pc ended: guest-shutdown/);
    const { vm: without } = await echoing();
    expect(without.guestAgent).toBeUndefined();
  });

  it('can be started by hand with the command line that it shows', async () => {
    const vm = await boot(debugExitBootSector({ port: 0xf4, value: 2 }));
    await vm.quit(DEADLINE_MS);
    const [file = '', ...args] = vm.argv.filter((word) => word !== '-S');
    expect(await execa(file, args, { cwd: vms.folder, reject: false })).toMatchObject({ exitCode: 5 });
  });
});
