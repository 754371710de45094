import { describe, expect, it } from 'vitest';
import { shellLine } from '../vm/errors.ts';
import type { Firmware } from './firmwares.ts';
import { lintVm } from './lint.ts';
import { acceleratorFor } from './machines.ts';
import type { DiskInterface, DiskSpec, VmSpec, NicSpec } from './vm-spec.ts';
import { qemuArgs } from './qemu-args.ts';

const TAP: NicSpec = {
  model: 'e1000',
  mac: '52:54:00:00:00:01',
  netDevice: { kind: 'tap', interface: 'tap0' },
  bootIndex: 0,
};
const BIOS: VmSpec = {
  name: 'pc',
  firmware: 'bios',
  accelerator: 'tcg',
  memoryMiB: 512,
  uuid: '01234567-89ab-cdef-0123-456789abcdef',
  nics: [TAP],
  disks: [{ file: '/disks/a, b.qcow2', format: 'qcow2', interface: 'ide', bootIndex: 1 }],
  serialPorts: 2,
  onReset: 'shutdown',
};
const UEFI: VmSpec = {
  name: 'pc',
  firmware: 'uefi-secure-boot',
  firmwareFiles: { code: '/ovmf/code.fd', variables: '/ovmf/vars.fd' },
  accelerator: 'kvm',
  cpus: 2,
  memoryMiB: 1024,
  nics: [
    {
      model: 'virtio-net-pci',
      mac: '52:54:00:00:00:02',
      netDevice: { kind: 'dgram', local: { host: '127.0.0.1', port: 5001 }, remote: { host: '127.0.0.1', port: 5002 } },
      bootIndex: 0,
    },
  ],
  disks: [{ file: '/disks/a.raw', format: 'raw', interface: 'virtio', bootIndex: 1 }],
  firmwareStrings: { 'opt/org.tianocore/IPv4PXESupport': 'n' },
};

const ARM: VmSpec = {
  name: 'pc',
  firmware: 'uefi-arm64',
  accelerator: 'tcg',
  memoryMiB: 512,
  nics: [{ ...TAP, model: 'virtio-net-pci' }],
  disks: [{ file: '/disks/a.raw', format: 'raw', interface: 'nvme', bootIndex: 1 }],
  serialPorts: 2,
};

