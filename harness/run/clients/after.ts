import { mkdir } from 'node:fs/promises';
import type { ClientResult } from '../../../reports/result.ts';
import { within } from '../../lab/deadline.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { VmPlan, Plan } from '../../plan/plan.ts';
import { isEvent, type PowerContext } from './booting-client.ts';
import { vmSpec } from './client-vm.ts';
import { compareDisk, differencesText } from './compare-disk.ts';
import { checkJoined } from './joined-computer.ts';
import { hasDisk, layerOn, rawDisk, type DiskFile } from './disks.ts';
import { startClient } from './powered-client.ts';

export interface InstalledDisk {
  readonly disk?: NonNullable<ClientResult['guest']>['disk'];
  readonly joined?: NonNullable<ClientResult['guest']>['joined'];
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
  return {
    disk: { ...compared, bootedBySelf: booted && booted.why === undefined },
    joined: account?.joined,
    agent: booted?.agent ?? [],
    screenshots: booted?.screenshots ?? [],
    left: booted?.left,
    findings: [differencesText(compared, wanted), account?.why, booted?.why].filter((why) => why !== undefined),
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
  const spec = vmSpec(client, index, context.job.accel, [{ device: 'disk', bootindex: 1 }], left);
  context.emit({ type: 'progress', client: client.name, text: 'power-on from the installed disk alone' });
  const second = await startClient(client, spec, '-disk-boot', context);
  try {
    await second.begin();
    const up = Promise.race([
      second.seen('installed.up').then(() => true),
      second.ended.then(() => second.agent.some((record) => isEvent(record, 'installed.up'))),
    ]);
    const isUp = await within(
      `${client.name}: the installed system's own start`,
      context.job.plan.timeoutMs,
      up,
      () => second.agent.at(-1)?.event,
    ).catch(() => false);
    // What it wrote is on its disk when it has switched itself off: somebody goes on with that.
    const endless =
      isUp &&
      isLent(client, context.job.plan) &&
      !(await within(`${client.name}: the installed system's own end`, context.job.plan.timeoutMs, second.ended).then(
        () => true,
        () => false,
      ));
    await second.settle();
    return {
      agent: second.agent,
      screenshots: second.screenshots,
      left,
      ...(endless
        ? { why: 'the installed system did not switch itself off, so another client cannot continue with its disk' }
        : isUp
          ? {}
          : {
              why: 'the installed disk does not boot by itself (see the serial log and the screenshot of the second power-on)',
            }),
    };
  } finally {
    if (!second.screenshots.length) await second.screenshot('second power-on');
    await second.powerOff();
    await second.keepLogs();
  }
}
