import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { echoBootSector } from '../../testing/echo-boot-sector.ts';
import { debugExitBootSector } from '../accelerator/boot-sector.ts';
import { within } from '../deadline.ts';
import { MACHINE_FILES } from '../spec/machine-files.ts';
import type { MachineSpec } from '../spec/machine-spec.ts';
import type { Machine } from './machine.ts';
import { startMachine } from './start-machine.ts';

let folder: string;
let machines: Machine[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'machine-'));
  machines = [];
});
afterEach(async () => {
  for (const machine of machines) await machine.quit(9000);
  await rm(folder, { recursive: true });
});

const DEADLINE_MS = 60_000;

async function boot(sector: Uint8Array, change: Partial<MachineSpec> = {}, into = folder): Promise<Machine> {
  const disk = path.join(folder, 'boot.img');
  await writeFile(disk, sector);
  const machine = await startMachine(
    {
      name: 'pc',
      firmware: { kind: 'bios' },
      accelerator: 'tcg',
      memoryMiB: 64,
      debugExitPort: 0xf4,
      disks: [{ file: disk, format: 'raw', interface: 'ide', bootIndex: 0 }],
      ...change,
    },
    { folder: into, deadlineMs: DEADLINE_MS },
  );
  machines.push(machine);
  return machine;
}

/**
 * A machine whose guest has said that it listens: what is read on the keyboard comes back on the serial port, one key a
 * line.
 */