describe('qemuArgs', () => {
  it('gives a UEFI time before it boots, and no boot order beside bootindex', () => {
    const args = qemuArgs({ ...UEFI, bootWaitMs: 3000 });
    expect(args[args.indexOf('-boot') + 1]).toBe('menu=on,splash-time=3000');
    expect(qemuArgs(UEFI)).not.toContain('-boot');
  });

  it('builds a bios VM', () => {
    expect(shellLine(qemuArgs(BIOS)).replaceAll(' -', '\n-')).toMatchInlineSnapshot(`
      "qemu-system-x86_64
      -name pc
      -nodefaults
      -no-user-config
      -S
      -machine pc
      -accel tcg,thread=multi
      -cpu max
      -smp 1
      -m 512M
      -uuid 01234567-89ab-cdef-0123-456789abcdef
      -action reboot=shutdown
      -netdev tap,id=net0,ifname=tap0,script=no,downscript=no,vnet_hdr=off
      -device e1000,netdev=net0,mac=52:54:00:00:00:01,bootindex=0
      -blockdev 'driver=qcow2,node-name=disk0,file.driver=file,file.filename=/disks/a,, b.qcow2'
      -device ide-hd,drive=disk0,bootindex=1
      -display none
      -device VGA
      -chardev pipe,id=serial0,path=serial0,logfile=serial0.log,logappend=off
      -serial chardev:serial0
      -chardev pipe,id=serial1,path=serial1,logfile=serial1.log,logappend=off
      -serial chardev:serial1
      -chardev socket,id=qmp,path=qmp.sock,server=on,wait=off
      -mon chardev=qmp,mode=control"
    `);
  });

  it('starts the clock at another time', () => {
    expect(qemuArgs({ ...BIOS, clock: '2020-02-29T23:59:59' })).toEqual(
      expect.arrayContaining(['-rtc', 'base=2020-02-29T23:59:59']),
    );
  });

  it('gives a guest agent its channel, by the name under which qemu-ga looks for it', () => {
    expect(shellLine(qemuArgs({ ...BIOS, guestAgent: true }))).toContain(
      ' -device virtio-serial-pci -chardev socket,id=guest-agent,path=guest-agent.sock,server=on,wait=off -device virtserialport,chardev=guest-agent,name=org.qemu.guest_agent.0 ',
    );
  });

  it('builds a uefi VM with Secure Boot', () => {
    expect(shellLine(qemuArgs(UEFI)).replaceAll(' -', '\n-')).toMatchInlineSnapshot(`
      "qemu-system-x86_64
      -name pc
      -nodefaults
      -no-user-config
      -S
      -machine q35,smm=on
      -accel kvm
      -cpu host
      -smp 2
      -m 1024M
      -global driver=cfi.pflash01,property=secure,value=on
      -global ICH9-LPC.disable_s3=1
      -drive if=pflash,unit=0,format=raw,readonly=on,file=/ovmf/code.fd
      -drive if=pflash,unit=1,format=raw,file=firmware-vars.fd
      -fw_cfg name=opt/org.tianocore/IPv4PXESupport,string=n
      -netdev dgram,id=net0,local.type=inet,local.host=127.0.0.1,local.port=5001,remote.type=inet,remote.host=127.0.0.1,remote.port=5002
      -device virtio-net-pci,netdev=net0,mac=52:54:00:00:00:02,bootindex=0,romfile=
      -blockdev driver=raw,node-name=disk0,file.driver=file,file.filename=/disks/a.raw
      -device virtio-blk-pci,drive=disk0,bootindex=1
      -device virtio-rng-pci
      -display none
      -device VGA
      -chardev pipe,id=serial0,path=serial0,logfile=serial0.log,logappend=off
      -serial chardev:serial0
      -chardev socket,id=qmp,path=qmp.sock,server=on,wait=off
      -mon chardev=qmp,mode=control"
    `);
  });

  it('builds a VM for Arm, with the screen and the keyboard that its machine type lacks', () => {
    expect(shellLine(qemuArgs(ARM)).replaceAll(' -', '\n-')).toMatchInlineSnapshot(`
      "qemu-system-aarch64
      -name pc
      -nodefaults
      -no-user-config
      -S
      -machine virt
      -accel tcg,thread=multi
      -cpu max
      -smp 1
      -m 512M
      -drive if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/AAVMF/AAVMF_CODE.fd
      -drive if=pflash,unit=1,format=raw,file=firmware-vars.fd
      -boot menu=on,splash-time=0
      -netdev tap,id=net0,ifname=tap0,script=no,downscript=no,vnet_hdr=off
      -device virtio-net-pci,netdev=net0,mac=52:54:00:00:00:01,bootindex=0,romfile=
      -blockdev driver=raw,node-name=disk0,file.driver=file,file.filename=/disks/a.raw
      -device nvme,drive=disk0,serial=disk0,bootindex=1
      -device virtio-rng-pci
      -display none
      -device ramfb
      -device qemu-xhci,id=keyboard
      -device usb-kbd,bus=keyboard.0
      -chardev pipe,id=serial0,path=serial0,logfile=serial0.log,logappend=off
      -serial chardev:serial0
      -chardev pipe,id=serial1,path=serial1,logfile=serial1.log,logappend=off
      -serial chardev:serial1
      -chardev socket,id=qmp,path=qmp.sock,server=on,wait=off
      -mon chardev=qmp,mode=control"
    `);
  });

  it('takes the firmware files of the distribution when none are given', () => {
    const files = (firmware: Firmware) =>
      qemuArgs({ ...UEFI, firmware, firmwareFiles: {} }).filter((word) => word.startsWith('if=pflash,unit=0'));
    expect(files('uefi')).toEqual(['if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd']);
    expect(files('uefi-secure-boot')).toEqual([
      'if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd',
    ]);
    expect(files('bios')).toEqual([]);
  });

  const devicesOf = (change: Partial<VmSpec>) => {
    const args = qemuArgs({ ...BIOS, nics: [], ...change });
    return args.filter((_, at) => args[at - 1] === '-device');
  };

  it('attaches disks in every way, each controller once, with blocks of the size asked for', () => {
    const disk = (kind: DiskInterface, blockSize?: 512 | 4096): DiskSpec => ({
      file: 'd',
      format: 'raw',
      interface: kind,
      ...(blockSize === undefined ? {} : { blockSize }),
    });
    const disks = [
      disk('sata'),
      disk('sata', 512),
      disk('usb', 4096),
      disk('usb'),
      disk('nvme', 4096),
      disk('virtio', 4096),
    ];
    expect(devicesOf({ disks })).toEqual([
      'ahci,id=sata',
      'ide-hd,drive=disk0,bus=sata.0',
      'ide-hd,drive=disk1,bus=sata.1,logical_block_size=512,physical_block_size=512',
      'qemu-xhci,id=usb,p2=8,p3=8',
      'usb-storage,drive=disk2,bus=usb.0,logical_block_size=4096,physical_block_size=4096',
      'usb-storage,drive=disk3,bus=usb.0',
      'nvme,drive=disk4,serial=disk4,logical_block_size=4096,physical_block_size=4096',
      'virtio-blk-pci,drive=disk5,logical_block_size=4096,physical_block_size=4096',
      'VGA',
    ]);
  });

  it('gives a TPM of the kind that the machine type knows', () => {
    expect(devicesOf({ disks: [], tpm: true })).toContain('tpm-crb,tpmdev=tpm0');
    expect(devicesOf({ disks: [], tpm: true, firmware: 'uefi-arm64' })).toContain('tpm-tis-device,tpmdev=tpm0');
    expect(qemuArgs({ ...BIOS, tpm: true })).toContain('socket,id=tpm,path=tpm.sock');
  });

  it('takes the machine type that is asked for', () => {
    const machine = (change: Partial<VmSpec>) => qemuArgs({ ...BIOS, ...change })[7];
    expect(machine({ machineType: 'q35' })).toBe('q35');
    expect(machine({ firmware: 'uefi' })).toBe('q35');
    expect(machine({ firmware: 'uefi', machineType: 'pc' })).toBe('pc');
  });

  it('leaves the boot order to bootindex alone', () => {
    expect(qemuArgs(BIOS)).not.toContain('-boot');
  });

  const romOf = (spec: VmSpec) =>
    /,romfile=(.*)$/.exec(qemuArgs(spec).find((word) => word.includes('mac=')) ?? '')?.[1];
  const withCard = (spec: VmSpec, model: NicSpec['model']): VmSpec => ({ ...spec, nics: [{ ...TAP, model }] });

  it("leaves a card the ROM of QEMU's choice, and takes it away where the firmware has a driver", () => {
    for (const model of ['virtio-net-pci', 'e1000', 'i82559c'] as const)
      expect(romOf(withCard(BIOS, model))).toBeUndefined();
    expect(romOf(withCard(UEFI, 'virtio-net-pci'))).toBe('');
    expect(romOf(withCard({ ...UEFI, firmware: 'uefi' }, 'e1000'))).toBeUndefined();
    expect(romOf({ ...BIOS, nics: [{ ...TAP, romFile: '/roms/own.rom' }] })).toBe('/roms/own.rom');
  });
});

