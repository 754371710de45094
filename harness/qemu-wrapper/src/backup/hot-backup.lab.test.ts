import { execa } from 'execa';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryVms } from '../../testing/temporary-vms.ts';
import { objects } from '../qmp/messages.ts';
import type { Vm } from '../vm/vm.ts';
import { blockNode } from './block-node.ts';
import { hotBackup, type HotBackup, type HotBackupOptions } from './hot-backup.ts';

// QEMU's own block layer, without a guest: what a disk of a running VM takes is written on its monitor.

const KIB = 1024;
const MIB = 1024 * KIB;
const DISK_BYTES = 8 * MIB;
/** QEMU's unit of what changed: the cluster of a qcow2 file. */
const CLUSTER_BYTES = 64 * KIB;
const DEADLINE_MS = 60_000;

const vms = temporaryVms();
const inFolder = (name: string): string => path.join(vms.folder, name);

interface Written {
  /** The number that each byte becomes. */
  readonly byte: number;
  readonly at: number;
  readonly bytes: number;
}

/** A VM with a disk, and what the disk must hold. */
async function vmWithDisk(format: 'raw' | 'qcow2' = 'qcow2') {
  await execa('qemu-img', ['create', '-q', '-f', format, inFolder('disk'), String(DISK_BYTES)]);
  return startAgain(Buffer.alloc(DISK_BYTES), format);
}

async function startAgain(content: Buffer, format: 'raw' | 'qcow2' = 'qcow2') {
  const vm = await vms.start(
    {
      name: 'pc',
      firmware: 'bios',
      accelerator: 'tcg',
      memoryMiB: 32,
      disks: [{ file: inFolder('disk'), format, interface: 'virtio', bootIndex: 0 }],
    },
    { folder: inFolder('vm'), deadlineMs: DEADLINE_MS },
  );
  const [disk] = objects(await vm.qmp.execute('query-block')).filter(({ qdev }) => String(qdev).includes('virtio'));
  return {
    vm,
    content,
    /** Writes as the guest does, through its device. QEMU prints on its standard output how that went: the target shows it, too. */
    write: async ({ byte, at, bytes }: Written): Promise<void> => {
      await vm.qmp.execute('human-monitor-command', {
        'command-line': `qemu-io -d "${String(disk?.['qdev'])}" "write -P ${byte} ${at} ${bytes}"`,
      });
      content.fill(byte, at, at + bytes);
    },
  };
}

const save = (vm: Vm, options: Partial<HotBackupOptions> = {}): Promise<HotBackup> =>
  hotBackup(vm.qmp, { node: 'disk0', target: inFolder('target'), deadlineMs: DEADLINE_MS, ...options });

async function expectTarget(content: Buffer): Promise<void> {
  await execa('qemu-img', ['convert', '-q', '-f', 'qcow2', '-O', 'raw', inFolder('target'), inFolder('target.raw')]);
  expect((await readFile(inFolder('target.raw'))).equals(content)).toBe(true);
}

