import { mkdir } from 'node:fs/promises';
import type { ClientResult } from '../../../reports/result.ts';
import {
  compareDisks,
  compareDiskWithImage,
  fileHashesOnDisk,
  type ComparedDisk,
} from '../../../vm-images/disk-compare.ts';
import { within } from '../../lab/deadline.ts';
import { resolveRunFolder, RUN_FOLDER } from '../../lab/private-files.ts';
import type { AfterPlan, VmPlan, Plan } from '../../plan/plan.ts';
import { isEvent, type PowerContext } from './booting-client.ts';
import { vmSpec } from './client-vm.ts';
import { checkJoined, KEYTAB } from './joined-computer.ts';
import { layerOn, rawDisk, type DiskFile } from './disks.ts';
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
  if (!wanted || client.diskMiB === undefined) return { agent: [], screenshots: [], findings: [] };
  // Side by side: what the booted system writes goes to a layer above the disk that is compared.
  const workFolder = `${RUN_FOLDER}/compare-${client.name}`;
  await mkdir(workFolder, { recursive: true });
  const raw = await rawDisk(ended.disk, `${workFolder}/${client.name}.raw`);
  const { plan } = context.job;
  const [compared, account, booted] = await Promise.all([
    compareFiles({ ...ended, raw, workFolder }, wanted, plan),
    wanted.joined && client.join !== undefined ? checkJoined(client.join, raw, plan) : undefined,
    wanted.bootFrom === 'disk' ? bootFromDisk(ended, context) : undefined,
  ]);
  const first = compared.differences[0];
  const different = first
    ? `the disk is not as it should be in ${compared.differences.length} of ${compared.filesCompared} files: ${first.path}: expected ${first.expected}, found ${first.actual}`
    : undefined;
  return {
    disk: { ...compared, bootedBySelf: booted && booted.why === undefined },
    joined: account?.joined,
    agent: booted?.agent ?? [],
    screenshots: booted?.screenshots ?? [],
    left: booted?.left,
    findings: [different, account?.why, booted?.why].filter((why) => why !== undefined),
  };
}

type Compared = Omit<ComparedDisk, 'fileSystem'> & { readonly fileSystem?: ComparedDisk['fileSystem'] | undefined };

async function compareFiles(
  {
    client: { name, join },
    raw,
    workFolder,
    otherDisk,
  }: EndedClient & { readonly raw: string; readonly workFolder: string },
  wanted: AfterPlan,
  plan: Plan,
): Promise<Compared> {
  const { compareDiskWith, files = {} } = wanted;
  const differences: Compared['differences'] = [];
  let filesCompared = 0;
  let fileSystem: Compared['fileSystem'];
  const add = (compared: Compared): void => {
    filesCompared += compared.filesCompared;
    fileSystem ??= compared.fileSystem;
    differences.push(...compared.differences);
  };
  if (compareDiskWith && 'image' in compareDiskWith) {
    const wim = resolveRunFolder(`${imagesRoot(plan)}/${compareDiskWith.image.replaceAll('\\', '/')}`);
    add(
      await compareDiskWithImage({
        disk: raw,
        wim,
        imageIndex: 1,
        workFolder,
        added: join === undefined ? [] : [KEYTAB],
      }),
    );
  } else if (compareDiskWith) {
    const other = await otherDisk(compareDiskWith.client);
    if (!other)
      throw new Error(`comparing the disk of ${name} with that of ${compareDiskWith.client}: there is no such client`);
    add(
      await compareDisks({
        disk: raw,
        with: await rawDisk(other, `${workFolder}/${compareDiskWith.client}.raw`),
        changed: compareDiskWith.changed,
        workFolder,
      }),
    );
  }
  const named = Object.entries(files);
  if (named.length > 0) {
    const actual = await fileHashesOnDisk(
      raw,
      named.map(([path]) => path),
    );
    filesCompared += named.length;
    for (const [path, expected] of named) {
      const found = actual.get(path);
      if (found !== expected)
        differences.push({
          path,
          expected: `SHA-256 ${expected}`,
          actual: found === undefined ? 'no such file' : `SHA-256 ${found}`,
        });
    }
  }
  return { filesCompared, differences, fileSystem };
}

function isLent({ name }: VmPlan, { clients }: Plan): boolean {
  return clients.some((other) => other.plays === undefined && other.diskOf === name);
}

/** Root of the share that the image service serves. */
function imagesRoot(plan: Plan): string {
  const shared =
    plan.services.find((service) => service.kind === 'smb')?.config ??
    plan.services.find((service) => service.kind === 'active-directory')?.config.shares?.[0];
  if (shared === undefined) throw new Error('comparing a disk with an image needs an image service in the scenario');
  return shared.root;
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