it('gives a card without a cable no network, and keeps its place before the other', () => {
  const mac = '52:54:00:00:00:02';
  const args = qemuArgs({
    name: 'pc',
    firmware: 'bios',
    accelerator: 'tcg',
    memoryMiB: 64,
    nics: [
      { model: 'e1000', mac, netDevice: { kind: 'unplugged' }, romFile: '' },
      { model: 'e1000', mac: '52:54:00:00:00:01', netDevice: { kind: 'tap', interface: 't0' }, bootIndex: 0 },
    ],
  });
  expect(args.filter((arg) => /e1000|^tap/.test(arg))).toEqual([
    `e1000,id=nic0,mac=${mac},romfile=`,
    'tap,id=net1,ifname=t0,script=no,downscript=no,vnet_hdr=off',
    'e1000,netdev=net1,mac=52:54:00:00:00:01,bootindex=0',
  ]);
});

it('emulates the CPU of another host', () => {
  expect(acceleratorFor('uefi-arm64', 'kvm', 'x64')).toBe('tcg');
  expect(acceleratorFor('uefi-arm64', 'kvm', 'arm64')).toBe('kvm');
  expect(acceleratorFor('uefi-secure-boot', 'kvm', 'x64')).toBe('kvm');
  expect(acceleratorFor('bios', 'tcg', 'x64')).toBe('tcg');
});

