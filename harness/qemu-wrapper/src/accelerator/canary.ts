import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { seconds, within } from '../deadline.ts';
import type { VmExit } from '../vm/exit.ts';
import { VmStartError } from '../vm/errors.ts';
import { startVm } from '../vm/start-vm.ts';
import type { Accelerator, VmSpec } from '../spec/vm-spec.ts';
import { debugExitBootSector } from './boot-sector.ts';

const EXIT_PORT = 0xf4;
const EXIT_VALUE = 0x2a;
/** isa-debug-exit ends QEMU with 2n + 1 (hw/misc/debugexit.c). */
const EXIT_CODE = 2 * EXIT_VALUE + 1;
const BOOT_FILE = 'canary';

export interface CanaryResult {
  readonly alive: boolean;
  /** Why, in words that a user can act on. */
  readonly reason: string;
  readonly measuredMs: number;
}

/**
 * Boots a VM by PXE with the e1000's option ROM from QEMU's own network: a network boot program of one sector goes
 * to protected mode and ends QEMU. The ROM has to run, not just to be there: a host was seen (KVM without hardware
 * virtualisation) where SeaBIOS, the ROM's initialisation and a disk's boot sector all work, 20 times slower than TCG,
 * and iPXE dies at its first RDRAND with "KVM internal error".
 */
export async function runCanary(
  accelerator: Accelerator,
  { deadlineMs, cpuModel }: { deadlineMs: number; cpuModel?: string | undefined },
): Promise<CanaryResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'qemu-canary-'));
  const startedAt = performance.now();
  const result = (alive: boolean, reason: string): CanaryResult => ({
    alive,
    reason,
    measuredMs: Math.round(performance.now() - startedAt),
  });
  try {
    await writeFile(path.join(folder, BOOT_FILE), debugExitBootSector({ port: EXIT_PORT, value: EXIT_VALUE }));
    const vm = await startVm(canarySpec(accelerator, folder, cpuModel), { folder, deadlineMs });
    try {
      await vm.cont();
      const exit = await within('canary', Math.max(1, deadlineMs - (performance.now() - startedAt)), vm.exited).catch(
        () => undefined,
      );
      if (exit === undefined)
        return result(false, `canary silent for ${seconds(performance.now() - startedAt)} of ${seconds(deadlineMs)}`);
      if (exit.code === EXIT_CODE)
        return result(true, `canary booted by PXE in ${seconds(performance.now() - startedAt)}`);
      return result(false, deathReason(exit));
    } finally {
      await vm.quit(3000);
    }
  } catch (error) {
    return result(
      false,
      error instanceof VmStartError
        ? `QEMU did not start: ${firstTelling(error.stderr) ?? error.message}`
        : String(error),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The VM that the canary boots. */
function canarySpec(accelerator: Accelerator, folder: string, cpuModel?: string): VmSpec {
  return {
    name: 'canary',
    firmware: 'bios',
    accelerator,
    ...(cpuModel !== undefined && { cpuModel }),
    memoryMiB: 64,
    serialPorts: 0,
    debugExitPort: EXIT_PORT,
    onReset: 'shutdown',
    nics: [
      {
        model: 'e1000',
        mac: '52:54:00:ca:4a:21',
        bootIndex: 0,
        netDevice: { kind: 'user', tftpFolder: folder, bootFile: BOOT_FILE },
      },
    ],
  };
}

function deathReason(exit: VmExit): string {
  const how = exit.signal ?? `code ${String(exit.code)}`;
  const telling = firstTelling(exit.stderr);
  if (telling?.startsWith('KVM internal error') === true) return telling;
  return telling !== undefined ? `canary ended with ${how}: ${telling}` : `canary ended with ${how} (${exit.reason})`;
}

/** The line of standard error that says what went wrong, joined with what KVM prints below it. */
export function firstTelling(stderr: string): string | undefined {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^qemu-system-\S+: (-accel kvm: )?(error: )?/, '').trim());
  const internal = lines.findIndex((line) => line.startsWith('KVM internal error'));
  if (internal >= 0) {
    const detail = lines.slice(internal + 1).find((line) => line !== '' && !line.startsWith('extra data'));
    return [lines[internal], ...(detail === undefined ? [] : [detail])].join(': ');
  }
  return lines.find((line) => line !== '' && !line.startsWith('warning:') && !line.includes(': warning:'));
}
