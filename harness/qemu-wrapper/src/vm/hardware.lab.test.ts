import { readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryVms } from '../../testing/temporary-vms.ts';
import { EfiShell } from '../../testing/efi-shell.ts';
import { debugExitBootSector } from '../accelerator/boot-sector.ts';
import { within } from '../deadline.ts';
import { VM_FILES } from '../spec/vm-files.ts';
import type { DiskInterface, DiskSpec, VmSpec } from '../spec/vm-spec.ts';
import type { Vm } from './vm.ts';

// What is plugged in is proven by who boots from it, or by what firmware says of it: EDK2's shell lists handles.

const vms = temporaryVms();

const DEADLINE_MS = 100_000;

async function start(spec: Pick<VmSpec, 'firmware'> & Partial<VmSpec>): Promise<Vm> {
  return vms.start(
    { name: 'pc', accelerator: 'tcg', memoryMiB: 256, ...spec },
    { folder: vms.folder, deadlineMs: DEADLINE_MS },
  );
}

async function disk(
  kind: DiskInterface,
  change: Partial<DiskSpec> = {},
  sector?: Uint8Array,
  name: string = kind,
): Promise<DiskSpec> {
  const file = path.join(vms.folder, `${name}.img`);
  await writeFile(file, sector ?? '');
  await truncate(file, 4 * 1024 * 1024);
  return { file, format: 'raw', interface: kind, ...change };
}

// EDK2 connects only what has a place in the boot order. IDE and SATA are left to SeaBIOS: on a busy host EDK2 was seen to
// give up waiting for a disk on AHCI.
/** Bytes in a block of every whole disk that the firmware sees, smallest first. */
const blockSizes = (handles: string): number[] =>
  [...handles.matchAll(/\bbsize ([0-9A-F]+),/gi)].map(([, hex = '']) => Number.parseInt(hex, 16)).sort((a, b) => a - b);

/**
 * What the shell says to a command, which is asked again until it is as expected: EDK2 drops what the serial port does not take in
 * time, so that on a busy host parts of an answer are lost.
 */
const says = (shell: EfiShell, command: string, read: (answer: string) => unknown = (answer) => answer) =>
  expect.poll(async () => read(await shell.run(command)), { timeout: DEADLINE_MS, interval: 0 });

describe('the hardware of a VM', () => {
  it.each<[DiskInterface, VmSpec['machineType']]>([
    ['virtio', 'pc'],
    ['ide', 'pc'],
    ['sata', 'pc'],
    ['nvme', 'pc'],
    ['usb', 'pc'],
    ['ide', 'q35'],
  ])('SeaBIOS boots from a %s disk on a %s', async (kind, machineType = 'pc') => {
    const sector = debugExitBootSector({ port: 0xf4, value: 3 });
    const vm = await start({
      firmware: 'bios',
      machineType,
      memoryMiB: 64,
      debugExitPort: 0xf4,
      disks: [await disk(kind, { bootIndex: 0 }, sector)],
    });
    await vm.cont();
    expect((await vm.exited).code).toBe(7);
  });

  it('EDK2 sees blocks of both sizes, two processors and a TPM, which ends with the VM', async () => {
    const vm = await start({
      firmware: 'uefi',
      cpus: 2,
      tpm: true,
      disks: [
        await disk('virtio', { blockSize: 4096, bootIndex: 0 }),
        await disk('nvme', { blockSize: 4096, bootIndex: 1 }),
        await disk('usb', { blockSize: 4096, bootIndex: 2 }),
        await disk('virtio', { blockSize: 512, bootIndex: 3 }, undefined, 'second'),
      ],
    });
    const shell = new EfiShell(vm, DEADLINE_MS);
    await vm.cont();
    await shell.prompt();
    await says(shell, 'dh -v -p BlockIo', blockSizes).toEqual([512, 4096, 4096, 4096]);
    await says(shell, 'dh -p Tcg2').toMatch(/Tcg2/);
    await says(shell, 'smbiosview -t 4').toMatch(/CoreCount: 2\b|Core Count: 2\b/i);
    const tpm = Number(await readFile(path.join(vms.folder, VM_FILES.tpmPid), 'utf8'));
    expect(() => process.kill(tpm, 0)).not.toThrow();
    await vm.quit(DEADLINE_MS);
    expect(() => process.kill(tpm, 0)).toThrow('ESRCH');
  });

  it('a VM for Arm has a screen, a keyboard, two serial ports, a TPM and disks', async () => {
    const vm = await start({
      firmware: 'uefi-arm64',
      tpm: true,
      serialPorts: 2,
      disks: [
        await disk('virtio', { bootIndex: 0 }),
        await disk('nvme', { blockSize: 4096, bootIndex: 1 }),
        await disk('usb', { bootIndex: 2 }),
      ],
    });
    const shell = new EfiShell(vm, DEADLINE_MS);
    await vm.cont();
    await shell.prompt();
    // The second UART's data register (hw/arm/virt.c); the command is typed on the keyboard.
    const said = within('a byte on the second serial port', DEADLINE_MS, firstLine(vm, 1));
    for (const byte of ['48', '49', '0a']) await shell.typed(`mm 9040000 ${byte} -w 1 -MMIO -n`);
    expect(await said).toBe('HI');
    await says(shell, 'dh -v -p BlockIo', blockSizes).toEqual([512, 512, 4096]);
    await says(shell, 'dh -p Tcg2').toMatch(/Tcg2/);
    const picture = path.join(vms.folder, 'screen.png');
    await vm.screenshot(picture);
    expect((await readFile(picture)).readUInt32BE(16)).toBeGreaterThanOrEqual(800);
  });

  it('a VM for Arm boots a program from the network', async () => {
    await writeFile(path.join(vms.folder, 'boot.efi'), await readFile('/usr/lib/ipxe/ipxe-arm64.efi'));
    const vm = await start({
      firmware: 'uefi-arm64',
      nics: [
        {
          model: 'virtio-net-pci',
          mac: '52:54:00:00:00:01',
          bootIndex: 0,
          netDevice: { kind: 'user', tftpFolder: vms.folder, bootFile: 'boot.efi' },
        },
      ],
    });
    await vm.cont();
    await within(
      'iPXE to start',
      DEADLINE_MS,
      (async () => {
        for await (const line of vm.serial[0]?.lines() ?? []) if (line.includes('iPXE initialising')) return;
      })(),
    );
  });

  it('names the TPM when its program is missing', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      await expect(start({ firmware: 'bios', tpm: true, serialPorts: 0, memoryMiB: 64 })).rejects.toThrow(
        'starting VM pc failed: swtpm, which plays its TPM, was not found (Debian: apt-get install swtpm)',
      );
    } finally {
      process.env['PATH'] = path;
    }
  });
});

async function firstLine(vm: Vm, port: number): Promise<string | undefined> {
  for await (const line of vm.serial[port]?.lines() ?? []) return line;
  return undefined;
}
