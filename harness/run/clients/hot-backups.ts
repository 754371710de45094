import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { hotBackup, type Vm } from '#qemu-wrapper';
import type { ClientResult } from '../../../reports/result.ts';
import type { SaveDiskEvent, SaveDiskOrder } from '../../../servers/images/save-disk.ts';
import type { JobStart } from '../../../servers/state/job-log.ts';
import { programFile } from '../../../servers/service/program-file.ts';
import { readWork } from '../../../vm-images/comparison/work-log.ts';
import { onHost } from '../../lab/namespaces.ts';
import { resolveRunFolder, RUN_FOLDER } from '../../lab/private-files.ts';
import { DeadlineError } from '../../lab/deadline.ts';
import type { HotBackupsPlan, VmPlan } from '../../plan/plan.ts';
import { untilMs } from '../store/store-jobs.ts';
import { isEvent, type BootingClient, type PowerContext } from './booting-client.ts';
import { AGENT_PORT } from './client-vm.ts';
import type { DiskFile } from './disks.ts';
import { hotBackupFindings } from './hot-backup-findings.ts';
import { notBeginnings, partitionWithWork, type SavedLog } from './saved-logs.ts';

const PROGRAM = programFile(import.meta.filename, '../../../servers/images/save-disk');
/** For copying a disk within the lab, and for writing it to the store, on a busy host. */
const COPY_MS = 120_000;
/** How long a guest that works may take for its next ten records. */
const NEXT_RECORDS_MS = 60_000;
const LOOK_MS = 100;

type HotBackupResult = NonNullable<NonNullable<ClientResult['guest']>['hotBackups']>[number];

export interface TakenBackups {
  readonly backups: readonly HotBackupResult[];
  /** Each thing that is not as it should be, in one sentence. */
  readonly findings: readonly string[];
  /** The same, with what the log was when the guest had ended: each backup's must be its beginning. */
  comparedWith(disk: DiskFile): Promise<Pick<TakenBackups, 'backups' | 'findings'>>;
}

/** A guest that works, and the VM that it works in. */
export interface WorkingClient extends Pick<BootingClient, 'agent' | 'ended'> {
  readonly vm: Vm;
}

/**
 * Takes the backups of a client one after the other while its guest works, and then tells the guest that it is enough. Each is saved to
 * the store from the hypervisor's own host, read back from there, and looked into.
 */
export async function takeHotBackups(
  client: VmPlan,
  plan: HotBackupsPlan,
  guest: WorkingClient,
  context: PowerContext,
): Promise<TakenBackups> {
  const folder = `${RUN_FOLDER}/hot-${client.name}`;
  await mkdir(folder, { recursive: true });
  const backups: HotBackupResult[] = [];
  const findings: string[] = [];
  const logs: SavedLog[] = [];
  try {
    // Without any record there is nothing that a backup could have lost. How long a boot may take until then is the story's to say.
    await recordsAfter(guest, 0, Infinity);
    // The clock of the day first: what is due by the other one is then never before its time.
    const startedAtMs = Date.now();
    const startedMs = performance.now();
    for (const [index, how] of plan.take.entries()) {
      const dueMs = plan.everyMs === undefined ? undefined : index * plan.everyMs;
      if (dueMs !== undefined) await untilMs(startedMs + dueMs, guest.ended);
      const start = {
        ...({ kind: 'backup', by: 'hypervisor', client: client.name } as const),
        ...(dueMs === undefined ? {} : { dueAt: new Date(startedAtMs + dueMs).toISOString() }),
      };
      const one = await attempt(context, start, () =>
        takeOne(client, plan, guest, how, join(folder, String(index)), context),
      );
      backups.push(one.backup);
      logs.push(one.log);
      findings.push(...one.findings.map((finding) => `backup ${one.backup.id}, ${how}: ${finding}`));
      findings.push(...((await context.jobs?.retain()) ?? []));
    }
  } catch (error) {
    findings.push(`backup ${backups.length + 1} of ${plan.take.length} was not taken: ${messageOf(error)}`);
  }
  guest.vm.serial[AGENT_PORT]?.write('\n');
  const told = (): HotBackupResult[] => {
    const removed = context.jobs?.removed(client.name);
    return backups.map((one) => (removed?.has(one.id) === true ? { ...one, removed: true } : one));
  };
  return {
    backups: told(),
    findings,
    comparedWith: async (disk) => ({
      backups: told(),
      findings: [...findings, ...(await notBeginnings(logs, disk, folder))],
    }),
  };
}

/** One backup as a job in the store's log; one that was made, and is not as it should be, has failed there, too. */
function attempt({ jobs }: PowerContext, start: JobStart, take: () => Promise<TakenBackup>): Promise<TakenBackup> {
  if (jobs === undefined) return take();
  return jobs.attempt(start, async () => {
    const one = await take();
    const made = { backup: `${start.client ?? ''}/${one.backup.id}`, bytes: one.bytes };
    const reason = one.findings.join('; ');
    return [one, one.findings.length === 0 ? { ...made, outcome: 'done' } : { ...made, outcome: 'failed', reason }];
  });
}

