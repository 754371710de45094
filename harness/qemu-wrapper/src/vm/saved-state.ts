import { setTimeout as delay } from 'node:timers/promises';
import { DeadlineError } from '../deadline.ts';
import type { QmpClient } from '../qmp/client.ts';
import { object } from '../qmp/messages.ts';

/** Between looks whether QEMU has written or read a state. */
const LOOK_MS = 3;
/** QEMU's default of 128 MiB/s is meant for a network. */
const BYTES_PER_SECOND = 2 ** 40;

/** QEMU could not write a state, or not read it. */
export class SavedStateError extends Error {
  override readonly name = 'SavedStateError';
  readonly code = 'SAVED_STATE';
}

/** The state of a VM in a file, as a VM of the same QEMU and the same spec takes it. */
export interface SavedState {
  /** Absolute. */
  readonly file: string;
  /** What its serial ports had written when it was saved, in their order. */
  readonly serialLogs: readonly Uint8Array[];
}

/**
 * Writes the state of a paused VM, its memory and all of its devices, to a file; the VM can go on afterwards. Rejects with
 * SavedStateError, which has QEMU's own reason, where a device of it cannot be saved. Needs QEMU 8.2 (`file:`).
 */
export async function saveState(qmp: Pick<QmpClient, 'execute'>, file: string, deadlineMs: number): Promise<void> {
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': BYTES_PER_SECOND });
  await qmp.execute('migrate', { uri: `file:${file}` });
  await untilMigrated(qmp, `state of a VM to be written to ${file}`, deadlineMs);
  await untilFinalized(qmp, `QEMU to be done with the state of a VM in ${file}`, deadlineMs);
}

/** Gives a VM that was started for it a saved state; it stays paused. */
export async function restoreState(qmp: Pick<QmpClient, 'execute'>, file: string, deadlineMs: number): Promise<void> {
  // Else QEMU would announce each card's address by frames (RARP) of its own.
  await qmp.execute('migrate-set-parameters', { 'announce-rounds': 0 });
  await qmp.execute('migrate-incoming', { uri: `file:${file}` });
  await untilMigrated(qmp, `state of a VM to be read from ${file}`, deadlineMs);
}

/**
 * QEMU 10.0 reports `completed` from another thread than the one in which it leaves `finish-migrate`, and refuses `cont` in between:
 * "Migration is not finalized yet". On a host with much other work a VM then stayed paused (1 of 50).
 */
async function untilFinalized(qmp: Pick<QmpClient, 'execute'>, step: string, deadlineMs: number): Promise<void> {
  await until(step, deadlineMs, async () => {
    const answer = object(await qmp.execute('query-status'));
    return answer?.['status'] !== 'finish-migrate';
  });
}

async function untilMigrated(qmp: Pick<QmpClient, 'execute'>, step: string, deadlineMs: number): Promise<void> {
  await until(step, deadlineMs, async () => {
    const answer = object(await qmp.execute('query-migrate'));
    if (answer?.['status'] !== 'failed') return answer?.['status'] === 'completed';
    const why = answer['error-desc'];
    throw new SavedStateError(`${step}: QEMU failed${typeof why === 'string' ? `: ${why}` : ''}`);
  });
}

/** Looks until it is so; rejects with DeadlineError. */
async function until(step: string, deadlineMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > deadlineMs) throw new DeadlineError(step, waitedMs, deadlineMs);
    await delay(LOOK_MS);
  }
}
