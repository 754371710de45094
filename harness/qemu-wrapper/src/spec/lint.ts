import { FIRMWARE_NAMES, firmwareRow } from './firmwares.ts';
import { CPUS, DISK_ATTACHMENTS, MACHINES, machineTypeOf } from './machines.ts';
import { bootDriver, NIC_MODELS } from './nic-models.ts';
import type { VmSpec } from './vm-spec.ts';

/** A VM that QEMU would refuse, or that could never boot as it is meant to. */
export class VmSpecError extends Error {
  override readonly name = 'VmSpecError';
  readonly code = 'VM_SPEC';
  readonly problems: readonly string[];

  constructor(vm: string, problems: readonly string[]) {
    super(`VM ${vm} cannot be started:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CLOCK = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
/** IFNAMSIZ 16 with its NUL byte. */
const INTERFACE_NAME_MAX = 15;

/** Everything wrong with a spec, in words; empty when QEMU can start it. `host`: Node's word for the host's CPU. */
export function lintVm(spec: VmSpec, host: string = process.arch): string[] {
  if (!FIRMWARE_NAMES.includes(spec.firmware))
    return [`unknown firmware ${spec.firmware as string}, known are ${FIRMWARE_NAMES.join(', ')}`];
  return [
    ...lintFirmware(spec, host),
    ...lintBasics(spec),
    ...lintNics(spec),
    ...lintDisks(spec),
    ...lintBootOrder(spec),
  ];
}

function* lintFirmware(
  { firmware, firmwareFiles, accelerator, machineType, debugExitPort }: VmSpec,
  host: string,
): Generator<string> {
  const { cpu, machineTypes, flash } = firmwareRow(firmware);
  if (machineType !== undefined && !machineTypes.includes(machineType))
    yield `firmware ${firmware} runs on machine type ${machineTypes.join(' or ')}, got ${machineType}`;
  if (flash === undefined && firmwareFiles !== undefined)
    yield `firmware ${firmware} is QEMU's own: it takes no firmwareFiles`;
  if (accelerator === 'kvm' && CPUS[cpu].host !== host)
    yield `kvm runs only programs of the host's CPU (${host}), and firmware ${firmware} needs ${cpu}: take tcg`;
  if (debugExitPort !== undefined && cpu !== 'x86_64')
    yield `debugExitPort is a device of a PC's ISA bus, which firmware ${firmware} does not have`;
}

function* lintBasics(spec: VmSpec): Generator<string> {
  const { serialPorts = 1, cpus = 1, uuid } = spec;
  const machine = machineTypeOf(spec);
  const { serialPortsMax } = MACHINES[machine];
  if (!Number.isInteger(spec.memoryMiB) || spec.memoryMiB < 1)
    yield `memory must be a whole number of MiB from 1, got ${spec.memoryMiB}`;
  if (!Number.isInteger(cpus) || cpus < 1) yield `cpus must be a whole number from 1, got ${cpus}`;
  if (!Number.isInteger(serialPorts) || serialPorts < 0 || serialPorts > serialPortsMax)
    yield `machine type ${machine} has 0 to ${serialPortsMax} serial ports, got ${serialPorts}`;
  if (spec.clock !== undefined && !CLOCK.test(spec.clock))
    yield `clock must look like 2026-11-24T18:00:00, got ${spec.clock}`;
  if (uuid !== undefined && !UUID.test(uuid))
    yield `uuid must look like 01234567-89ab-cdef-0123-456789abcdef, got ${uuid}`;
  for (const name of Object.keys(spec.firmwareStrings ?? {})) {
    if (name.length > 55) yield `fw_cfg item ${name}: a name has at most 55 bytes, got ${name.length}`;
  }
}

function* lintNics({ nics = [], firmware }: VmSpec): Generator<string> {
  const seen = new Map<string, number>();
  for (const [index, nic] of nics.entries()) {
    const other = seen.get(nic.mac);
    if (!NIC_MODELS.includes(nic.model))
      yield `nic ${index}: unknown model ${nic.model}, known are ${NIC_MODELS.join(', ')}`;
    if (!MAC.test(nic.mac)) yield `nic ${index}: mac must be six lowercase hex bytes with colons, got ${nic.mac}`;
    else if ((Number.parseInt(nic.mac.slice(0, 2), 16) & 1) === 1)
      yield `nic ${index}: ${nic.mac} is a multicast address, no station can have it`;
    if (other !== undefined) yield `nic ${index}: ${nic.mac} is also the address of nic ${other}`;
    seen.set(nic.mac, index);
    if (nic.netDevice.kind === 'tap' && nic.netDevice.interface.length > INTERFACE_NAME_MAX) {
      yield `nic ${index}: interface name ${nic.netDevice.interface} has ${nic.netDevice.interface.length} characters, at most ${INTERFACE_NAME_MAX} are possible`;
    }
    if (nic.bootIndex === undefined) continue;
    const driver = bootDriver(nic.model, firmware);
    if (nic.romFile === '' && driver !== 'firmware')
      yield `nic ${index}: in the boot order of a ${firmware} VM but without an option ROM: the firmware has no driver for ${nic.model}`;
    else if (driver === undefined && nic.romFile === undefined)
      yield `nic ${index}: QEMU brings no option ROM for ${nic.model} under ${firmware}: give a romFile`;
  }
}

function* lintDisks(spec: VmSpec): Generator<string> {
  const { disks = [], firmware } = spec;
  const machine = machineTypeOf(spec);
  for (const kind of new Set(disks.map((disk) => disk.interface))) {
    const count = disks.filter((disk) => disk.interface === kind).length;
    const most = kind === 'ide' ? MACHINES[machine].ideDisksMax : DISK_ATTACHMENTS[kind].disksMax;
    if (most === 0) yield `machine type ${machine} has no ${kind} controller: make the disk virtio, sata, nvme or usb`;
    else if (count > most)
      yield `at most ${most} ${kind} disks on machine type ${machine}, got ${count}: make the others virtio`;
  }
  for (const [index, { interface: kind, blockSize, bootIndex }] of disks.entries()) {
    if (kind === 'sata' && bootIndex !== undefined && !firmwareRow(firmware).bootsFromSata)
      yield `disk ${index}: firmware ${firmware} has no driver for sata: make it virtio, nvme or usb`;
    if (blockSize !== 4096) continue;
    if (!DISK_ATTACHMENTS[kind].takes4Kn)
      yield `disk ${index}: QEMU's ${kind} disks have blocks of 512 bytes, got ${blockSize}: make it virtio, nvme or usb`;
    else if (bootIndex !== undefined && !firmwareRow(firmware).boots4Kn)
      yield `disk ${index}: firmware ${firmware} boots only from disks with blocks of 512 bytes, got ${blockSize}`;
  }
}

function* lintBootOrder({ nics = [], disks = [], firmwareFiles }: VmSpec): Generator<string> {
  const devices = [
    ...nics.map((nic, at) => [`nic ${at}`, nic.bootIndex] as const),
    ...disks.map((disk, at) => [`disk ${at}`, disk.bootIndex] as const),
  ];
  const seen = new Map<number, string>();
  for (const [device, bootIndex] of devices) {
    if (bootIndex === undefined) continue;
    const other = seen.get(bootIndex);
    if (!Number.isInteger(bootIndex) || bootIndex < 0)
      yield `${device}: bootIndex must be a whole number from 0, got ${bootIndex}`;
    if (other !== undefined) yield `${device}: bootIndex ${bootIndex} is already that of ${other}`;
    seen.set(bootIndex, device);
  }
  // A variable store of the user's own may say what comes first.
  if (devices.length > 0 && seen.size === 0 && firmwareFiles?.variables === undefined)
    yield `no device has a bootIndex: give one to what is to be booted (${devices.map(([device]) => device).join(', ')})`;
}
