import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startVm } from '#qemu-wrapper';
import { DISK_IMAGE_FILE } from '../../../../vm-images/bundle-contents.ts';
import { ensureBundles } from '../../../../vm-images/index.ts';
import type { BackupManifest } from '../../backup-store/manifest.ts';
import { makeStore, writeBackup, type TestStore } from '../../backup-store/testing/written-backup.ts';
import { convertBackup } from './convert-backup.ts';

// A computer's system, saved and converted, starts in QEMU from a larger disk, behind a layer that takes what it writes. That it starts
// from each format on a disk of its own size shows scenarios/backup/to-virtual-machines.yaml.

const MIB = 2 ** 20;
const UP = '"event":"installed.up"';

let root: string;
let store: TestStore;
let manifest: BackupManifest;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pxewright-convert-boots-'));
  store = await makeStore(path.join(root, 'store'));
  const disk = path.join(root, 'disk');
  const bundle = (await ensureBundles(['disks/linux-uefi'])).get('disks/linux-uefi');
  const image = path.join(bundle?.folder ?? '', DISK_IMAGE_FILE);
  await execa('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', image, disk]);
  manifest = await writeBackup(store, { client: 'pc', id: '20261128T111500Z', disk, firmware: 'uefi' });
}, 600_000);
afterAll(() => rm(root, { recursive: true, force: true }));

it('a system with UEFI starts from a larger vhdx, whose last partition has grown', { timeout: 240_000 }, async () => {
  const { files } = await convertBackup(store, manifest, path.join(root, 'vhdx'), {
    format: 'vhdx',
    sizeBytes: 1024 * MIB,
  });
  const layer = path.join(root, 'layer.qcow2');
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'vhdx', '-b', files[0] ?? '', layer]);
  const vm = await startVm(
    {
      name: 'pc',
      firmware: 'uefi',
      accelerator: 'tcg',
      memoryMiB: 384,
      serialPorts: 2,
      disks: [{ file: layer, format: 'qcow2', interface: 'virtio', bootIndex: 0 }],
    },
    { folder: path.join(root, 'vm'), deadlineMs: 60_000 },
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
});
