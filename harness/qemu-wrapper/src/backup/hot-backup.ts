import { execa } from 'execa';
import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import type { GuestAgent } from '../guest-agent/client.ts';
import { whileFrozen, type FreezeDeadlines } from '../guest-agent/frozen.ts';
import type { QmpClient } from '../qmp/client.ts';
import { object } from '../qmp/messages.ts';
import {
  clearActions,
  decideKind,
  keepActions,
  startActions,
  type BackupKind,
  type TransactionAction,
} from './backup-plan.ts';
import { cancelled, untilConcluded, type JobWait } from './block-job.ts';
import { blockNode } from './block-node.ts';

export interface HotBackupOptions extends JobWait {
  /** The disk, by QEMU's name for it: `disk0` is the first of a VmSpec. */
  readonly node: string;
  /**
   * A qcow2 file, made if need be, which belongs to this bitmap alone. After each backup it holds the disk as it was when that one
   * began; while one is under way, and after one that failed, it holds no point in time.
   */
  readonly target: string;
  /** The list of what changed since the last backup: within QEMU, and in the disk's file if it is qcow2. Default `backup`. */
  readonly bitmap?: string;
  /** Freezes the guest's file systems for the moment at which the backup begins. */
  readonly freeze?: { readonly agent: GuestAgent; readonly deadlines?: FreezeDeadlines };
  /** At most; default: as fast as it goes. */
  readonly bytesPerSecond?: number;
}

export type HotBackup = BackupKind & {
  /** What was copied: all that is in changed clusters, or all of the disk. */
  readonly copiedBytes: number;
  /** Of the disk. */
  readonly bytes: number;
  /** File systems that were frozen, and for how long. */
  readonly frozen?: { readonly fileSystems: number; readonly ms: number };
  readonly durationMs: number;
};

/**
 * Saves a disk of a running VM, which goes on: QEMU copies what the guest is about to overwrite before it lets it. The first backup
 * copies the whole disk, each later one what changed since. Rejects with BlockJobError when copying failed (the next backup
 * makes the target whole again), with DeadlineError or the signal's reason when it was cancelled, with GuestAgentError when the guest
 * could not be frozen.
 */
export async function hotBackup(
  qmp: QmpClient,
  { node: name, target, bitmap = 'backup', freeze, bytesPerSecond = 0, ...wait }: HotBackupOptions,
): Promise<HotBackup> {
  const startedAt = performance.now();
  const file = path.resolve(target);
  const node = await blockNode(qmp, name);
  const kind = decideKind(node, bitmap, await diskBytes(file));
  if (kind.kind === 'full') {
    await makeEmpty(file, node.bytes);
    await transaction(qmp, clearActions(node, bitmap));
  }
  const job = `backup-${name}`;
  const targetNode = `${job}-target`;
  const actions = startActions(node, kind.kind, { job, target: targetNode, bitmap, bytesPerSecond });
  const saved = await withTarget(qmp, targetNode, file, async () => {
    const start = (): Promise<void> => transaction(qmp, actions);
    const frozen = await (freeze === undefined ? start() : whileFrozen(freeze.agent, start, freeze.deadlines)).catch(
      async (error: unknown) => {
        // QEMU may have begun all the same: the guest was not thawed as it should, or the answer was late.
        await cancelled(qmp, job).catch(() => undefined);
        throw error;
      },
    );
    const { totalBytes } = await untilConcluded(qmp, job, wait);
    if (kind.kind === 'full') await transaction(qmp, keepActions(node, bitmap));
    return { copiedBytes: totalBytes, frozen };
  });
  const { copiedBytes, frozen } = saved;
  return {
    ...kind,
    copiedBytes,
    bytes: node.bytes,
    ...(frozen === undefined ? {} : { frozen: { fileSystems: frozen.fileSystems, ms: frozen.ms } }),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Has QEMU hold the file open for the time of `work`. */
async function withTarget<T>(qmp: QmpClient, node: string, file: string, work: () => Promise<T>): Promise<T> {
  await qmp.execute('blockdev-add', {
    driver: 'qcow2',
    'node-name': node,
    // Zeros that are data on the disk take no room in its copy.
    discard: 'unmap',
    'detect-zeroes': 'unmap',
    file: { driver: 'file', filename: file, discard: 'unmap' },
  });
  const close = (): Promise<unknown> => qmp.execute('blockdev-del', { 'node-name': node });
  let value: T;
  try {
    value = await work();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  await close();
  return value;
}

async function transaction(qmp: QmpClient, actions: readonly TransactionAction[]): Promise<void> {
  await qmp.execute('transaction', { actions });
}

/** The size of the disk that a file holds; undefined for a file that is not there. */
async function diskBytes(file: string): Promise<number | undefined> {
  try {
    await access(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const { stdout } = await execa('qemu-img', ['info', '--output=json', '-f', 'qcow2', file]);
  const size = object(JSON.parse(stdout))?.['virtual-size'];
  return typeof size === 'number' ? size : undefined;
}

/** Not raw: QEMU's job writes zeros where the disk has holes, which take no room in a qcow2 file, and all of it in a raw one. */
async function makeEmpty(file: string, bytes: number): Promise<void> {
  await rm(file, { force: true });
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', file, String(bytes)]);
}
