import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import type { ClientResult } from '../../reports/result.ts';
import { compareDiskWithImage, fileHashesOnDisk } from '../../vm-images/disk-compare.ts';
import { within } from '../lab/deadline.ts';
import { resolveRunFolder, RUN_FOLDER } from '../lab/private-files.ts';
import type { MachinePlan, Plan } from '../plan/plan.ts';
import { diskPath, machineSpec } from './client-machine.ts';
import type { BootingClient, PowerContext } from './booting-client.ts';
import { checkJoined, KEYTAB } from './joined-computer.ts';
import { startClient } from './powered-client.ts';

export interface InstalledDisk {
  readonly disk?: NonNullable<NonNullable<ClientResult['guest']>['disk']>;
  readonly joined?: NonNullable<NonNullable<ClientResult['guest']>['joined']>;
  readonly agent: NonNullable<ClientResult['guest']>['agent'];
  readonly screenshots: NonNullable<ClientResult['screenshots']>;
  /** Why the disk is not what the scenario wants; absent when it is. */
  readonly why?: string;
}

/** Looks at what an installation left on a client's disk, file by file, and boots it by itself. */
export async function checkInstalledDisk({ client }: BootingClient, index: number, plan: Plan, context: PowerContext): Promise<InstalledDisk> {
  const wanted = plan.after;
  if (!wanted || client.plays !== undefined || client.diskMiB === undefined) return { agent: [], screenshots: [] };
  // Side by side: what the booted system writes goes to a layer above the disk that is compared.
  const [compared, account, booted] = await Promise.all([
    compareFiles(client, diskPath(client), plan),
    wanted.joined && client.join !== undefined ? checkJoined(client.join, diskPath(client), plan) : undefined,
    wanted.bootFrom === 'disk' ? bootFromDisk(client, index, plan, context) : undefined,
  ]);
  const first = compared.differences[0];
  const why = first
    ? `the installed disk differs from the image in ${compared.differences.length} of ${compared.filesCompared} files: ${first.path}: expected ${first.expected}, found ${first.actual}`
    : (account?.why ?? booted?.why);
  return {
    disk: { ...compared, ...(booted ? { bootedBySelf: booted.why === undefined } : {}) },
    ...(account ? { joined: account.joined } : {}),
    agent: booted?.agent ?? [],
    screenshots: booted?.screenshots ?? [],
    ...(why === undefined ? {} : { why }),
  };
}

async function compareFiles({ name, join }: MachinePlan, disk: string, plan: Plan): Promise<{ filesCompared: number; differences: { path: string; expected: string; actual: string }[] }> {
  const differences: { path: string; expected: string; actual: string }[] = [];
  let filesCompared = 0;
  const image = plan.after?.compareDiskWith?.image;
  if (image !== undefined) {
    const wim = resolveRunFolder(`${imagesRoot(plan)}/${image.replaceAll('\\', '/')}`);
    const workFolder = `${RUN_FOLDER}/compare-${name}`;
    await mkdir(workFolder, { recursive: true });
    const compared = await compareDiskWithImage({ disk, wim, imageIndex: 1, workFolder, ...(join === undefined ? {} : { added: [KEYTAB] }) });
    filesCompared += compared.filesCompared;
    differences.push(...compared.differences);
  }
  const files = Object.entries(plan.after?.files ?? {});
  if (files.length > 0) {
    const actual = await fileHashesOnDisk(disk, files.map(([path]) => path));
    filesCompared += files.length;
    for (const [path, expected] of files) {
      const found = actual.get(path);
      if (found !== expected) differences.push({ path, expected: `SHA-256 ${expected}`, actual: found === undefined ? 'no such file' : `SHA-256 ${found}` });
    }
  }
  return { filesCompared, differences };
}

/** Root of the share that the image service serves. */
function imagesRoot(plan: Plan): string {
  const shared = plan.services.find(({ kind }) => kind === 'smb')?.config ?? (plan.services.find(({ kind }) => kind === 'active-directory')?.config['shares'] as { root: string }[] | undefined)?.[0];
  const root = shared?.['root'];
  if (typeof root !== 'string') throw new Error('comparing a disk with an image needs an image service in the scenario');
  return root;
}

async function bootFromDisk(client: MachinePlan, index: number, plan: Plan, context: PowerContext): Promise<{ agent: InstalledDisk['agent']; screenshots: InstalledDisk['screenshots']; why?: string }> {
  const layer = `${RUN_FOLDER}/${client.name}-disk-boot.qcow2`;
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', diskPath(client), '-F', 'raw', layer]);
  const spec = machineSpec(client, index, context.job.accel, [{ device: 'disk', bootindex: 1 }], { file: layer, format: 'qcow2' });
  context.emit({ type: 'progress', client: client.name, text: 'power-on from the installed disk alone' });
  const second = await startClient(client, spec, '-disk-boot', context);
  try {
    await second.begin();
    const up = Promise.race([second.seen('installed.up').then(() => true), second.ended.then(() => second.agent.some((record) => record.event === 'installed.up'))]);
    const isUp = await within(`${client.name}: the installed system's own start`, plan.timeoutMs, up, () => second.agent.at(-1)?.event).catch(() => false);
    await second.settle();
    return { agent: second.agent, screenshots: second.screenshots, ...(isUp ? {} : { why: 'the installed disk does not boot by itself (see the serial log and the screenshot of the second power-on)' }) };
  } finally {
    if (!second.screenshots.length) await second.screenshot('second power-on');
    await second.powerOff();
    await second.keepLogs();
  }
}
