import { DISK_ATTACHMENTS, DISK_INTERFACES, MACHINES, type DiskInterface } from '#qemu-wrapper/machines';
import { firmwareRow } from '#qemu-wrapper/nic-models';
import { backupModeOf } from '../backups.ts';
import { servedBundle } from '../bundles.ts';
import { failureOf } from '../client-order.ts';
import { rootsOf } from '../defaults.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { orderDecides, type Impossible, type Machine } from './machine.ts';

/** The disk against the machine that has it, the firmware that starts from it, and the agent that installs on it. */
export function impossibleDisks(machine: Machine, content: ScenarioContent): Impossible[] {
  const starts = machine.devices?.includes('disk') ?? true;
  return [
    ...attachmentOf(machine),
    ...blocksOf(machine),
    ...(starts ? orderDecides('disk', content, [...sataStart(machine), ...blocksAtStart(machine)]) : []),
    ...installedOf(machine, content),
  ];
}

const others = (fits: (name: DiskInterface) => boolean): string => DISK_INTERFACES.filter(fits).join(', ');

function attachmentOf({ machine: board, 'disk-interface': kind }: Machine): Impossible[] {
  if (kind !== 'ide' || MACHINES[board].ideDisksMax > 0) return [];
  return [
    {
      parts: ['disk-interface', 'machine', 'firmware'],
      expected: `a disk that machine type ${board} takes (${others((name) => name !== 'ide')})`,
      got: '"ide"',
      why: `machine type ${board} has no IDE controller`,
    },
  ];
}

/** The disk's controller against the firmware that is to start from it. */
function sataStart({ firmware, 'disk-interface': kind }: Machine): Impossible[] {
  if (kind !== 'sata' || firmwareRow(firmware).bootsFromSata) return [];
  return [
    {
      parts: ['disk-interface', 'firmware'],
      expected: `a disk that ${firmware} has a driver for (${others((name) => name !== 'sata' && name !== 'ide')})`,
      got: '"sata"',
      why: `firmware ${JSON.stringify(firmware)} has no driver for SATA`,
    },
  ];
}

function blocksOf({ 'disk-interface': kind, 'disk-block-size': bytes }: Machine): Impossible[] {
  if (bytes !== 4096 || DISK_ATTACHMENTS[kind].takes4Kn) return [];
  return [
    {
      parts: ['disk-block-size', 'disk-interface'],
      expected: `blocks of 512 bytes, or another disk-interface (${others((name) => DISK_ATTACHMENTS[name].takes4Kn)})`,
      got: String(bytes),
      why: `QEMU's ${kind} disks have blocks of 512 bytes only`,
    },
  ];
}

/** The disk's blocks against the firmware that is to start from it. What QEMU does not make needs no second reason. */
function blocksAtStart({ firmware, 'disk-interface': kind, 'disk-block-size': bytes }: Machine): Impossible[] {
  if (bytes !== 4096 || !DISK_ATTACHMENTS[kind].takes4Kn || firmwareRow(firmware).boots4Kn) return [];
  return [
    {
      parts: ['disk-block-size', 'firmware'],
      expected: `blocks of 512 bytes, the only ones from which ${firmware} starts`,
      got: String(bytes),
      why: `firmware ${JSON.stringify(firmware)} starts only from disks with blocks of 512 bytes`,
    },
  ];
}

/** What the bundled agent can install on, and save. What a folder of the user's can is not known. */
function installedOf(
  { client, 'disk-interface': kind, 'disk-block-size': bytes }: Machine,
  content: ScenarioContent,
): Impossible[] {
  const works = content.services.images !== undefined || backupModeOf(client) !== undefined;
  if (!works || failureOf(client, content) !== undefined) return [];
  return rootsOf(content).flatMap((root): Impossible[] => {
    const disks = servedBundle(root)?.agent?.disks;
    if (disks === undefined) return [];
    const sizes = disks.blockSizes.join(' or ');
    return [
      ...(disks.interfaces.includes(kind)
        ? []
        : [
            {
              parts: ['disk-interface'] as const,
              expected: `a disk that the agent of ${root} has a driver for (${disks.interfaces.join(', ')})`,
              got: JSON.stringify(kind),
              why: `the agent of ${root} has no driver for ${kind} disks`,
            },
          ]),
      ...(disks.blockSizes.includes(bytes)
        ? []
        : [
            {
              parts: ['disk-block-size'] as const,
              expected: `blocks of ${sizes} bytes, on which the agent of ${root} installs`,
              got: String(bytes),
              why: `the agent of ${root} installs only on disks with blocks of ${sizes} bytes`,
            },
          ]),
    ];
  });
}
