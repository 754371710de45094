import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startVm, type VmSpec } from '#qemu-wrapper';
import { DISK_IMAGE_FILE } from '../../../../vm-images/bundle-contents.ts';
import { ensureBundles } from '../../../../vm-images/index.ts';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { makeStore, writeBackup, type TestStore } from '../../backup-store/testing/written-backup.ts';
import { convertBackup, type ConvertOptions } from './convert-backup.ts';
import { formatNamed } from './formats.ts';

// A computer's system, saved and converted, starts in QEMU from each format, behind a layer that takes what it writes.

const MIB = 2 ** 20;
const UP = '"event":"installed.up"';

let root: string;
let store: TestStore;
const manifests = new Map<string, BackupManifest>();
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-convert-boots-'));
  store = await makeStore(path.join(root, 'store'));
  const bundles = await ensureBundles(['disks/linux-bios', 'disks/linux-uefi']);
  for (const firmware of ['bios', 'uefi'] as const) {
    const disk = path.join(root, firmware);
    const image = path.join(bundles.get(`disks/linux-${firmware}`)?.folder ?? '', DISK_IMAGE_FILE);
    await execa('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', image, disk]);
    manifests.set(firmware, await writeBackup(store, { client: firmware, id: '20261128T111500Z', disk, firmware }));
  }
}, 600_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** Starts a VM from an image and waits until the system on it says that it is up. */
async function startsFrom(image: string, driver: string, firmware: VmSpec['firmware']): Promise<void> {
  const folder = await mkdtemp(path.join(root, 'vm-'));
  const layer = path.join(folder, 'layer.qcow2');
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', driver, '-b', image, layer]);
  const vm = await startVm(
    {
      name: 'pc',
      firmware,
      accelerator: 'tcg',
      memoryMiB: 384,
      serialPorts: 2,
      disks: [{ file: layer, format: 'qcow2', interface: 'virtio', bootIndex: 0 }],
    },
    { folder, deadlineMs: 60_000 },
  );
  try {
    const up = new Promise<string>((resolve) => {
      vm.onSerialLine(1, (line) => {
        if (line.includes(UP)) resolve(line);
      });
    });
    await vm.cont();
    const ended = vm.exited.then(({ reason }) => `ended: ${reason}`);
    expect(await Promise.race([up, ended])).toContain(UP);
  } finally {
    await vm.quit(9000);
  }
}

async function converted(firmware: 'bios' | 'uefi', name: string, options: ConvertOptions): Promise<string> {
  const manifest = manifests.get(firmware);
  if (manifest === undefined) throw new Error(`no backup of ${firmware}`);
  const { files } = await convertBackup(store, manifest, path.join(root, name), options);
  return files[0] ?? '';
}

it.each(['vmdk', 'vpc', 'parallels', 'qcow2'] as const)(
  'a system with a BIOS starts from %s',
  { timeout: 240_000 },
  async (format) => {
    const image = await converted('bios', format, { format });
    await startsFrom(image, formatNamed(format).driver, 'bios');
  },
);

it('a system with UEFI starts from a larger vhdx, whose last partition has grown', { timeout: 240_000 }, async () => {
  const image = await converted('uefi', 'vhdx', { format: 'vhdx', sizeBytes: 1024 * MIB });
  await startsFrom(image, 'vhdx', 'uefi');
});
