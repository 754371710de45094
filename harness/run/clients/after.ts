import { mkdir } from 'node:fs/promises';
import type { ClientResult } from '../../../reports/result.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { VmPlan, Plan } from '../../plan/plan.ts';
import type { PowerContext } from './booting-client.ts';
import { compareDisk, differencesText } from './compare-disk.ts';
import { checkJoined } from './joined-computer.ts';
import { hasDisk, layerOn, rawDisk, type DiskFile } from './disks.ts';
import { startFromDisk, type OwnStart } from './own-start.ts';
import { startVirtualMachines } from './virtual-machines.ts';

export interface InstalledDisk {
  readonly disk?: NonNullable<ClientResult['guest']>['disk'];
  readonly joined?: NonNullable<ClientResult['guest']>['joined'];
  readonly virtualMachines?: NonNullable<ClientResult['guest']>['virtualMachines'];
  readonly agent: NonNullable<ClientResult['guest']>['agent'];
  readonly screenshots: NonNullable<ClientResult['screenshots']>;
  /** The disk as its own start left it; absent when it was not started. */
  readonly left?: DiskFile | undefined;
  /** Each thing that is not as the scenario wants it, in one sentence. */
  readonly findings: readonly string[];
}

/** A client whose guest ended by itself, and the disk that it left. */
export interface EndedClient {
  readonly client: VmPlan;
  readonly index: number;
  readonly disk: DiskFile;
  /** The disk that another client left, by its name. */
  readonly otherDisk: (name: string) => Promise<DiskFile | undefined>;
}

/** Looks at what is on a client's disk, file by file, and boots it by itself. */
export async function checkInstalledDisk(ended: EndedClient, context: PowerContext): Promise<InstalledDisk> {
  const { client } = ended;
  const wanted = client.after ?? context.job.plan.after;
  if (!wanted || !hasDisk(client)) return { agent: [], screenshots: [], findings: [] };
  // Side by side: what the booted system writes goes to a layer above the disk that is compared.
  const workFolder = `${RUN_FOLDER}/compare-${client.name}`;
  await mkdir(workFolder, { recursive: true });
  const raw = await rawDisk(ended.disk, `${workFolder}/${client.name}.raw`);
  const { plan } = context.job;
  const [compared, account, booted] = await Promise.all([
    compareDisk({ ...ended, raw, workFolder }, wanted, plan),
    wanted.joined && client.join !== undefined ? checkJoined(client.join, raw, plan) : undefined,
    wanted.bootFrom === 'disk' ? bootFromDisk(ended, context) : undefined,
  ]);
  const machines = client.virtualMachines && (await startVirtualMachines(ended, client.virtualMachines, context));
  return {
    disk: { ...compared, bootedBySelf: booted && booted.why === undefined },
    joined: account?.joined,
    agent: booted?.agent ?? [],
    screenshots: [...(booted?.screenshots ?? []), ...(machines?.screenshots ?? [])],
    ...(machines === undefined ? {} : { virtualMachines: machines.machines }),
    left: booted?.left,
    findings: [differencesText(compared, wanted), account?.why, booted?.why, ...(machines?.findings ?? [])].filter(
      (why) => why !== undefined,
    ),
  };
}

function isLent({ name }: VmPlan, { clients }: Plan): boolean {
  return clients.some((other) => other.plays === undefined && other.diskOf === name);
}

async function bootFromDisk(
  { client, index, disk }: EndedClient,
  context: PowerContext,
): Promise<Pick<InstalledDisk, 'agent' | 'screenshots'> & { readonly left: DiskFile; readonly why?: string }> {
  const left = await layerOn(disk, `${client.name}-disk-boot`);
  context.emit({ type: 'progress', client: client.name, text: 'power-on from the installed disk alone' });
  // What it wrote is on its disk when it has switched itself off: somebody goes on with that.
  const start = await startFromDisk(
    { client, index, disk: left },
    '-disk-boot',
    context,
    isLent(client, context.job.plan),
  );
  const why = whyNotDone(start);
  return { agent: start.agent, screenshots: start.screenshots, left, ...(why === undefined ? {} : { why }) };
}

function whyNotDone({ isUp, hasEnded }: OwnStart): string | undefined {
  if (!isUp)
    return 'the installed disk does not boot by itself (see the serial log and the screenshot of the second power-on)';
  return hasEnded
    ? undefined
    : 'the installed system did not switch itself off, so another client cannot continue with its disk';
}
