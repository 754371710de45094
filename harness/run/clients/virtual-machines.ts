import { mkdir, rm } from 'node:fs/promises';
import { relative } from 'node:path';
import type { ClientResult } from '../../../reports/result.ts';
import { formatNamed, type FormatName } from '../../../servers/images/backups/convert/formats.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import type { VirtualMachinesPlan, VmPlan } from '../../plan/plan.ts';
import { backupsCommand, READ_MS } from '../store/backups-command.ts';
import type { PowerContext, Screenshot } from './booting-client.ts';
import { layerOn } from './disks.ts';
import { startFromDisk } from './own-start.ts';

type VirtualMachine = NonNullable<NonNullable<ClientResult['guest']>['virtualMachines']>[number];

/** What became of a client's backup. */
export interface StartedMachines {
  readonly machines: readonly VirtualMachine[];
  readonly screenshots: readonly Screenshot[];
  /** Each thing that is not as it should be, in one sentence. */
  readonly findings: readonly string[];
}

/** What `backups convert` prints. */
interface Converted {
  readonly backup: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/**
 * Makes the newest backup of a client a virtual machine, once for each format, and starts it from that disk, which stays as it
 * is. QEMU takes the place of what would import it, with the client's own firmware and cards.
 */
export async function startVirtualMachines(
  { client, index }: { readonly client: VmPlan; readonly index: number },
  { formats, ...place }: VirtualMachinesPlan,
  context: PowerContext,
): Promise<StartedMachines> {
  const folder = `${RUN_FOLDER}/machines-${client.name}`;
  await mkdir(folder, { recursive: true });
  const backups = backupsCommand(place, { scratch: folder, deadlineMs: READ_MS });
  const machines: VirtualMachine[] = [];
  const screenshots: Screenshot[] = [];
  const findings: string[] = [];
  // In turn: they have one network card, and their disks lie in the lab's memory.
  for (const format of formats) {
    const out = `${folder}/${format}`;
    try {
      context.emit({ type: 'progress', client: client.name, text: `its backup becomes a virtual machine (${format})` });
      const { backup, bytes, files } = (await backups(
        'convert',
        client.name,
        `--format=${format}`,
        `--out=${out}`,
      )) as Converted;
      const start = await startFrom(files[0] ?? '', format, { client, index }, context);
      screenshots.push(...start.screenshots);
      machines.push({
        backup,
        format,
        files: files.map((file) => relative(out, file)),
        bytes,
        startedBySelf: start.isUp,
      });
      if (!start.isUp)
        findings.push(
          `the virtual machine that backup ${backup} became does not start from its disk (${format}; see its serial log and its screenshot)`,
        );
    } catch (error) {
      findings.push(
        `the backup of ${client.name} becomes no virtual machine (${format}): ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    await rm(out, { recursive: true, force: true });
  }
  await rm(folder, { recursive: true, force: true });
  return { machines, screenshots, findings };
}

async function startFrom(
  file: string,
  format: FormatName,
  { client, index }: { readonly client: VmPlan; readonly index: number },
  context: PowerContext,
) {
  const disk = await layerOn({ file, format: formatNamed(format).driver }, `${client.name}-${format}`);
  try {
    return await startFromDisk({ client, index, disk }, `-${format}`, context);
  } finally {
    await rm(disk.file, { force: true });
  }
}