async function echoing(
  change: Partial<MachineSpec> = {},
): Promise<{ machine: Machine; lines: string[]; line: (wanted: string) => Promise<void> }> {
  const machine = await boot(echoBootSector(), change);
  const lines: string[] = [];
  let wake = (): void => undefined;
  machine.onSerialLine(0, (line) => {
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
  await machine.cont();
  await line('ready');
  return { machine, lines, line };
}

/** EDK2's boot manager names what it tries on the serial port. */
function firmwareSpeaks(machine: Machine): Promise<void> {
  return within(
    'a line of the firmware',
    DEADLINE_MS,
    (async () => {
      for await (const line of machine.serial[0]?.lines() ?? []) if (line.includes('BdsDxe')) break;
    })(),
  );
}

describe('a machine', () => {
  it('starts paused, runs, and tells the exit code that its guest chose', async () => {
    const machine = await boot(debugExitBootSector({ port: 0xf4, value: 0x2a }));
    expect(machine.state).toBe('prelaunch');
    await machine.cont();
    expect(await machine.exited).toMatchObject({ code: 0x55, reason: 'guest-shutdown' });
    expect(machine.state).toBe('exited');
    await expect(machine.cont()).rejects.toThrow('machine pc ended: guest-shutdown, code 85');
  });

  it('types keys, and reads serial lines live and in the log', async () => {
    const { machine, lines, line } = await echoing();
    await machine.typeText('aZ9/_');
    await machine.sendKeys(['f12', 'shift-b', 'ret']);
    await line('key 0d');
    expect(lines.slice(1)).toEqual(['key 61', 'key 5a', 'key 39', 'key 2f', 'key 5f', 'key 00', 'key 42', 'key 0d']);
    expect(await readFile(path.join(folder, MACHINE_FILES.serialLog(0)), 'latin1')).toContain('ready\r\nkey 61\r\n');
  });

  it('takes a screenshot', async () => {
    const { machine } = await echoing();
    const file = path.join(folder, 'screen.png');
    await machine.screenshot(file);
    const png = await readFile(file);
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    // IHDR: a text screen of 80 × 25 characters with 9 × 16 pixels each.
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([720, 400]);
    if (process.env['KEEP_SCREENSHOT'] !== undefined) await writeFile(process.env['KEEP_SCREENSHOT'], png);
  });

  it('pauses and goes on', async () => {
    const { machine } = await echoing();
    const stopped = once(machine.events, 'STOP');
    await machine.stop();
    await stopped;
    expect(machine.state).toBe('paused');
    await machine.cont();
    expect(machine.state).toBe('running');
  });

  it('shows that the guest has reset, and ends there when told to', async () => {
    const { machine } = await echoing({ onReset: 'shutdown' });
    const shutdown = once(machine.events, 'SHUTDOWN');
    await machine.sendKeys(['r']);
    expect((await shutdown)[0]).toMatchObject({ guest: true, reason: 'guest-reset' });
    expect(await machine.exited).toMatchObject({ code: 0, reason: 'guest-reset' });
  });

  it('boots again after a reset from outside', async () => {
    const { machine, lines } = await echoing();
    const again = once(machine.events, 'RESET');
    lines.length = 0;
    await machine.reset();
    expect((await again)[0]).toMatchObject({ guest: false, reason: 'host-qmp-system-reset' });
    for await (const line of machine.serial[0]?.lines() ?? []) if (line === 'ready') break;
    expect(lines).toContain('ready');
  });

  it('quits by QMP, and again without harm', async () => {
    const { machine } = await echoing();
    expect(await machine.quit(DEADLINE_MS)).toMatchObject({ code: 0, reason: 'host-quit' });
    expect(await machine.quit(DEADLINE_MS)).toMatchObject({ reason: 'host-quit' });
  });

  it('ends a QEMU that answers nobody any more', async () => {
    const { machine } = await echoing();
    process.kill(machine.pid, 'SIGSTOP');
    expect(await machine.quit(900)).toMatchObject({ signal: 'SIGKILL', reason: 'killed' });
  });

  it('tells a crash at once, also to a command that waits', async () => {
    const { machine } = await echoing();
    const waiting = machine.qmp.execute('query-version', {}, { deadlineMs: DEADLINE_MS });
    process.kill(machine.pid, 'SIGSEGV');
    expect(await machine.exited).toMatchObject({ code: undefined, signal: 'SIGSEGV', reason: 'crashed' });
    await waiting.catch(() => undefined);
    await expect(machine.stop()).rejects.toThrow('machine pc ended: crashed, SIGSEGV; standard error: ');
  });

  it('does not call SIGKILL by somebody else a want of memory', async () => {
    const { machine } = await echoing();
    process.kill(machine.pid, 'SIGKILL');
    const exit = await machine.exited;
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
    const machine = await boot(debugExitBootSector({ port: 0xf4, value: 1 }), {}, path.join(folder, 'x'.repeat(120)));
    await machine.cont();
    expect((await machine.exited).code).toBe(3);
  });

  it.each(['e1000', 'e1000e', 'virtio-net-pci', 'rtl8139', 'pcnet', 'ne2k_pci', 'i82559c', 'vmxnet3'] as const)(
    'starts with a %s in its boot order',
    async (model) => {
      const machine = await boot(debugExitBootSector({ port: 0xf4, value: 1 }), {
        nics: [{ model, mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, bootIndex: 1 }],
      });
      await machine.cont();
      expect((await machine.exited).code).toBe(3);
    },
  );

  it('gives every uefi start a fresh variable store and reaches the firmware', async () => {
    const firmware = {
      kind: 'uefi',
      code: '/usr/share/OVMF/OVMF_CODE_4M.fd',
      varsTemplate: '/usr/share/OVMF/OVMF_VARS_4M.fd',
    } as const;
    await writeFile(path.join(folder, MACHINE_FILES.firmwareVars), 'stale');
    const machine = await boot(new Uint8Array(512), {
      firmware,
      memoryMiB: 256,
      debugExitPort: 0xf4,
      nics: [{ model: 'igb', mac: '52:54:00:00:00:01', netDevice: { kind: 'user' }, bootIndex: 1 }],
    });
    expect(await readFile(path.join(folder, MACHINE_FILES.firmwareVars))).toEqual(
      await readFile(firmware.varsTemplate),
    );
    await machine.cont();
    await firmwareSpeaks(machine);
  });

  it('starts the Secure Boot firmware', async () => {
    const firmware = {
      kind: 'uefi',
      code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd',
      varsTemplate: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd',
      secureBoot: true,
    } as const;
    const machine = await boot(new Uint8Array(512), { firmware, memoryMiB: 512 });
    await machine.cont();
    await firmwareSpeaks(machine);
  });

  it('can be started by hand with the command line that it shows', async () => {
    const machine = await boot(debugExitBootSector({ port: 0xf4, value: 2 }));
    await machine.quit(DEADLINE_MS);
    const [file = '', ...args] = machine.argv.filter((word) => word !== '-S');
    expect(await execa(file, args, { cwd: folder, reject: false })).toMatchObject({ exitCode: 5 });
  });
});
