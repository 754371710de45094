import type { TpmUse, VmExit } from '#qemu-wrapper';
import type { ClientPlan, HotBackupsPlan, RecoveryPlan, VmPlan, Plan } from '../../plan/plan.ts';
import type { InstalledDisk } from './after.ts';
import type { BootingClient, PowerContext } from './booting-client.ts';
import { untilStoryEnds, type StoryEnd } from './boot-story.ts';
import { layerOn, ownDisk, type DiskFile } from './disks.ts';
import type { StoresOfBoot } from './firmware-variables.ts';
import type { TakenBackups, WorkingClient } from './hot-backups.ts';
import type { Recovery } from './recovery.ts';
import type { readSnapshotBackups } from './snapshot-backups.ts';
import type { SeenStart } from './next-start.ts';
import type { LiveJudging } from '../lab/live-judge.ts';
import type { PreparedLab } from '../lab/prepare-lab.ts';

/** What became of one client. */
export interface ToldStory {
  readonly client: ClientPlan;
  /** Absent for a client that was never powered on, because the one it starts after did not pass. */
  readonly booting?: BootingClient;
  readonly looked?: InstalledDisk | undefined;
  readonly next?: SeenStart | undefined;
  /** Of its boot from the network; absent for a firmware that has none, and a client that was never powered on. */
  readonly variables?: StoresOfBoot | undefined;
  /** Of the same boot; absent for a client without a TPM. */
  readonly tpm?: TpmUse | undefined;
  /** Backups that were taken of it while its guest worked, by its hypervisor or by itself. */
  readonly hot?: Pick<TakenBackups, 'backups' | 'findings'> | undefined;
  /** What was recovered of a backup, into its disk. */
  readonly recovery?: Pick<Recovery, 'recovered' | 'findings'> | undefined;
  /** The disk as its last power-on left it. */
  readonly disk: DiskFile;
  readonly passed: boolean;
}

export interface ToldStories {
  /** Resolves when no client will send anything more: the capture may end. Installed disks may still boot then. */
  readonly wireOver: Promise<void>;
  /** In the order of the plan. */
  readonly over: Promise<readonly ToldStory[]>;
}

/** How a VM ends whose power an incident of its scenario cuts. */
const POWER_LOST: VmExit['reason'] = 'host-quit';