interface TakenBackup {
  readonly backup: HotBackupResult;
  readonly log: SavedLog;
  /** Of its streams. */
  readonly bytes: number;
  readonly findings: readonly string[];
}

async function takeOne(
  client: VmPlan,
  plan: HotBackupsPlan,
  guest: WorkingClient,
  how: HotBackupsPlan['take'][number],
  folder: string,
  { emit, jobs }: PowerContext,
): Promise<TakenBackup> {
  const { vm } = guest;
  const agent = vm.guestAgent;
  if (agent === undefined) throw new Error('the VM has no channel to a guest agent');
  // Also where nothing is to be frozen: a backup of a VM whose agent does not run yet would be another case.
  await agent.ping(NEXT_RECORDS_MS);
  const before = recordsOf(guest);
  const beganAt = new Date().toISOString();
  const target = `${RUN_FOLDER}/hot-${client.name}/target.qcow2`;
  const { kind, copiedBytes, frozen } = await hotBackup(vm.qmp, {
    node: 'disk0',
    target,
    deadlineMs: COPY_MS,
    ...(how === 'frozen' ? { freeze: { agent } } : {}),
  });
  // The VM was never stopped: it goes on with its records.
  const after = await recordsAfter(guest, recordsOf(guest));
  const raw = `${folder}.raw`;
  await execa('qemu-img', ['convert', '-q', '-f', 'qcow2', '-O', 'raw', target, raw]);
  const order: SaveDiskOrder = {
    store: plan.store,
    password: plan.storePassword,
    ...(plan.storeAuthority === undefined ? {} : { authority: resolveRunFolder(plan.storeAuthority) }),
    client: client.name,
    mac: client.mac,
    firmware: client.firmware === 'bios' ? 'bios' : 'uefi',
    disk: raw,
    beganAt,
    readBack: folder,
  };
  const save = () => saved(plan.hypervisor, order);
  // What is read back is read without a lock.
  const { manifest, files } = await (jobs?.beside(save) ?? save());
  await rm(raw);
  emit({
    type: 'progress',
    client: client.name,
    text: `hot backup ${manifest.id}: ${kind}, ${copiedBytes} bytes copied${frozen === undefined ? '' : `, frozen for ${frozen.ms} ms`}`,
  });
  const system = partitionWithWork(manifest);
  const file = files.get(system?.number ?? -1);
  if (system === undefined || file === undefined) throw new Error('no ext4 partition was read back from the store');
  const { clean, records, problems, log } = await readWork(file);
  await rm(folder, { recursive: true });
  return {
    log: { id: manifest.id, log, offset: system.startSector * manifest.disk.sectorBytes },
    backup: {
      id: manifest.id,
      kind,
      copiedBytes,
      storedBytes: manifest.partitions.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      ...(frozen === undefined ? {} : { frozenMs: frozen.ms }),
      clean,
      records,
    },
    bytes: manifest.partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    findings: hotBackupFindings({ how, clean, records, problems, before, after }),
  };
}

/** Has the hypervisor's host save a disk to the store, and read it back. */
async function saved(host: string, order: SaveDiskOrder) {
  const [command, ...args] = [...onHost(host), process.execPath, PROGRAM];
  const child = execa(command, args, { input: JSON.stringify(order), timeout: COPY_MS, reject: false });
  const files = new Map<number, string>();
  let manifest: Extract<SaveDiskEvent, { event: 'saved' }>['manifest'] | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as SaveDiskEvent;
    if (event.event === 'saved') manifest = event.manifest;
    else files.set(event.partition, event.file);
  }
  const { failed, stderr, shortMessage } = await child;
  if (failed || manifest === undefined)
    throw new Error(`the hypervisor could not save the disk: ${stderr.trim() || (shortMessage ?? 'no reason given')}`);
  return { manifest, files };
}

/** Records that the guest has said to be on its disk. */
function recordsOf({ agent }: WorkingClient): number {
  const last = agent.findLast((record) => isEvent(record, 'agent.work'))?.detail?.['records'];
  return typeof last === 'number' ? last : 0;
}

/** Resolves with the guest's next word on its records, when there are more than so many. */
async function recordsAfter(guest: WorkingClient, records: number, deadlineMs = NEXT_RECORDS_MS): Promise<number> {
  const startedMs = performance.now();
  let ended: string | undefined;
  void guest.ended.then(({ reason }) => (ended = reason));
  for (;;) {
    const now = recordsOf(guest);
    if (now > records) return now;
    if (ended !== undefined) throw new Error(`the guest has ended (${ended})`);
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs > deadlineMs) throw new DeadlineError('more records of the guest', elapsedMs, deadlineMs);
    await sleep(LOOK_MS);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
