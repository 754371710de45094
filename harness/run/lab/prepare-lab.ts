import { join } from 'node:path';
import { EVIDENCE } from '../../../reports/file-names.ts';
import { captureLive, type LiveCapture } from '#tcpdump-wrapper';
import { knowsOtherUsers } from '../../lab/namespaces.ts';
import { BRIDGE, networkTask } from '../../lab/network.ts';
import { privateFilesTask } from '../../lab/private-files.ts';
import { stateTask } from '../../lab/state.ts';
import type { Task, TaskStack } from '../../lab/task.ts';
import { treeTask } from '../../lab/tree.ts';
import type { ClientPlan } from '../../plan/plan.ts';
import type { BootingClient, PowerContext } from '../clients/booting-client.ts';
import { vmSpec } from '../clients/client-vm.ts';
import { makeDisk, ownDisk, type BundleFolders, type DiskFile } from '../clients/disks.ts';
import { certificatesTask } from './certificates.ts';
import type { LabFailure } from './lab-failure.ts';
import { playClient } from '../clients/played-client.ts';
import { startClient } from '../clients/powered-client.ts';
import { announceLab } from '../running-labs.ts';
import { serviceTasks } from './service-tasks.ts';

const CAPTURE_READY_MS = 10_000;
/**
 * Frames of a lab are no longer than 1514 bytes and a VLAN tag (see hostBatch); a short slot gives the kernel's buffer
 * many.
 */
const SNAP_LENGTH = 1600;

export interface PreparedLab {
  readonly capture: LiveCapture;
  /**
   * Clients that start at once, by name: VMs paused at their first instruction, programs before their first frame.
   */
  readonly clients: ReadonlyMap<string, BootingClient>;
  /** What services were told to do wrong and have not done, in a sentence each; all is known once they are taken down. */
  notMisbehaved(): readonly string[];
  /** The same for a client whose turn has come. */
  powerUp(client: ClientPlan, index: number, disk: DiskFile, context: PowerContext): Promise<BootingClient>;
}

/**
 * Makes everything that a boot needs: services ready, capture listening, VMs paused. What can come up side by side
 * does.
 */
export async function prepareLab(context: PowerContext, stack: TaskStack, lab: LabFailure): Promise<PreparedLab> {
  const { plan, bundles, evidenceFolder } = context.job;
  const folders = new Map(bundles.map(({ name, folder }) => [name, folder]));
  await stack.add(privateFilesTask());
  if (plan.certificates) await stack.add(certificatesTask(plan.certificates));
  await together(stack, [
    networkTask(plan),
    stateTask(plan.state, join(evidenceFolder, EVIDENCE.state)),
    ...plan.trees.map((tree) => treeTask(tree, folders)),
    ...plan.clients.map((client) => diskTask(client, folders)),
  ]);
  const capture = captureTask(lab);
  const atOnce = plan.clients.flatMap((client, index) =>
    client.startsAfter === undefined ? [clientTask(client, index, ownDisk(client), context)] : [],
  );
  const { services, programs } = serviceTasks(plan, join(evidenceFolder, EVIDENCE.services), lab);
  await together(stack, [...services, ...programs, capture, ...atOnce]);
  await announceLab(context.job);
  const clients = new Map(atOnce.map((task) => task.made()).map((one) => [one.client.name, one]));
  return {
    capture: capture.made(),
    clients,
    notMisbehaved: () => services.flatMap((service) => service.notMisbehaved()),
    async powerUp(client, index, disk, own) {
      const task = clientTask(client, index, disk, own);
      await stack.add(task);
      clients.set(client.name, task.made());
      return task.made();
    },
  };
}

async function together(stack: TaskStack, tasks: readonly Task[]): Promise<void> {
  await Promise.all(tasks.map((task) => stack.add(task)));
}

function diskTask(client: ClientPlan, folders: BundleFolders): Task {
  return {
    title: `disk of ${client.name}`,
    setup: () => (client.plays === undefined ? makeDisk(client, folders) : Promise.resolve()),
  };
}

function captureTask(lab: LabFailure): Task & { made(): LiveCapture } {
  let live: LiveCapture | undefined;
  return {
    title: `capture on ${BRIDGE}`,
    async setup() {
      // Not in immediate mode: the kernel hands over blocks when they are full or a second old, which saves a wake-up a
      // frame for tcpdump and for us (a third of a run's system time) and leaves room for bursts.
      live = await captureLive({
        interface: BRIDGE,
        snapLength: SNAP_LENGTH,
        immediate: false,
        startDeadlineMs: CAPTURE_READY_MS,
        ...((await knowsOtherUsers()) ? {} : { user: 'root' }),
      });
      void live.ended.then((end) => {
        if (end.reason === 'died') lab.fail(end.error);
      });
    },
    async teardown() {
      await live?.stop();
    },
    made: () => madeOrThrow(live, 'the capture'),
  };
}

function clientTask(
  client: ClientPlan,
  index: number,
  disk: DiskFile,
  context: PowerContext,
): Task & { made(): BootingClient } {
  let one: BootingClient | undefined;
  return {
    title:
      client.plays === undefined
        ? `VM ${client.name} (${client.firmware}, ${client.nic})`
        : `${client.name}, which plays ${client.plays}`,
    async setup() {
      one =
        client.plays === undefined
          ? await startClient(client, vmSpec(client, index, context.job.accel, client.bootOrder, disk), '', context)
          : await playClient(client, index, context);
    },
    async teardown() {
      await one?.powerOff();
      await one?.keepLogs();
    },
    made: () => madeOrThrow(one, client.name),
  };
}

function madeOrThrow<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} was used before it was set up`);
  return value;
}