/** Runs every client's story at once, except those that start after another client. */
export function tellStories(prepared: PreparedLab, judging: LiveJudging, context: PowerContext): ToldStories {
  const { plan } = context.job;
  const wires = new Map(plan.clients.map(({ name }) => [name, Promise.withResolvers<undefined>()]));
  const stories = new Map<string, Promise<ToldStory>>();
  /** Called once all stories have begun, so that their order in the file does not matter. */
  const told = async (name: string | undefined): Promise<ToldStory | undefined> =>
    name === undefined ? undefined : await stories.get(name);

  const tell = async (client: ClientPlan, index: number): Promise<ToldStory> => {
    // One turn later every story is in the map.
    await Promise.resolve();
    const before = await told(client.startsAfter);
    const vm = client.plays === undefined ? client : undefined;
    const lent = await told(vm?.diskOf);
    if (before && !before.passed) return { client, disk: ownDisk(client), passed: false };
    const disk = lent ? await layerOn(lent.disk, client.name) : ownDisk(client);
    const booting = prepared.clients.get(client.name) ?? (await powerUpLater(client, index, disk));
    if (before) judging.poweredOn(client.mac);
    await booting.begin();
    const after = vm ? (vm.after ?? plan.after) : undefined;
    // Who saves or restores its disk, or recovers files, has done so when it ends by itself.
    const wantsEnd =
      after !== undefined ||
      vm?.diskRole !== undefined ||
      vm?.recovery !== undefined ||
      plan.clients.some(
        (one) =>
          one.plays === undefined &&
          (one.diskOf === client.name || one.after?.restoredFrom?.toLowerCase() === client.name.toLowerCase()),
      );
    const taking =
      vm?.hotBackups && booting.vm ? takeBackups(vm, vm.hotBackups, { ...booting, vm: booting.vm }) : undefined;
    const recovering = vm?.recovery && recover(vm, vm.recovery, booting);
    const end = await untilStoryEnds(booting, {
      settled: judging.settled(client.mac),
      timeoutMs: plan.timeoutMs,
      idleMs: plan.idleTimeoutMs,
      framesSent: () => judging.framesFrom(client.mac),
      stoodStillMs: () => judging.stoodStillMs(),
      goesOn: () => wantsEnd && !judging.hasFailedStep(client.mac),
    });
    judging.ended({
      mac: client.mac,
      atUs: end.atUs,
      reason: end.byItself ?? end.idle ?? 'switched-off',
      ...(end.idle === undefined ? {} : { how: 'idle' }),
    });
    const variables = await booting.firmwareVariables();
    const hot = vm?.snapshotBackups
      ? await readBackups(vm, vm.snapshotBackups, {
          agent: booting.agent,
          disk,
          endedByItself: end.byItself !== undefined,
        })
      : await taking?.then((taken) => (end.byItself === undefined ? taken : taken.comparedWith(disk)));
    const recovery = await recovering?.then((one) => (end.byItself === undefined ? one : one.comparedWith(disk)));
    const tpm = await booting.tpmUse();
    const good = wantsEnd && !judging.hasFailedStep(client.mac);
    const wanted = good && end.byItself !== undefined ? after?.nextStart : undefined;
    const next = vm && wanted ? await nextStart(vm, index, disk, wanted) : undefined;
    wires.get(client.name)?.resolve(undefined);
    if (good && end.byItself === undefined)
      return { client, booting, disk, passed: false, variables, tpm, hot, recovery, looked: stillRunning(plan, end) };
    // A computer that lost its power left its disk in the middle of something.
    const looked = good && vm && after && end.byItself !== POWER_LOST ? await look(vm, index, disk) : undefined;
    const passed =
      [hot, recovery, looked, next].every((one) => (one?.findings ?? []).length === 0) &&
      (isFollowed(client, plan) ? (await settledVerdict(client)) === 'passed' : true);
    const left = looked?.left ?? next?.left ?? disk;
    return { client, booting, disk: left, passed, looked, next, variables, tpm, hot, recovery };
  };
  const powerUpLater = (client: ClientPlan, index: number, disk: DiskFile): Promise<BootingClient> => {
    context.emit({
      type: 'progress',
      client: client.name,
      text: `power-on, now that ${client.startsAfter ?? 'the others'} has passed`,
    });
    const sinceMs = performance.now();
    return prepared.powerUp(client, index, disk, { ...context, runMs: () => performance.now() - sinceMs });
  };
  const otherDisk = async (name: string): Promise<DiskFile | undefined> => {
    const other = plan.clients.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return (await told(other?.name))?.disk;
  };
  const takeBackups = async (client: VmPlan, wanted: HotBackupsPlan, guest: WorkingClient): Promise<TakenBackups> => {
    const { takeHotBackups } = await import('./hot-backups.ts');
    return takeHotBackups(client, wanted, guest, context);
  };
  const recover = async (client: VmPlan, wanted: RecoveryPlan, guest: BootingClient): Promise<Recovery> => {
    const { recoverFiles } = await import('./recovery.ts');
    return recoverFiles(client, wanted, guest, context);
  };
  const readBackups: typeof readSnapshotBackups = async (client, wanted, saved) => {
    const program = await import('./snapshot-backups.ts');
    const read = await program.readSnapshotBackups(client, wanted, saved);
    return { ...read, findings: [...read.findings, ...((await context.jobs?.retain()) ?? [])] };
  };
  const look = async (client: VmPlan, index: number, disk: DiskFile): Promise<InstalledDisk> => {
    const { checkInstalledDisk } = await import('./after.ts');
    return checkInstalledDisk({ client, index, disk, otherDisk }, context);
  };
  const nextStart = async (
    client: VmPlan,
    index: number,
    disk: DiskFile,
    wanted: 'disk' | 'network',
  ): Promise<SeenStart> => {
    const { seeNextStart } = await import('./next-start.ts');
    const wire = {
      startsFromNetwork: () => judging.startsFromNetwork(client.mac),
      settled: judging.settled(client.mac),
    };
    return seeNextStart({ client, index, disk }, wanted, wire, context);
  };
  const settledVerdict = async ({ mac }: ClientPlan): Promise<string | undefined> => {
    await judging.settled(mac);
    return judging.verdictOf(mac);
  };

  for (const [index, client] of plan.clients.entries()) stories.set(client.name, tell(client, index));
  const over = Promise.all(stories.values());
  const wireOver = Promise.all(
    plan.clients.map(async ({ name }) => {
      await Promise.race([wires.get(name)?.promise, stories.get(name)]);
    }),
  ).then(() => undefined);
  return { wireOver, over };
}

function isFollowed(client: ClientPlan, plan: Plan): boolean {
  return plan.clients.some(({ startsAfter }) => startsAfter === client.name);
}

function stillRunning({ timeoutMs }: Plan, { idle }: StoryEnd): InstalledDisk {
  return {
    agent: [],
    screenshots: [],
    findings: [
      `the VM did not end by itself ${idle === undefined ? `within ${timeoutMs} ms` : `(${idle})`}, so its disk was not checked (see the last screenshot)`,
    ],
  };
}
