import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { describeMachine, type Description } from './description.ts';
import { FORMAT_NAMES, formatNamed, whyNot, type FormatName } from './formats.ts';
import { exactGeometry } from './parallels.ts';
import type { VirtualMachine } from './virtual-machine.ts';

const MIB = 2 ** 20;

function machine(format: FormatName, change: Partial<VirtualMachine> = {}, disk: object = {}): VirtualMachine {
  const variant = formatNamed(format).variants[0].name;
  const file = `pc-1.${formatNamed(format).extension}`;
  return {
    name: 'pc',
    firmware: 'bios',
    cpus: 2,
    memoryMiB: 2048,
    disk: { file, format, variant, bytes: 64 * MIB, fileBytes: 12_345, sectorBytes: 512, isVirtio: true, ...disk },
    ...change,
  };
}

const described = (of: VirtualMachine): Description => describeMachine(of, 'pc-1', `/srv/a & b/${of.disk.file}`);
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => name === 'Item' });

/** An element of a document. */
type Xml = Readonly<Record<string, unknown>>;

/** The element at a path of a document. */
function at(text: string, ...path: string[]): Xml {
  let element = parser.parse(text) as Xml;
  for (const name of path) element = element[name] as Xml;
  return element;
}

describe('describeMachine', () => {
  it.each(['bios', 'uefi'] as const)('writes an OVF envelope (%s) that names file, sizes and hardware', (firmware) => {
    const { file, text } = described(machine('vmdk', { firmware }));
    expect(file).toBe('pc-1.ovf');
    const reference = at(text, 'Envelope', 'References', 'File');
    expect(reference).toEqual({ '@ovf:href': 'pc-1.vmdk', '@ovf:id': 'file1', '@ovf:size': '12345' });
    const disk = at(text, 'Envelope', 'DiskSection', 'Disk');
    expect(disk).toMatchObject({
      '@ovf:capacity': String(64 * MIB),
      '@ovf:capacityAllocationUnits': 'byte',
      '@ovf:fileRef': reference['@ovf:id'],
    });
    const hardware = at(text, 'Envelope', 'VirtualSystem', 'VirtualHardwareSection');
    const items = hardware['Item'] as readonly Xml[];
    const ofType = (type: number): Xml | undefined => items.find((item) => item['rasd:ResourceType'] === type);
    expect(ofType(3)).toMatchObject({ 'rasd:VirtualQuantity': 2 });
    expect(ofType(4)).toMatchObject({ 'rasd:VirtualQuantity': 2048, 'rasd:AllocationUnits': 'byte * 2^20' });
    expect(ofType(17)).toMatchObject({
      'rasd:HostResource': `ovf:/disk/${String(disk['@ovf:diskId'])}`,
      'rasd:Parent': ofType(20)?.['rasd:InstanceID'],
    });
    expect(ofType(10)).toMatchObject({
      'rasd:Connection': at(text, 'Envelope', 'NetworkSection', 'Network')['@ovf:name'],
    });
    // CIM's schema is a sequence in the alphabet's order.
    for (const item of items) expect(Object.keys(item)).toEqual(Object.keys(item).toSorted());
    expect(new Set(items.map((item) => item['rasd:InstanceID'])).size).toBe(items.length);
    expect((hardware['vmw:Config'] as Xml | undefined)?.['@vmw:value']).toBe(firmware === 'uefi' ? 'efi' : undefined);
  });

  it('writes a machine of VMware Workstation for a disk that it runs on', () => {
    const { file, text } = described(machine('vmdk', { firmware: 'uefi' }, { variant: 'monolithicSparse' }));
    expect(file).toBe('pc-1.vmx');
    expect(text).toContain('sata0:0.fileName = "pc-1.vmdk"\n');
    expect(text).toContain('firmware = "efi"\n');
    expect(described(machine('vmdk', {}, { variant: 'monolithicSparse' })).text).not.toContain('firmware');
  });

  it('writes a script for Hyper-V: generation 2 for UEFI, which takes no VHD', () => {
    const script = (format: FormatName, firmware: 'bios' | 'uefi'): string =>
      described(machine(format, { firmware })).text;
    expect(script('vhdx', 'bios')).toContain("Join-Path $PSScriptRoot 'pc-1.vhdx'");
    expect(script('vpc', 'bios')).toMatch(/New-VM -Name \$Name -Generation 1 /);
    expect(script('vpc', 'bios')).not.toMatch(/Convert-VHD|SecureBoot/);
    expect(script('vhdx', 'uefi')).toMatch(/-Generation 2 [^]*Set-VMFirmware -VMName \$Name -EnableSecureBoot Off/);
    expect(script('vhdx', 'uefi')).not.toContain('Convert-VHD');
    expect(script('vpc', 'uefi')).toMatch(/Convert-VHD -Path \$disk [^]*-Generation 2 /);
  });

  it('writes a domain of libvirt with the disk’s whole path', () => {
    const domain = (of: VirtualMachine, ...path: string[]): Xml => at(described(of).text, 'domain', ...path);
    const bios = machine('qcow2');
    expect(domain(bios, 'devices', 'disk')).toMatchObject({
      driver: { '@type': 'qcow2' },
      source: { '@file': '/srv/a & b/pc-1.qcow2' },
      target: { '@bus': 'virtio' },
    });
    expect(domain(bios, 'os')['@firmware']).toBeUndefined();
    const uefi = machine('raw', { firmware: 'uefi' }, { sectorBytes: 4096, isVirtio: false });
    expect(domain(uefi, 'os')['@firmware']).toBe('efi');
    expect(domain(uefi, 'devices', 'disk')).toMatchObject({
      driver: { '@type': 'raw' },
      blockio: { '@logical_block_size': '4096' },
      target: { '@bus': 'sata' },
    });
  });

  it.each([64 * MIB, 64 * MIB + 512, 127 * 512])(
    'writes a disk of Parallels’ (%i bytes) whose geometry is its size',
    (bytes) => {
      const { file, text } = described(machine('parallels', {}, { bytes }));
      expect(file).toBe('DiskDescriptor.xml');
      const disk = at(text, 'Parallels_disk_image', 'Disk_Parameters') as Readonly<Record<string, number>>;
      const { Disk_size: sectors = 0, Cylinders: cylinders = 0, Heads: heads = 0, Sectors: perTrack = 0 } = disk;
      expect([sectors * 512, cylinders * heads * perTrack]).toEqual([bytes, sectors]);
      expect(at(text, 'Parallels_disk_image', 'StorageData', 'Storage')).toMatchObject({
        End: sectors,
        Image: { File: 'pc-1.hds' },
      });
    },
  );
});

it('takes the largest tracks that fit', () => {
  expect(exactGeometry(16 * 63 * 1000)).toEqual({ cylinders: 1000, heads: 16, sectors: 63 });
  expect(exactGeometry(131_071)).toEqual({ cylinders: 131_071, heads: 1, sectors: 1 });
});

it('says which format takes a disk that another one does not', () => {
  const large = { bytes: 3 * 2 ** 40, sectorBytes: 512 };
  expect(FORMAT_NAMES.filter((name) => whyNot(name, large) !== undefined)).toEqual(['vpc']);
  expect(whyNot('vpc', large)).toContain('--format vhdx takes larger ones');
  const native = { bytes: 64 * MIB, sectorBytes: 4096 };
  expect(FORMAT_NAMES.filter((name) => whyNot(name, native) === undefined)).toEqual(['qcow2', 'raw']);
});
