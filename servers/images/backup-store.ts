import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Emit } from '../service/event-lines.ts';
import { faultsOf, type Faults } from '../service/faults.ts';
import { isProgram } from '../service/program-file.ts';
import { messageOf, runService, type Running, type Service } from '../service/service.ts';
import { makeKeyQuick } from './backup-store/quick-key.ts';
import { backupStoreConfigSchema, type BackupStoreConfig } from './backup-store/config.ts';
import { doFault } from './backup-store/content-faults.ts';
import type { ContentFault } from './backup-store/misbehaviours.ts';
import { countPacks, countsBackups, dueFaults, goesAway, isGoneAtFirst } from './backup-store/due-faults.ts';
import type { StoreRequest } from './backup-store/request-log.ts';
import { startRestServer, type RestServer } from './backup-store/rest-server.ts';
import { writeSchedule } from './backups/schedule.ts';
import { restic } from './backups/restic.ts';

/** The store of disk backups as a program: restic-rest-server on a repository of restic (decision 193). */
export const backupStoreService: Service<typeof backupStoreConfigSchema> = {
  name: 'backup-store',
  summary: "Store of disk backups: restic's repository over HTTP by restic-rest-server, encrypted with its password.",
  schema: backupStoreConfigSchema,
  example: { address: '172.22.52.207', root: '/tmp/lab/backups', password: 'Passw0rd.lab' },
  notes: [
    'Needs Debian’s packages restic and restic-rest-server.',
    'An empty folder becomes a store before the service says that it is ready, so that clients need not agree who makes it.',
    'Clients speak HTTP, or with `tls` HTTPS, without a user; what they store is encrypted before it leaves them.',
  ],
  start: startBackupStore,
};

/** restic's exit status for it. */
const WRONG_PASSWORD = 12;

/** Makes the store if there is none, starts the server and waits until it listens. */
export async function startBackupStore(config: BackupStoreConfig, emit: Emit): Promise<Running> {
  const { root, misbehave = {} } = config;
  await mkdir(root, { recursive: true });
  if (existsSync(path.join(root, 'config'))) await openStore(config);
  else await makeStore(config);
  if (config.schedule !== undefined) await writeSchedule({ folder: root }, config.schedule);
  const broken = Promise.withResolvers<string>();
  const breakDown = (message: string): void => {
    emit({ event: 'error', message });
    broken.resolve(message);
  };
  const counters = { requests: 0, snapshots: 0, refused: 0, bytesSent: 0 };
  const faults = faultsOf(misbehave, emit);
  const content = contentFaults(config, faults);
  await content.backupsAre(0);
  let packs = { writes: 0, reads: 0 };
  /** Its end is wanted. */
  let ending = false;
  let comesBack: NodeJS.Timeout | undefined;

  const seen = (request: StoreRequest): void => {
    counters.requests++;
    counters.bytesSent += request.bytes;
    const { client, method, kind, id, status } = request;
    if (isRefusal(request)) {
      counters.refused++;
      emit({ event: 'refused', client, method, kind, id, status });
    } else if (method === 'POST' && kind === 'snapshots' && id !== undefined) {
      counters.snapshots++;
      emit({ event: 'snapshot', client, id });
      content.snapshot(client, id).catch((error: unknown) => breakDown(messageOf(error)));
    }
    const before = packs;
    packs = countPacks(packs, request);
    if (goesAway(misbehave, before, packs)) void goAway(misbehave.gone?.for);
  };
  const goAway = async (forMs: number | undefined): Promise<void> => {
    ending = true;
    await server.stop('SIGKILL');
    faults.came('gone', forMs === undefined ? {} : { forMs });
    if (forMs === undefined) return;
    comesBack = setTimeout(() => {
      ending = false;
      // The same port, whoever chose it.
      begin({ ...config, port: Number(listening.split(':').at(-1)) }).then(
        (again) => {
          server = again;
          emit({ event: 'back' });
        },
        (error: unknown) => breakDown(messageOf(error)),
      );
    }, forMs);
  };
  const begin = async (at: BackupStoreConfig): Promise<RestServer> => {
    const begun = await startRestServer(at, seen);
    void begun.ended.then((message) => {
      if (!ending) breakDown(message);
    });
    return begun;
  };
  let server = await begin(config);
  const listening = server.at;
  if (isGoneAtFirst(misbehave)) await goAway(misbehave.gone?.for);
  return {
    listening: [`${listening}/tcp`],
    counters: () => ({ ...counters }),
    misbehaves: faults.told,
    broken: broken.promise,
    async stop() {
      clearTimeout(comesBack);
      ending = true;
      await server.stop('SIGTERM');
      await content.settled();
    },
  };
}

/** Faults of the store's content, one after the other as backups become complete. */
function contentFaults(
  { root, password, misbehave = {} }: BackupStoreConfig,
  faults: Pick<Faults<ContentFault>, 'came'>,
) {
  const store = { folder: root, password };
  /** A client's last snapshot. */
  const before = new Map<string, string>();
  let backups = 0;
  let work: Promise<void> = Promise.resolve();
  const backupsAre = async (count: number, partition?: string): Promise<void> => {
    for (const fault of dueFaults(misbehave, count))
      faults.came(fault, { file: await doFault(store, fault, partition) });
  };
  const looksAt = async (client: string, id: string): Promise<void> => {
    const { stdout } = await restic(store, ['cat', 'snapshot', id, '--no-lock', '--quiet']);
    const { tags = [] } = JSON.parse(stdout) as { readonly tags?: readonly string[] };
    if (tags.includes('manifest')) await backupsAre(++backups, before.get(client));
    before.set(client, id);
  };
  return {
    backupsAre,
    snapshot(client: string, id: string): Promise<void> {
      if (countsBackups(misbehave)) work = work.then(() => looksAt(client, id));
      return work;
    },
    settled: () => work.catch(() => undefined),
  };
}

/** Whether a client was refused something. That a store has no `config` is how a client learns that it must be made. */
function isRefusal({ method, kind, status }: StoreRequest): boolean {
  return status >= 400 && !(method === 'HEAD' && kind === 'config' && status === 404);
}

async function makeStore({ root, password, quickKey, startTimeoutMs }: BackupStoreConfig): Promise<void> {
  await execa('restic', ['init', '--quiet', '--no-cache', '--repo', root], {
    env: { RESTIC_PASSWORD: password },
    timeout: startTimeoutMs,
  });
  if (quickKey === true) await makeKeyQuick(root, password);
}

/** Nobody could read what clients store with one password in a store that has another. */
async function openStore({ root, password, startTimeoutMs }: BackupStoreConfig): Promise<void> {
  const { exitCode, stderr } = await execa(
    'restic',
    ['cat', 'config', '--quiet', '--no-cache', '--no-lock', '--repo', root],
    { env: { RESTIC_PASSWORD: password }, timeout: startTimeoutMs, reject: false },
  );
  if (exitCode === WRONG_PASSWORD)
    throw new Error(
      `the store in ${root} has another password than the configuration; give it that one, or an empty folder`,
    );
  if (exitCode !== 0) throw new Error(`the store in ${root} cannot be opened: ${stderr.trim()}`);
}

if (isProgram(import.meta.filename)) await runService(backupStoreService);
