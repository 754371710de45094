import { acceleratorFor, type VmSpec } from '#qemu-wrapper';
import { transportRow } from '#qemu-wrapper/nic-models';
import { tapName } from '../../lab/network.ts';
import type { BootDevice, VmPlan } from '../../plan/plan.ts';
import { hasDisk, type DiskFile } from './disks.ts';

/** Serial ports of every client: the kernel's log, and the agent's JSON lines (architecture.md). */
export const CONSOLE_PORT = 0;
export const AGENT_PORT = 1;

/** A client's VM for one power-on. `bootOrder` and `disk` are given apart: the second power-on has others. */
export function vmSpec(
  client: VmPlan,
  index: number,
  accelerator: 'kvm' | 'tcg',
  bootOrder: readonly BootDevice[],
  disk: DiskFile,
): VmSpec {
  const bootIndex = (device: BootDevice['device']): { bootIndex?: number } => {
    const found = bootOrder.find((entry) => entry.device === device);
    return found ? { bootIndex: found.bootindex } : {};
  };
  // A card that is not in the boot order keeps no ROM: SeaBIOS would still offer it.
  const romUnlessBooted = (device: BootDevice['device']): { romFile?: '' } =>
    bootOrder.length === 0 || bootIndex(device).bootIndex !== undefined ? {} : { romFile: '' };
  const transport = transportRow(client.transport);
  return {
    name: client.name,
    firmware: client.firmware,
    accelerator: acceleratorFor(client.firmware, accelerator),
    memoryMiB: client.memoryMiB,
    cpus: client.cpus,
    uuid: client.uuid,
    ...(client.clockOffsetMs === undefined
      ? {}
      : { clock: new Date(Date.now() + client.clockOffsetMs).toISOString().slice(0, 19) }),
    ...(client.machineType === undefined ? {} : { machineType: client.machineType }),
    ...(client.tpm === true ? { tpm: true } : {}),
    ...(client.firmwareVariables === undefined ? {} : { firmwareFiles: { variables: client.firmwareVariables } }),
    firmwareStrings: transport.firmwareStrings,
    ...(transport.bootWaitMs === undefined ? {} : { bootWaitMs: transport.bootWaitMs }),
    nics: [
      ...(client.unpluggedNic === undefined
        ? []
        : [
            {
              ...client.unpluggedNic,
              netDevice: { kind: 'unplugged' } as const,
              ...bootIndex('unplugged-nic'),
              ...romUnlessBooted('unplugged-nic'),
            },
          ]),
      {
        model: client.nic,
        mac: client.mac,
        netDevice: { kind: 'tap', interface: tapName(index) },
        ...bootIndex('network'),
        ...romUnlessBooted('network'),
      },
    ],
    disks: !hasDisk(client)
      ? []
      : [
          {
            ...disk,
            interface: client.diskInterface ?? 'virtio',
            ...(client.diskBlockSize === undefined ? {} : { blockSize: client.diskBlockSize }),
            ...bootIndex('disk'),
          },
        ],
    serialPorts: 2,
    ...(client.hotBackups === undefined ? {} : { guestAgent: true }),
    onReset: 'shutdown',
  };
}
