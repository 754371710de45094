import { firmwareRow, type Firmware } from './firmwares.ts';
import { CPUS, DISK_ATTACHMENTS, MACHINES, machineTypeOf } from './machines.ts';
import { bootDriver } from './nic-models.ts';
import { VM_FILES } from './vm-files.ts';
import type { DiskSpec, VmSpec, NetDevice, NicSpec } from './vm-spec.ts';

/**
 * The whole command line of a VM, program first. Run it in the VM's folder (VM_FILES are relative). It
 * starts paused (-S), has nothing that is not named here, and its boot order is bootindex alone: `-boot` is ignored by
 * OVMF and must not be mixed with bootindex. `restored`: it waits for a saved state instead, and goes on with its logs.
 */
export function qemuArgs(spec: VmSpec, { restored = false }: { readonly restored?: boolean } = {}): string[] {
  const { nics = [], disks = [], serialPorts = 1, cpus = 1, firmware } = spec;
  const { cpu, binary, secureBoot, flash, bootWaitMs: waitByDefault } = firmwareRow(firmware);
  const bootWaitMs = spec.bootWaitMs ?? waitByDefault;
  const machine = MACHINES[machineTypeOf(spec)];
  return [
    binary,
    '-name',
    value(spec.name),
    '-nodefaults',
    '-no-user-config',
    '-S',
    '-machine',
    machineTypeOf(spec) + (secureBoot === true ? ',smm=on' : ''),
    '-accel',
    spec.accelerator === 'tcg' ? 'tcg,thread=multi' : 'kvm',
    '-cpu',
    spec.cpuModel ?? CPUS[cpu].model[spec.accelerator],
    '-smp',
    String(cpus),
    '-m',
    `${spec.memoryMiB}M`,
    ...(spec.uuid === undefined ? [] : ['-uuid', spec.uuid]),
    ...(spec.clock === undefined ? [] : ['-rtc', `base=${spec.clock}`]),
    ...(spec.onReset === 'shutdown' ? ['-action', 'reboot=shutdown'] : []),
    ...firmwareArgs(spec),
    ...Object.entries(spec.firmwareStrings ?? {}).flatMap(([name, text]) => [
      '-fw_cfg',
      `name=${value(name)},string=${value(text)}`,
    ]),
    // No order is given here: EDK2 takes the time alone (GetFrontPageTimeoutFromQemu).
    ...(bootWaitMs === undefined ? [] : ['-boot', `menu=on,splash-time=${bootWaitMs}`]),
    ...nics.flatMap((nic, index) => nicArgs(nic, index, firmware)),
    ...diskArgs(disks),
    ...(spec.tpm === true ? tpmArgs(machine.tpmDevice) : []),
    ...(spec.guestAgent === true ? GUEST_AGENT : []),
    ...((spec.randomSource ?? flash !== undefined) ? ['-device', 'virtio-rng-pci'] : []),
    ...(spec.debugExitPort === undefined
      ? []
      : ['-device', `isa-debug-exit,iobase=0x${spec.debugExitPort.toString(16)},iosize=4`]),
    // A hidden screen, so that screendump has something to dump.
    '-display',
    'none',
    ...machine.devices.flatMap((device) => ['-device', device]),
    ...Array.from({ length: serialPorts }, (_, port) => serialArgs(port, restored)).flat(),
    '-chardev',
    `socket,id=qmp,path=${VM_FILES.qmpSocket},server=on,wait=off`,
    '-mon',
    'chardev=qmp,mode=control',
    ...(restored ? ['-incoming', 'defer'] : []),
  ];
}

function firmwareArgs({ firmware, firmwareFiles }: VmSpec): string[] {
  const { flash, secureBoot } = firmwareRow(firmware);
  if (flash === undefined) return [];
  return [
    // Only code in SMM may write the variables, and S3 would be a way around that (OVMF README, "SMM support").
    ...(secureBoot === true
      ? ['-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1']
      : []),
    '-drive',
    `if=pflash,unit=0,format=raw,readonly=on,file=${value(firmwareFiles?.code ?? flash.code)}`,
    '-drive',
    `if=pflash,unit=1,format=raw,file=${VM_FILES.firmwareVars}`,
  ];
}

function nicArgs(nic: NicSpec, index: number, firmware: Firmware): string[] {
  const driver = bootDriver(nic.model, firmware);
  // What QEMU loads of its own accord is not named: only then does QEMU write the card's own PCI ids into the ROM
  // (hw/pci/pci.c, pci_patch_ids), and SeaBIOS runs no ROM of another card. iPXE's efi-virtio.rom is of a 1af4:1041,
  // virtio-net-pci a 1af4:1000. A firmware with a driver of its own, or that cannot boot from the card, runs none.
  const romFile = nic.romFile ?? (typeof driver === 'object' ? undefined : '');
  const netDevice = netDeviceArg(nic.netDevice, netDeviceId(index));
  return [
    ...(netDevice === undefined ? [] : ['-netdev', netDevice]),
    '-device',
    [
      nic.model,
      netDevice === undefined ? `id=${unpluggedNicId(index)}` : `netdev=${netDeviceId(index)}`,
      `mac=${nic.mac}`,
      ...bootIndex(nic.bootIndex),
      ...(romFile === undefined ? [] : [`romfile=${value(romFile)}`]),
    ].join(','),
  ];
}

