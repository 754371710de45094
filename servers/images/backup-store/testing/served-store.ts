import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ServiceEvent } from '../../../service/event-lines.ts';
import type { Running } from '../../../service/service.ts';
import { lastingPort } from '../../../service/testing/lasting-port.ts';
import { startBackupStore } from '../../backup-store.ts';
import type { BackupStoreConfig } from '../config.ts';

const PASSWORD = 'secret';

/** A store of a test's own, in a folder that outlives `restart`. */
export interface ServedStore {
  readonly root: string;
  /** Since its last start. */
  events: ServiceEvent[];
  running: Running;
}

/** Starts a store in a folder, on a port of its own. */
export async function start(root: string, more: Partial<BackupStoreConfig> = {}): Promise<ServedStore> {
  const events: ServiceEvent[] = [];
  const config = {
    ...{ address: '127.0.0.1', port: await lastingPort(), root, password: PASSWORD, startTimeoutMs: 20_000 },
    ...more,
  };
  return { root, events, running: await startBackupStore(config, (event) => events.push(event)) };
}

/** Stops it and starts it again in the same folder. */
export async function restart(store: ServedStore, more: Partial<BackupStoreConfig> = {}): Promise<void> {
  await store.running.stop();
  Object.assign(store, await start(store.root, more));
}

/** A store in a folder that is gone afterwards. */
export async function withStore(
  use: (store: ServedStore) => Promise<void>,
  more: Partial<BackupStoreConfig> = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pxewright-backup-store-'));
  try {
    const store = await start(root, more);
    try {
      await use(store);
    } finally {
      await store.running.stop();
    }
  } finally {
    await rm(root, { recursive: true });
  }
}

/** restic as a client of the store, running. */
export function resticOf({ running: { listening } }: ServedStore, args: readonly string[], password = PASSWORD) {
  const address = listening[0]?.replace('/tcp', '') ?? '';
  return execa('restic', ['--no-cache', '--repo', `rest:http://${address}/`, ...args], {
    env: { RESTIC_PASSWORD: password },
    reject: false,
  });
}

/** The same to its end; its exit status and what it printed. */
export async function restic(store: ServedStore, args: readonly string[], password?: string) {
  const { exitCode, stdout, stderr } = await resticOf(store, args, password);
  return { exitCode, stdout, stderr };
}

/** restic's arguments to save what a command writes. */
export const saving = (command: readonly string[], ...options: readonly string[]): string[] => [
  ...['backup', '--quiet', '--stdin-filename', 'disk', ...options, '--stdin-from-command', '--'],
  ...command,
];
