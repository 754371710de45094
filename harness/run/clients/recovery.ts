import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientResult } from '../../../reports/result.ts';
import type { BackupManifest } from '../../../servers/images/backup-store/manifest.ts';
import { fileHashesOnDisk } from '../../../vm-images/comparison/disk-compare.ts';
import { resolveRunFolder, RUN_FOLDER } from '../../lab/private-files.ts';
import type { RecoveryPlan, VmPlan } from '../../plan/plan.ts';
import { backupsCommand, READ_MS } from '../store/backups-command.ts';
import type { BootingClient, PowerContext } from './booting-client.ts';
import { AGENT_PORT } from './client-vm.ts';
import { rawDisk, type DiskFile } from './disks.ts';
import { recoveryFindings, type ExtractedEntry } from './recovery-findings.ts';
import { partitionWithWork } from './saved-logs.ts';

type RecoveredResult = NonNullable<NonNullable<ClientResult['guest']>['recovered']>;

/** What was put on the share for a client. */
export interface Recovery {
  /** Absent when the client ended before it waited, and when nothing was put there. */
  readonly recovered?: RecoveredResult;
  /** Each thing that is not as it should be, in one sentence. */
  readonly findings: readonly string[];
  /** The same, with what is on the disk that the guest left. */
  comparedWith(disk: DiskFile): Promise<Pick<Recovery, 'recovered' | 'findings'>>;
}

/** When a client says that it waits for files of a backup, puts them on the image share; if that fails, tells the client why. */
export async function recoverFiles(
  client: VmPlan,
  plan: RecoveryPlan,
  guest: Pick<BootingClient, 'vm' | 'seen' | 'ended'>,
  { job, emit }: PowerContext,
): Promise<Recovery> {
  const folder = `${RUN_FOLDER}/recovery-${client.name}`;
  const nothing = (findings: readonly string[]): Recovery => ({
    findings,
    comparedWith: () => Promise.resolve({ findings }),
  });
  const waits = await Promise.race([guest.seen('agent.waits').then(() => true), guest.ended.then(() => false)]);
  if (!waits) return nothing([]);
  const share = job.plan.state.images;
  try {
    if (share === undefined) throw new Error('the lab has no image share');
    await mkdir(folder, { recursive: true });
    const { backup, entries } = await extracted(plan, resolveRunFolder(share), folder);
    const files = entries.flatMap(({ path, bytes, sha256 }) => (sha256 === undefined ? [] : [{ path, bytes, sha256 }]));
    emit({
      type: 'progress',
      client: client.name,
      text: `${files.length} files of backup ${backup} are on the image share`,
    });
    const recovered = { backup, files };
    return {
      recovered,
      findings: recoveryFindings(entries),
      async comparedWith(disk) {
        const raw = await rawDisk(disk, join(folder, 'disk.raw'));
        const hashes = await fileHashesOnDisk(
          raw,
          files.map(({ path }) => path),
        );
        await rm(folder, { recursive: true });
        return { recovered, findings: recoveryFindings(entries, hashes) };
      },
    };
  } catch (error) {
    const [why = ''] = messageOf(error).split('\n');
    emit({
      type: 'progress',
      client: client.name,
      text: `files of the backup of ${plan.of} are not recovered: ${why}`,
    });
    const port = guest.vm?.serial[AGENT_PORT];
    port?.write(`${why}\n`);
    return nothing(plan.mayFail === true ? [] : [`recovering files of the backup of ${plan.of}: ${why}`]);
  }
}

async function extracted(
  { of, id, paths, ...place }: RecoveryPlan,
  share: string,
  scratch: string,
): Promise<{ readonly backup: string; readonly entries: readonly ExtractedEntry[] }> {
  const verb = backupsCommand(place, { scratch, deadlineMs: READ_MS });
  const { manifest } = (await verb('show', id === 'latest' ? of : `${of}/${id}`)) as {
    readonly manifest: BackupManifest;
  };
  const system = partitionWithWork(manifest);
  if (system === undefined) throw new Error(`backup ${of}/${manifest.id} has no ext4 partition`);
  const backup = `${of}/${manifest.id}`;
  const words = ['extract', backup, String(system.number), ...paths, '--to-share', `--share=${share}`, '--overwrite'];
  return { backup, entries: (await verb(...words)) as readonly ExtractedEntry[] };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
