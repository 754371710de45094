import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, vi } from 'vitest';
import { makeCertificate } from './backup-store/testing/certificate.ts';
import {
  restart,
  restic,
  resticOf,
  saving,
  start,
  withStore,
  type ServedStore,
} from './backup-store/testing/served-store.ts';

const backup = (store: ServedStore, text: string) => restic(store, saving(['echo', text]));
const restore = (store: ServedStore, password?: string) => restic(store, ['dump', 'latest', 'disk'], password);

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
    const late = resticOf(store, saving(['head', '-c', '4000000', '/dev/urandom']));
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

it.concurrent('has a key that costs nothing when it is asked for, and the same password', { timeout: 60_000 }, () =>
  withStore(
    async (store) => {
      expect((await backup(store, 'first')).exitCode).toBe(0);
      expect(await restore(store)).toMatchObject({ exitCode: 0, stdout: 'first' });
      expect(await restore(store, 'another')).toMatchObject({ exitCode: 12, stdout: '' });
      const [key = ''] = await readdir(join(store.root, 'keys'));
      expect(JSON.parse(await readFile(join(store.root, 'keys', key), 'utf8'))).toMatchObject({ N: 2, p: 1 });
    },
    { quickKey: true },
  ),
);

it.concurrent(
  'gives what it has over TLS to those who know its authority, and to nobody else',
  { timeout: 60_000 },
  () =>
    withStore(async (store) => {
      const folder = await mkdtemp(join(tmpdir(), 'pxewright-certificate-'));
      try {
        const tls = await makeCertificate(folder);
        await restart(store, { tls });
        const at = store.running.listening[0]?.replace('/tcp', '') ?? '';
        const list = (...options: readonly string[]) =>
          execa('restic', ['--no-cache', '--repo', `rest:https://${at}/`, ...options, 'snapshots', '--json'], {
            env: { RESTIC_PASSWORD: 'secret' },
            reject: false,
          });
        expect(await list('--cacert', tls.certificate)).toMatchObject({ exitCode: 0, stdout: '[]' });
        expect(store.running.counters()).toMatchObject({ refused: 0 });
        // restic tries again for a quarter of an hour.
        const stranger = list();
        let said = '';
        stranger.stderr.on('data', (text: Buffer) => (said += text.toString()));
        await vi.waitFor(() => expect(said).toMatch(/signed by unknown authority/), { timeout: 20_000 });
        stranger.kill('SIGINT');
        expect(await stranger).toMatchObject({ exitCode: 1, stdout: '' });
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
);