/** The name by which `set_link` takes out or plugs in the cable of the n-th card: of its backend, or of a card without one. */
export function nicLinkName({ nics = [] }: Pick<VmSpec, 'nics'>, index: number): string {
  return nics[index]?.netDevice.kind === 'unplugged' ? unpluggedNicId(index) : netDeviceId(index);
}

const unpluggedNicId = (index: number): string => `nic${index}`;
const netDeviceId = (index: number): string => `net${index}`;

function netDeviceArg(device: NetDevice, id: string): string | undefined {
  switch (device.kind) {
    // QEMU warns on standard error that the card has no peer. Its link is up all the same, until `set_link` says otherwise.
    case 'unplugged':
      return undefined;
    case 'tap':
      // vnet_hdr=off: the guest cuts its own segments, as it must for a wire. With it a virtio or vmxnet3 card hands
      // over up to 64 KiB as one frame, which no capture of a wire's frames holds whole.
      return `tap,id=${id},ifname=${value(device.interface)},script=no,downscript=no,vnet_hdr=off`;
    case 'dgram':
      return [
        `dgram,id=${id}`,
        `local.type=inet,local.host=${value(device.local.host)},local.port=${device.local.port}`,
        `remote.type=inet,remote.host=${value(device.remote.host)},remote.port=${device.remote.port}`,
      ].join(',');
    case 'user':
      return [
        `user,id=${id},restrict=on`,
        ...(device.tftpFolder === undefined ? [] : [`tftp=${value(device.tftpFolder)}`]),
        ...(device.bootFile === undefined ? [] : [`bootfile=${value(device.bootFile)}`]),
      ].join(',');
  }
}

/** Disks, and before the first of a kind the controller that the machine lacks for it. */
function diskArgs(disks: readonly DiskSpec[]): string[] {
  return disks.flatMap((disk, index) => {
    const before = disks.slice(0, index).filter((other) => other.interface === disk.interface).length;
    const controller = before === 0 ? DISK_ATTACHMENTS[disk.interface].controller?.device : undefined;
    return [...(controller === undefined ? [] : ['-device', controller]), ...oneDisk(disk, index, before)];
  });
}

/** `at` counts the disks on the same controller. */
function oneDisk(disk: DiskSpec, index: number, at: number): string[] {
  const id = `disk${index}`;
  const { device, controller, options } = DISK_ATTACHMENTS[disk.interface];
  return [
    '-blockdev',
    [
      `driver=${disk.format}`,
      `node-name=${id}`,
      ...(disk.readOnly === true ? ['read-only=on'] : []),
      'file.driver=file',
      `file.filename=${value(disk.file)}`,
    ].join(','),
    '-device',
    [
      device,
      `drive=${id}`,
      ...(controller === undefined ? [] : [`bus=${controller.bus(at)}`]),
      ...(options === undefined ? [] : [options(index)]),
      ...(disk.blockSize === undefined
        ? []
        : [`logical_block_size=${disk.blockSize},physical_block_size=${disk.blockSize}`]),
      ...bootIndex(disk.bootIndex),
    ].join(','),
  ];
}

function tpmArgs(device: string): string[] {
  return [
    '-chardev',
    `socket,id=tpm,path=${VM_FILES.tpmSocket}`,
    '-tpmdev',
    'emulator,id=tpm0,chardev=tpm',
    '-device',
    `${device},tpmdev=tpm0`,
  ];
}

/** The port's name is the one that qemu-ga's own rules for udev look for. */
const GUEST_AGENT: readonly string[] = [
  '-device',
  'virtio-serial-pci',
  '-chardev',
  `socket,id=guest-agent,path=${VM_FILES.guestAgentSocket},server=on,wait=off`,
  '-device',
  'virtserialport,chardev=guest-agent,name=org.qemu.guest_agent.0',
];

/**
 * A pipe takes 64 KiB that nobody reads. A unix socket takes 277 bytes, since the kernel counts each of QEMU's writes of one byte as
 * 768 (measured on Linux 6): a serial port that cannot send waits, and what its guest holds back is lost when that restarts.
 */
function serialArgs(port: number, append: boolean): string[] {
  const id = `serial${port}`;
  return [
    '-chardev',
    `pipe,id=${id},path=${VM_FILES.serialPort(port)},logfile=${VM_FILES.serialLog(port)},logappend=${append ? 'on' : 'off'}`,
    '-serial',
    `chardev:${id}`,
  ];
}

function bootIndex(index: number | undefined): string[] {
  return index === undefined ? [] : [`bootindex=${index}`];
}

/** QEMU's option lists take a comma in a value when it is doubled. */
function value(text: string): string {
  return text.replaceAll(',', ',,');
}
