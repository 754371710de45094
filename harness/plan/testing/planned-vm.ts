import type { VmPlan } from '../plan.ts';

/** A VM of a plan, of which a judge of frames reads no more than name and MAC address. */
export const plannedVm = ({ name, mac }: Pick<VmPlan, 'name' | 'mac'>): VmPlan => ({
  name,
  mac,
  uuid: '',
  firmware: 'bios',
  nic: 'e1000',
  transport: 'pxe-ipv4',
  memoryMiB: 1,
  cpus: 1,
  bootOrder: [],
  keys: [],
});
