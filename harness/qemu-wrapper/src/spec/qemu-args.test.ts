import { describe, expect, it } from 'vitest';
import { shellLine } from '../vm/errors.ts';
import { lintVm } from './lint.ts';
import type { VmSpec, NicSpec } from './vm-spec.ts';
import { qemuArgs } from './qemu-args.ts';

const TAP: NicSpec = {
  model: 'e1000',
  mac: '52:54:00:00:00:01',
  netDevice: { kind: 'tap', interface: 'tap0' },
  bootIndex: 0,
};
const BIOS: VmSpec = {
  name: 'pc',
  firmware: { kind: 'bios' },
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
  firmware: { kind: 'uefi', code: '/ovmf/code.fd', varsTemplate: '/ovmf/vars.fd', secureBoot: true },
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

describe('qemuArgs', () => {
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
      -chardev socket,id=serial0,path=serial0.sock,server=on,wait=off,logfile=serial0.log,logappend=off
      -serial chardev:serial0
      -chardev socket,id=serial1,path=serial1.sock,server=on,wait=off,logfile=serial1.log,logappend=off
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
      -chardev socket,id=serial0,path=serial0.sock,server=on,wait=off,logfile=serial0.log,logappend=off
      -serial chardev:serial0
      -chardev socket,id=qmp,path=qmp.sock,server=on,wait=off
      -mon chardev=qmp,mode=control"
    `);
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
    expect(romOf(withCard(UEFI, 'e1000'))).toBeUndefined();
    expect(romOf({ ...BIOS, nics: [{ ...TAP, romFile: '/roms/own.rom' }] })).toBe('/roms/own.rom');
  });
});

describe('lintVm', () => {
  it('has nothing against VMs that work', () => {
    expect([...lintVm(BIOS), ...lintVm(UEFI)]).toEqual([]);
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
      { firmware: UEFI.firmware, nics: [{ ...TAP, model: 'igb' }] },
      'nic 0: QEMU brings no option ROM for igb under uefi: give a romFile',
    ],
    [
      'a network boot that EDK2 has no driver for',
      { firmware: UEFI.firmware, nics: [{ ...TAP, romFile: '' }] },
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
    ['five serial ports', { serialPorts: 5 }, 'a PC has 0 to 4 serial ports, got 5'],
    ['no memory', { memoryMiB: 0 }, 'memory must be a whole number of MiB from 1, got 0'],
    ['a clock in words', { clock: 'utc' }, 'clock must look like 2026-11-24T18:00:00, got utc'],
    ['another uuid', { uuid: 'pc-1' }, 'uuid must look like 01234567-89ab-cdef-0123-456789abcdef, got pc-1'],
  ])('refuses %s', (_, change, problem) => {
    expect(lintVm({ ...BIOS, ...change })).toContain(problem);
  });
});
