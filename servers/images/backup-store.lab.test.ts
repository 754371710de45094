import { execa } from 'execa';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { ServiceEvent } from '../service/event-lines.ts';
import type { Running } from '../service/service.ts';
import type { BackupStoreConfig } from './backup-store/config.ts';
import { startBackupStore } from './backup-store.ts';

const PASSWORD = 'secret';

/** A store of a test's own, in a folder that outlives `restart`. */
interface TestStore {
  readonly root: string;
  /** Since its last start. */
  events: ServiceEvent[];
  running: Running;
}

async function start(root: string, more: Partial<BackupStoreConfig> = {}): Promise<TestStore> {
  const events: ServiceEvent[] = [];
  const config = { address: '127.0.0.1', port: 0, root, password: PASSWORD, startTimeoutMs: 20_000, ...more };
  return { root, events, running: await startBackupStore(config, (event) => events.push(event)) };
}

async function restart(store: TestStore, more: Partial<BackupStoreConfig> = {}): Promise<void> {
  await store.running.stop();
  Object.assign(store, await start(store.root, more));
}

async function withStore(use: (store: TestStore) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'pxewright-backup-store-'));
  try {
    const store = await start(root);
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
function running({ running: { listening } }: TestStore, args: readonly string[], password = PASSWORD) {
  const address = listening[0]?.replace('/tcp', '') ?? '';
  return execa('restic', ['--no-cache', '--repo', `rest:http://${address}/`, ...args], {
    env: { RESTIC_PASSWORD: password },
    reject: false,
  });
}

/** The same to its end; its exit status and what it printed. */
async function restic(store: TestStore, args: readonly string[], password = PASSWORD) {
  const { exitCode, stdout, stderr } = await running(store, args, password);
  return { exitCode, stdout, stderr };
}

const saving = (...command: readonly string[]) => [
  ...['backup', '--quiet', '--stdin-filename', 'disk', '--stdin-from-command', '--'],
  ...command,
];
const backup = (store: TestStore, text: string) => restic(store, saving('echo', text));
const restore = (store: TestStore, password?: string) => restic(store, ['dump', 'latest', 'disk'], password);

it.concurrent('is a store from its start, keeps what clients save, and says so', { timeout: 60_000 }, () =>
  withStore(async (store) => {
    expect(await backup(store, 'first')).toMatchObject({ exitCode: 0 });
    await vi.waitFor(() => expect(store.events).toMatchObject([{ event: 'snapshot', client: '127.0.0.1' }]));
    expect(await readdir(join(store.root, 'snapshots'))).toEqual([store.events[0]?.['id']]);
    expect(store.running.counters()).toMatchObject({ snapshots: 1, refused: 0 });
    await restart(store);
    expect(await restore(store)).toMatchObject({ exitCode: 0, stdout: 'first' });
    expect(store.events).toEqual([]);
  }),
);

it.concurrent('says which object it does not have, and gives nothing without its password', { timeout: 60_000 }, () =>
  withStore(async (store) => {
    expect((await backup(store, 'first')).exitCode).toBe(0);
    expect(await restore(store, 'another')).toMatchObject({ exitCode: 12, stdout: '' });
    await rm(join(store.root, 'data'), { recursive: true });
    expect(await restore(store)).toMatchObject({ exitCode: 1, stdout: '' });
    await vi.waitFor(() =>
      expect(store.events).toContainEqual(
        expect.objectContaining({ event: 'refused', method: 'GET', kind: 'data', status: 404 }),
      ),
    );
  }),
);

it.concurrent('does not start where another one listens, and says why', { timeout: 60_000 }, () =>
  withStore(async (store) => {
    const port = Number(store.running.listening[0]?.match(/:(\d+)\/tcp$/)?.[1]);
    await expect(start(store.root, { port })).rejects.toThrow(
      /^restic-rest-server ended with 1: .*address already in use/,
    );
  }),
);

it.concurrent('opens no store that has another password, and says so', { timeout: 60_000 }, () =>
  withStore(async ({ root }) => {
    await expect(start(root, { password: 'another' })).rejects.toThrow(/has another password/);
  }),
);

it.concurrent('refuses what exceeds its capacity, and keeps what it has', { timeout: 60_000 }, () =>
  withStore(async (store) => {
    expect((await backup(store, 'first')).exitCode).toBe(0);
    await restart(store, { maxBytes: 3_000_000 });
    // restic tries again for a quarter of an hour.
    const late = running(store, saving('head', '-c', '4000000', '/dev/urandom'));
    await vi.waitFor(
      () =>
        expect(store.events).toContainEqual(expect.objectContaining({ event: 'refused', kind: 'data', status: 507 })),
      { timeout: 20_000 },
    );
    late.kill('SIGINT');
    expect((await late).exitCode).toBe(1);
    expect(await restore(store)).toMatchObject({ exitCode: 0, stdout: 'first' });
  }),
);
