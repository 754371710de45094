import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resolveRunFolder, RUN_FOLDER } from '../lab/private-files.ts';
import { LAB_PROGRAM, type LabJob } from './lab-protocol.ts';

// Which labs run on this host is known to the kernel alone: a list in a file would outlive a lab that was killed. A
// lab says in its own files what it is; from outside they are reached through /proc/PID/root, which follows the lab's
// mounts, for whoever may look into the process: the user that started it, and root.

/** What a lab says about itself, and how to reach its files from outside. */
export interface RunningLab {
  /** Outside. */
  readonly pid: number;
  readonly mode: 'boot' | 'serve';
  /** Plan.id */
  readonly scenario: string;
  /** Scenario file, absolute. */
  readonly file: string;
  /** Absolute folder of a boot's evidence. */
  readonly evidenceFolder?: string | undefined;
  /** ISO 8601. */
  readonly readyAt: string;
  /** State of the deployment server, seen from outside. */
  readonly state: string;
  /** Root of the RemInst tree, seen from outside; absent without one. */
  readonly images?: string | undefined;
  /** Configuration file of the domain controller, as the lab has it; absent without one. */
  readonly directory?: string | undefined;
  /** Folder of the store of disk backups, seen from outside, and its password; absent without one. */
  readonly backups?: { readonly folder: string; readonly password: string } | undefined;
}

const FILE = join(RUN_FOLDER, 'lab.json');

/** Says inside a lab what it is, once its services are ready. */
export async function announceLab({ plan, mode, evidenceFolder }: LabJob): Promise<void> {
  const { folder, images } = plan.state;
  const directory = plan.directory?.state;
  const backups = plan.services.find((one) => one.kind === 'backup-store')?.config;
  const about: Omit<RunningLab, 'pid'> = {
    mode: mode.kind,
    scenario: plan.id,
    file: resolve(plan.file),
    readyAt: new Date().toISOString(),
    state: resolveRunFolder(folder),
    evidenceFolder: evidenceFolder || undefined,
    images: images && resolveRunFolder(images),
    directory: directory && join(resolveRunFolder(directory), 'smb.conf'),
    backups: backups && { folder: resolveRunFolder(backups.root), password: backups.password },
  };
  await writeFile(FILE, JSON.stringify(about));
}

/** Labs on this host whose services are ready, the newest first: those of other users are not seen. */
export async function runningLabs(): Promise<RunningLab[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const labs = await Promise.all(pids.map((pid) => labOf(Number(pid))));
  return labs.flat().toSorted((a, b) => b.readyAt.localeCompare(a.readyAt));
}

async function labOf(pid: number): Promise<RunningLab[]> {
  try {
    const [, ...words] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(Boolean);
    const program = words.pop();
    // unshare and tini have the same words after their own; Node has options alone before its program.
    if (program === undefined || !LAB_PROGRAM.test(program) || !words.every((word) => word.startsWith('--'))) return [];
    const root = `/proc/${pid}/root`;
    const about = JSON.parse(await readFile(join(root, FILE), 'utf8')) as Omit<RunningLab, 'pid'>;
    const { state, images, backups } = about;
    return [
      {
        ...about,
        pid,
        state: join(root, state),
        images: images && join(root, images),
        backups: backups && { ...backups, folder: join(root, backups.folder) },
      },
    ];
  } catch {
    // It ended while we looked, is not ready yet, or is somebody else's.
    return [];
  }
}
