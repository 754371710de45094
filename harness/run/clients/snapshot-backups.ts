import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientResult } from '../../../reports/result.ts';
import type { BackupManifest } from '../../../servers/images/backup-store/manifest.ts';
import type { ListedBackup } from '../../../servers/images/backups/backup-text.ts';
import { readWork } from '../../../vm-images/comparison/work-log.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { SnapshotBackupsPlan, VmPlan } from '../../plan/plan.ts';
import { backupsCommand, READ_MS, type BackupsCommand, type StorePlace } from '../store/backups-command.ts';
import type { AgentRecord } from './booting-client.ts';
import type { DiskFile } from './disks.ts';
import { hotBackupFindings } from './hot-backup-findings.ts';
import { notBeginnings, partitionWithWork, type SavedLog } from './saved-logs.ts';
import { snapshotFindings, takenSnapshots, type TakenSnapshot } from './taken-snapshots.ts';

type HotBackupResult = NonNullable<NonNullable<ClientResult['guest']>['hotBackups']>[number];

interface ReadBackups {
  readonly backups: readonly HotBackupResult[];
  /** Each thing that is not as it should be, in one sentence. */
  readonly findings: readonly string[];
}

/** A client that saved itself while it worked, and what it left. */
interface SavedClient {
  readonly agent: readonly AgentRecord[];
  readonly disk: DiskFile;
  /** Its disk is as the guest left it, and not as it was when its power was cut. */
  readonly endedByItself: boolean;
}

/** Reads each backup back that an agent took of its own disk while it worked, and looks into it. */
export async function readSnapshotBackups(
  { name }: VmPlan,
  plan: SnapshotBackupsPlan,
  { agent, disk, endedByItself }: SavedClient,
): Promise<ReadBackups> {
  const folder = `${RUN_FOLDER}/snapshots-${name}`;
  await mkdir(folder, { recursive: true });
  const store = new Store(plan, folder);
  const taken = takenSnapshots(agent);
  const findings = snapshotFindings(taken, plan.snapshotsKiB.length, plan.mayFail === true);
  const backups: HotBackupResult[] = [];
  const logs: SavedLog[] = [];
  try {
    const complete = await store.completeOf(name);
    for (const one of taken) {
      if (one.id === undefined) continue;
      if (one.isSaved !== complete.has(one.id))
        findings.push(
          `backup ${one.id}: the agent says that it ${one.isSaved ? 'saved' : 'did not save'} it, and the store has ${one.isSaved ? 'no complete one' : 'a complete one'}`,
        );
      else if (one.isSaved) {
        const read = await readOne(store, name, { ...one, id: one.id }, folder);
        backups.push(read.backup);
        logs.push(read.log);
        findings.push(...read.findings.map((finding) => `backup ${one.id ?? ''}, snapshot: ${finding}`));
      }
    }
    if (endedByItself) findings.push(...(await notBeginnings(logs, disk, folder)));
  } catch (error) {
    findings.push(
      `the backups of ${name} cannot be read back: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  await rm(folder, { recursive: true, force: true });
  return { backups, findings };
}

async function readOne(
  store: Store,
  client: string,
  { id, before, after = before, heldMs, keptBytes = 0 }: TakenSnapshot & { readonly id: string },
  folder: string,
): Promise<{ readonly backup: HotBackupResult; readonly log: SavedLog; readonly findings: readonly string[] }> {
  const manifest = await store.manifestOf(client, id);
  const system = partitionWithWork(manifest);
  if (system === undefined) throw new Error(`${id} has no ext4 partition`);
  const raw = await store.diskOf(client, id);
  const offset = system.startSector * manifest.disk.sectorBytes;
  const file = join(folder, 'partition');
  const bytes = [
    'iflag=skip_bytes,count_bytes',
    `skip=${offset}`,
    `count=${system.sectors * manifest.disk.sectorBytes}`,
  ];
  await execa('dd', [`if=${raw}`, `of=${file}`, 'bs=1M', 'conv=sparse', 'status=none', ...bytes]);
  await rm(raw);
  const { clean, records, problems, log } = await readWork(file);
  await rm(file);
  return {
    log: { id, log, offset },
    backup: {
      id,
      kind: 'snapshot',
      copiedBytes: keptBytes,
      storedBytes: manifest.partitions.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      ...(heldMs === undefined ? {} : { frozenMs: heldMs }),
      clean,
      records,
    },
    findings: hotBackupFindings({ how: 'snapshot', clean, records, problems, before, after }),
  };
}

/** A store of backups, by its catalogue. */
class Store {
  readonly #verb: BackupsCommand;
  readonly #scratch: string;

  constructor(place: StorePlace, scratch: string) {
    this.#verb = backupsCommand(place, { scratch, deadlineMs: READ_MS });
    this.#scratch = scratch;
  }

  /** Ids of the complete backups of a client. */
  async completeOf(client: string): Promise<ReadonlySet<string>> {
    const all = (await this.#verb('list')) as readonly ListedBackup[];
    return new Set(all.filter((one) => one.client === client && one.state === 'complete').map(({ id }) => id));
  }

  async manifestOf(client: string, id: string): Promise<BackupManifest> {
    const { manifest } = (await this.#verb('show', `${client}/${id}`)) as { readonly manifest: BackupManifest };
    return manifest;
  }

  /** A raw file with the whole disk of a backup. */
  async diskOf(client: string, id: string): Promise<string> {
    const file = join(this.#scratch, `${id}.raw`);
    await this.#verb('restore', `${client}/${id}`, '--to', file);
    return file;
  }
}
