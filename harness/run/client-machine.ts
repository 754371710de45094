import type { MachineSpec } from 'qemu-wrapper';
import { tapName } from '../lab/network.ts';
import { RUN_FOLDER } from '../lab/private-files.ts';
import type { BootDevice, ClientPlan } from '../plan/plan.ts';

/** Where the n-th client's disk lies: in the lab's private files, gone with the lab. */
export function diskPath(client: ClientPlan): string {
  return `${RUN_FOLDER}/${client.name}.disk`;
}

/** A client's machine for one power-on. `bootOrder` is given apart: the second power-on has another. */
export function machineSpec(client: ClientPlan, index: number, accel: 'kvm' | 'tcg', bootOrder: readonly BootDevice[]): MachineSpec {
  const bootindex = (device: BootDevice['device']): { bootindex?: number } => {
    const found = bootOrder.find((entry) => entry.device === device);
    return found ? { bootindex: found.bootindex } : {};
  };
  return {
    name: client.name,
    firmware: client.firmware === 'uefi' ? { kind: 'uefi' } : { kind: 'bios' },
    accel,
    memoryMiB: client.memoryMiB,
    cpus: client.cpus,
    uuid: client.uuid,
    nics: [{
      model: client.nic,
      mac: client.mac,
      ...bootindex('network'),
      netdev: { kind: 'tap', ifname: tapName(index) },
      // An empty ROM lets EDK2's own PXE stack run, not iPXE's UEFI build; and no ROM where the network is not to boot.
      ...(client.firmware === 'uefi' || bootindex('network').bootindex === undefined ? { romfile: '' } : {}),
    }],
    disks: client.diskMiB === undefined ? [] : [{ file: diskPath(client), format: 'raw', interface: 'virtio', ...bootindex('disk') }],
    serialPorts: ['console', 'agent'],
    rebootAction: 'shutdown',
  };
}