describe('hotBackup', () => {
  it('copies the disk, then what changed, and the target is the disk after each', async () => {
    const { vm, content, write } = await vmWithDisk();
    await write({ byte: 1, at: MIB, bytes: 2 * MIB });
    expect(await save(vm)).toMatchObject({
      kind: 'full',
      why: 'no-bitmap',
      copiedBytes: DISK_BYTES,
      bytes: DISK_BYTES,
    });
    await expectTarget(content);
    // Eight MiB of which two have content.
    expect((await stat(inFolder('target'))).blocks * 512).toBeLessThan(3 * MIB);
    await write({ byte: 2, at: 0, bytes: 4 * KIB });
    await write({ byte: 0, at: 2 * MIB, bytes: 3 * CLUSTER_BYTES });
    expect(await save(vm)).toMatchObject({ kind: 'increment', copiedBytes: 4 * CLUSTER_BYTES });
    await expectTarget(content);
    expect(await save(vm)).toMatchObject({ kind: 'increment', copiedBytes: 0 });
    await expectTarget(content);
  });

  it('saves the moment at which it began, whatever is written meanwhile, and the next one saves that', async () => {
    const { vm, content, write } = await vmWithDisk();
    await write({ byte: 1, at: 0, bytes: DISK_BYTES });
    const before = Buffer.from(content);
    const progress: number[] = [];
    const began = Promise.withResolvers<undefined>();
    const saved = save(vm, {
      bytesPerSecond: 8 * MIB,
      onProgress({ doneBytes }) {
        progress.push(doneBytes);
        began.resolve(undefined);
      },
    });
    await began.promise;
    // From the end, where the copy comes last.
    for (let index = 1; index <= 16; index++)
      await write({ byte: 2, at: DISK_BYTES - index * CLUSTER_BYTES, bytes: CLUSTER_BYTES });
    expect(progress.at(-1)).toBeLessThan(DISK_BYTES);
    await saved;
    await expectTarget(before);
    expect(await save(vm)).toMatchObject({ kind: 'increment', copiedBytes: 16 * CLUSTER_BYTES });
    await expectTarget(content);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('goes on with increments after a restart, and copies all again when QEMU was killed', async () => {
    const { vm, content, write } = await vmWithDisk();
    await save(vm);
    await write({ byte: 3, at: MIB, bytes: CLUSTER_BYTES });
    await vm.quit(DEADLINE_MS);
    const second = await startAgain(content);
    await second.write({ byte: 4, at: 5 * MIB, bytes: CLUSTER_BYTES });
    expect(await save(second.vm)).toMatchObject({ kind: 'increment', copiedBytes: 2 * CLUSTER_BYTES });
    await expectTarget(content);
    process.kill(second.vm.pid, 'SIGKILL');
    await second.vm.exited;
    const third = await startAgain(content);
    expect(await save(third.vm)).toMatchObject({ kind: 'full', why: 'bitmap-inconsistent' });
    await expectTarget(content);
    await third.write({ byte: 5, at: 0, bytes: 1 });
    expect(await save(third.vm)).toMatchObject({ kind: 'increment', copiedBytes: CLUSTER_BYTES });
    await expectTarget(content);
  });

  it('makes the target whole by the increment after one that was cancelled', async () => {
    const { vm, content, write } = await vmWithDisk();
    await save(vm);
    await write({ byte: 1, at: 0, bytes: 4 * MIB });
    const abort = new AbortController();
    const cancelled = save(vm, {
      bytesPerSecond: MIB,
      signal: abort.signal,
      onProgress: ({ doneBytes }) => (doneBytes > 0 ? abort.abort(new Error('the store is gone')) : undefined),
    });
    await expect(cancelled).rejects.toThrow('the store is gone');
    await write({ byte: 2, at: 6 * MIB, bytes: CLUSTER_BYTES });
    expect(await save(vm)).toMatchObject({ kind: 'increment', copiedBytes: 4 * MIB + CLUSTER_BYTES });
    await expectTarget(content);
  });

  it('takes no half-written target for a whole one after QEMU quit in the middle of a full backup', async () => {
    const { vm, content, write } = await vmWithDisk();
    await write({ byte: 1, at: 0, bytes: DISK_BYTES });
    const began = Promise.withResolvers<undefined>();
    const cut = save(vm, { bytesPerSecond: MIB, onProgress: () => began.resolve(undefined) });
    await began.promise;
    await vm.quit(DEADLINE_MS);
    await expect(cut).rejects.toThrow(/VM pc ended: host-quit/);
    const { vm: second } = await startAgain(content);
    expect(await save(second)).toMatchObject({ kind: 'full', why: 'no-bitmap' });
    await expectTarget(content);
  });

  it('names what was asked and what it waited for when copying takes too long, and leaves nothing behind', async () => {
    const { vm, content, write } = await vmWithDisk();
    await write({ byte: 1, at: 0, bytes: DISK_BYTES });
    await expect(save(vm, { bytesPerSecond: MIB, deadlineMs: 100 })).rejects.toThrow(
      /^job backup-disk0: waited 0\.\d s of 0\.1 s$/,
    );
    expect(await vm.qmp.execute('query-jobs')).toEqual([]);
    expect(await save(vm)).toMatchObject({ kind: 'full', why: 'no-bitmap' });
    await expectTarget(content);
    expect((await blockNode(vm.qmp, 'disk0')).bitmaps).toEqual([
      { name: 'backup', dirtyBytes: 0, persistent: true, inconsistent: false, busy: false },
    ]);
  });

  it('copies all when the target is gone, or has another size', async () => {
    const { vm, content, write } = await vmWithDisk();
    await write({ byte: 1, at: 0, bytes: MIB });
    await save(vm);
    await rm(inFolder('target'));
    expect(await save(vm)).toMatchObject({ kind: 'full', why: 'no-target' });
    await execa('qemu-img', ['resize', '-q', inFolder('target'), '+1M']);
    expect(await save(vm)).toMatchObject({ kind: 'full', why: 'target-size' });
    await expectTarget(content);
  });

  it('saves a raw disk, too, whose list of changes ends with its VM', async () => {
    const { vm, content, write } = await vmWithDisk('raw');
    await save(vm);
    await write({ byte: 1, at: 0, bytes: MIB });
    expect(await save(vm)).toMatchObject({ kind: 'increment', copiedBytes: MIB });
    await expectTarget(content);
    await vm.quit(DEADLINE_MS);
    const { vm: second } = await startAgain(content, 'raw');
    expect(await save(second)).toMatchObject({ kind: 'full', why: 'no-bitmap' });
  });

  it('saves no disk of which nothing is known, and writes nowhere', async () => {
    const { vm } = await vmWithDisk();
    await expect(save(vm, { node: 'disk7' })).rejects.toThrow(/^no disk disk7 in this VM; it has .*disk0/);
    await expect(save(vm, { target: '/no/such/folder/target' })).rejects.toThrow(
      /\/no\/such\/folder\/target.*No such file/,
    );
  });
});