describe('lintVm', () => {
  it('has nothing against VMs that work', () => {
    expect([BIOS, UEFI, ARM].flatMap((spec) => lintVm(spec, 'x64'))).toEqual([]);
  });

  it.each<[string, Partial<VmSpec>, string]>([
    [
      'two devices in one place of the boot order',
      { disks: [{ file: 'd', format: 'raw', interface: 'ide', bootIndex: 0 }] },
      'disk 0: bootIndex 0 is already that of nic 0',
    ],
    [
      'no boot order',
      { nics: [], disks: [{ file: 'd', format: 'raw', interface: 'ide' }] },
      'no device has a bootIndex: give one to what is to be booted (disk 0)',
    ],
    [
      'a fraction as place',
      { nics: [{ ...TAP, bootIndex: 0.5 }] },
      'nic 0: bootIndex must be a whole number from 0, got 0.5',
    ],
    [
      'a network boot that SeaBIOS cannot do',
      { nics: [{ ...TAP, romFile: '' }] },
      'nic 0: in the boot order of a bios VM but without an option ROM: the firmware has no driver for e1000',
    ],
    [
      'igb under bios',
      { nics: [{ ...TAP, model: 'igb' }] },
      'nic 0: QEMU brings no option ROM for igb under bios: give a romFile',
    ],
    [
      'igb under uefi',
      { firmware: 'uefi', nics: [{ ...TAP, model: 'igb' }] },
      'nic 0: QEMU brings no option ROM for igb under uefi: give a romFile',
    ],
    [
      'a network boot that EDK2 has no driver for',
      { firmware: 'uefi', nics: [{ ...TAP, romFile: '' }] },
      'nic 0: in the boot order of a uefi VM but without an option ROM: the firmware has no driver for e1000',
    ],
    [
      'one address twice',
      { nics: [TAP, { ...TAP, bootIndex: 1 }] },
      'nic 1: 52:54:00:00:00:01 is also the address of nic 0',
    ],
    [
      'a multicast address',
      { nics: [{ ...TAP, mac: '01:54:00:00:00:01' }] },
      'nic 0: 01:54:00:00:00:01 is a multicast address, no station can have it',
    ],
    [
      'an address of another form',
      { nics: [{ ...TAP, mac: '52-54-00-00-00-01' }] },
      'nic 0: mac must be six lowercase hex bytes with colons, got 52-54-00-00-00-01',
    ],
    [
      'an interface name that Linux cannot have',
      { nics: [{ ...TAP, netDevice: { kind: 'tap', interface: 'a-very-long-name' } }] },
      'nic 0: interface name a-very-long-name has 16 characters, at most 15 are possible',
    ],
    ['five serial ports', { serialPorts: 5 }, 'machine type pc has 0 to 4 serial ports, got 5'],
    [
      'a firmware that is none',
      { firmware: 'coreboot' as Firmware },
      'unknown firmware coreboot, known are bios, uefi, uefi-secure-boot, uefi-arm64',
    ],
    [
      'Secure Boot without SMM',
      { firmware: 'uefi-secure-boot', machineType: 'pc' },
      'firmware uefi-secure-boot runs on machine type q35, got pc',
    ],
    [
      'a PC for Arm',
      { firmware: 'uefi-arm64', machineType: 'q35' },
      'firmware uefi-arm64 runs on machine type virt, got q35',
    ],
    [
      'another firmware code for a BIOS',
      { firmwareFiles: { code: '/code.fd' } },
      "firmware bios is QEMU's own: it takes no firmwareFiles",
    ],
    [
      'KVM for the CPU of another host',
      { firmware: 'uefi-arm64', accelerator: 'kvm' },
      "kvm runs only programs of the host's CPU (x64), and firmware uefi-arm64 needs aarch64: take tcg",
    ],
    [
      'an ISA device on Arm',
      { firmware: 'uefi-arm64', debugExitPort: 0xf4 },
      "debugExitPort is a device of a PC's ISA bus, which firmware uefi-arm64 does not have",
    ],
    [
      'three serial ports on Arm',
      { firmware: 'uefi-arm64', serialPorts: 3 },
      'machine type virt has 0 to 2 serial ports, got 3',
    ],
    [
      'a card that AAVMF has no driver for',
      { firmware: 'uefi-arm64' },
      'nic 0: QEMU brings no option ROM for e1000 under uefi-arm64: give a romFile',
    ],
    [
      'an ide disk on Arm',
      { firmware: 'uefi-arm64', disks: [{ file: 'd', format: 'raw', interface: 'ide' }] },
      'machine type virt has no ide controller: make the disk virtio, sata, nvme or usb',
    ],
    [
      'a sata disk in the boot order of AAVMF',
      { firmware: 'uefi-arm64', disks: [{ file: 'd', format: 'raw', interface: 'sata', bootIndex: 1 }] },
      'disk 0: firmware uefi-arm64 has no driver for sata: make it virtio, nvme or usb',
    ],
    [
      'five ide disks',
      { disks: Array.from({ length: 5 }, (): DiskSpec => ({ file: 'd', format: 'raw', interface: 'ide' })) },
      'at most 4 ide disks on machine type pc, got 5: make the others virtio',
    ],
    [
      'a 4Kn disk where QEMU has none',
      { firmware: 'uefi', disks: [{ file: 'd', format: 'raw', interface: 'sata', blockSize: 4096 }] },
      "disk 0: QEMU's sata disks have blocks of 512 bytes, got 4096: make it virtio, nvme or usb",
    ],
    [
      'a 4Kn disk in the boot order of SeaBIOS',
      { disks: [{ file: 'd', format: 'raw', interface: 'nvme', blockSize: 4096, bootIndex: 1 }] },
      'disk 0: firmware bios boots only from disks with blocks of 512 bytes, got 4096',
    ],
    ['no memory', { memoryMiB: 0 }, 'memory must be a whole number of MiB from 1, got 0'],
    ['a clock in words', { clock: 'utc' }, 'clock must look like 2026-11-24T18:00:00, got utc'],
    ['another uuid', { uuid: 'pc-1' }, 'uuid must look like 01234567-89ab-cdef-0123-456789abcdef, got pc-1'],
  ])('refuses %s', (_, change, problem) => {
    expect(lintVm({ ...BIOS, ...change }, 'x64')).toContain(problem);
  });
});
