import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import type { BackupStoreConfig } from './config.ts';
import { restic, resticOf, saving, withStore, type ServedStore } from './testing/served-store.ts';

// Each fault of the store against restic itself. A backup is a partition of random bytes and a list, as the agent makes it.

const PARTITION = ['--host', 'pc', '--tag', 'backup=20261128T111500Z', '--tag', 'part=1'];
const LIST = ['--host', 'pc', '--tag', 'backup=20261128T111500Z', '--tag', 'manifest'];
const PATIENCE = { timeout: 20_000 };

async function backUp(store: ServedStore): Promise<void> {
  expect((await restic(store, saving(['head', '-c', '300000', '/dev/urandom'], ...PARTITION))).exitCode).toBe(0);
  expect((await restic(store, saving(['echo', 'list'], ...LIST))).exitCode).toBe(0);
}

const restore = (store: ServedStore) => restic(store, ['dump', '--tag', 'part=1', 'latest', 'disk']);
const happened = (store: ServedStore, event: string) =>
  vi.waitFor(() => expect(store.events).toContainEqual(expect.objectContaining({ event })), PATIENCE);

/** A test with a store that misbehaves. */
const misbehaving = (
  title: string,
  misbehave: NonNullable<BackupStoreConfig['misbehave']>,
  use: (store: ServedStore) => Promise<void>,
): void => {
  it.concurrent(title, { timeout: 90_000 }, () => withStore(use, { misbehave }));
};

describe('once a backup is complete, and not before', () => {
  misbehaving('a damaged pack cannot be restored, and the list still can', { 'damage-pack': 1 }, async (store) => {
    await backUp(store);
    await happened(store, 'misbehaved');
    expect(await restore(store)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('ciphertext verification failed') as string,
    });
    expect(await restic(store, ['dump', '--tag', 'manifest', 'latest', 'disk'])).toMatchObject({ stdout: 'list' });
    // One backup more is not the first one.
    await backUp(store);
    expect(store.events.filter(({ event }) => event === 'misbehaved')).toHaveLength(1);
  });

  misbehaving('a missing pack is refused', { 'remove-pack': 1 }, async (store) => {
    await backUp(store);
    await happened(store, 'misbehaved');
    expect((await restore(store)).exitCode).toBe(1);
    await happened(store, 'refused');
    expect(store.events).toContainEqual(expect.objectContaining({ method: 'GET', kind: 'data', status: 404 }));
  });

  misbehaving('nothing is found without indexes', { 'remove-index': 1 }, async (store) => {
    await backUp(store);
    await happened(store, 'misbehaved');
    expect(await readdir(join(store.root, 'index'))).toEqual([]);
    expect((await restore(store)).exitCode).toBe(1);
  });

  misbehaving("a partition's snapshot is gone, and the list names it", { 'remove-snapshot': 2 }, async (store) => {
    await backUp(store);
    await backUp(store);
    await happened(store, 'misbehaved');
    const { stdout } = await restic(store, ['snapshots', '--json']);
    const tags = (JSON.parse(stdout) as { tags: string[] }[]).map((snapshot) => snapshot.tags[1]);
    expect(tags.toSorted()).toEqual(['manifest', 'manifest', 'part=1']);
  });
});

misbehaving(
  'a lock that was left keeps everybody out until somebody removes it',
  { 'stale-lock': 0 },
  async (store) => {
    expect(store.events).toMatchObject([{ event: 'misbehaved', how: 'stale-lock' }]);
    expect(await restic(store, saving(['echo', 'x'], ...PARTITION))).toMatchObject({
      exitCode: 11,
      stderr: expect.stringContaining('already locked exclusively') as string,
    });
    for (const lock of await readdir(join(store.root, 'locks'))) await rm(join(store.root, 'locks', lock));
    await backUp(store);
  },
);

misbehaving(
  'a store that goes away in the middle of a backup comes back, and restic goes on',
  { gone: { 'after-writes': 1, for: 300 } },
  async (store) => {
    const args = saving(['head', '-c', '20000000', '/dev/urandom'], ...PARTITION, '--pack-size', '4');
    const saved = await restic(store, args);
    // It may have gone between writing a pack and saying so: then restic sends that pack again, is refused, and has to be started
    // again (decision 193).
    const { exitCode, stderr } = saved.stderr.includes('403 Forbidden') ? await restic(store, args) : saved;
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    expect(store.events.filter(({ event }) => event === 'misbehaved' || event === 'back')).toMatchObject([
      { how: 'gone', forMs: 300 },
      { event: 'back' },
    ]);
    expect((await restic(store, ['check', '--read-data'])).exitCode).toBe(0);
  },
);

misbehaving(
  'a store that goes away for good in the middle of a restore stays away, and its end is no failure',
  { gone: { 'after-reads': 1 } },
  async (store) => {
    expect((await restic(store, saving(['echo', 'x'], ...PARTITION))).exitCode).toBe(0);
    const late = resticOf(store, ['dump', '--tag', 'part=1', 'latest', 'disk']);
    await happened(store, 'misbehaved');
    // restic tries again for a quarter of an hour.
    late.kill('SIGKILL');
    await late;
    expect(store.events.filter(({ event }) => event === 'error')).toEqual([]);
  },
);

misbehaving(
  'a store that is gone from the beginning comes back later',
  { gone: { 'after-writes': 0, for: 500 } },
  async (store) => {
    expect(store.events).toMatchObject([{ event: 'misbehaved', how: 'gone' }]);
    const saved = await restic(store, saving(['echo', 'x'], ...PARTITION));
    expect([saved.exitCode, saved.stderr]).toEqual([0, expect.stringContaining('connection refused')]);
    expect(store.events).toContainEqual(expect.objectContaining({ event: 'back' }));
  },
);

it.concurrent('the program of a store that is gone for good goes on until it is stopped', {
  timeout: 60_000,
}, async () => {
  const root = await mkdtemp(join(tmpdir(), 'pxewright-backup-store-'));
  try {
    const config = { address: '127.0.0.1', port: 0, root, password: 'x', misbehave: { gone: { 'after-writes': 0 } } };
    const program = execa(process.execPath, [join(import.meta.dirname, '../backup-store.ts'), '--config', '-'], {
      input: JSON.stringify(config),
      reject: false,
    });
    const lines: string[] = [];
    const read = createInterface({ input: program.stdout }).on('line', (line) => lines.push(line));
    const ready = new Promise<void>((resolve) =>
      read.on('line', (line) => {
        if (line.includes('"ready"')) resolve();
      }),
    );
    await Promise.race([ready, program]);
    // It would end in the next turn of its event loop.
    await Promise.race([sleep(500), program]);
    program.kill('SIGTERM');
    expect(await program).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'misbehaved', how: 'gone' },
      { event: 'ready', misbehaves: ['gone'] },
      { event: 'stopped' },
    ]);
  } finally {
    await rm(root, { recursive: true });
  }
});
