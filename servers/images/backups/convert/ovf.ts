import type { VirtualMachine } from './virtual-machine.ts';
import { xmlDocument } from './xml.ts';

const CIM = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2';

// ResourceType of CIM_ResourceAllocationSettingData (DMTF DSP1041).
const PROCESSOR = 3;
const MEMORY = 4;
const ETHERNET = 10;
const DISK = 17;
const OTHER_STORAGE = 20;

const NETWORK = 'VM Network';
const DISK_ID = 'vmdisk1';
const FILE_ID = 'file1';
const CONTROLLER = '3';

/**
 * The envelope of an OVF package (DMTF DSP0243 1.1) as VMware imports it: one disk on SATA, for which every system has a
 * driver, one network card. Elements of an item are in the alphabet's order, as the schema of CIM has them.
 */
export function ovfEnvelope({ name, firmware, cpus, memoryMiB, disk }: VirtualMachine): string {
  return xmlDocument({
    Envelope: {
      '@xmlns': 'http://schemas.dmtf.org/ovf/envelope/1',
      '@xmlns:ovf': 'http://schemas.dmtf.org/ovf/envelope/1',
      '@xmlns:rasd': `${CIM}/CIM_ResourceAllocationSettingData`,
      '@xmlns:vssd': `${CIM}/CIM_VirtualSystemSettingData`,
      '@xmlns:vmw': 'http://www.vmware.com/schema/ovf',
      References: { File: { '@ovf:href': disk.file, '@ovf:id': FILE_ID, '@ovf:size': disk.fileBytes } },
      DiskSection: {
        Info: 'The disk',
        Disk: {
          '@ovf:capacity': disk.bytes,
          '@ovf:capacityAllocationUnits': 'byte',
          '@ovf:diskId': DISK_ID,
          '@ovf:fileRef': FILE_ID,
          '@ovf:format': 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized',
        },
      },
      NetworkSection: {
        Info: 'The network',
        Network: { '@ovf:name': NETWORK, Description: 'To be mapped to a network of the host' },
      },
      VirtualSystem: {
        '@ovf:id': name,
        Info: 'A computer made of a backup of its disk',
        Name: name,
        // CIM_OperatingSystem: 102 is “other 64-bit”.
        OperatingSystemSection: {
          '@ovf:id': 102,
          '@vmw:osType': 'otherGuest64',
          Info: 'The operating system is not known',
        },
        VirtualHardwareSection: {
          Info: 'The hardware',
          System: {
            'vssd:ElementName': 'Virtual Hardware Family',
            'vssd:InstanceID': 0,
            'vssd:VirtualSystemIdentifier': name,
            'vssd:VirtualSystemType': 'vmx-13',
          },
          Item: items(cpus, memoryMiB),
          ...(firmware === 'uefi' && {
            'vmw:Config': { '@ovf:required': 'false', '@vmw:key': 'firmware', '@vmw:value': 'efi' },
          }),
        },
      },
    },
  });
}

function items(cpus: number, memoryMiB: number): Readonly<Record<string, string | number | boolean>>[] {
  return [
    {
      'rasd:AllocationUnits': 'hertz * 10^6',
      'rasd:Description': 'Number of virtual CPUs',
      'rasd:ElementName': `${cpus} virtual CPUs`,
      'rasd:InstanceID': 1,
      'rasd:ResourceType': PROCESSOR,
      'rasd:VirtualQuantity': cpus,
    },
    {
      'rasd:AllocationUnits': 'byte * 2^20',
      'rasd:Description': 'Memory size',
      'rasd:ElementName': `${memoryMiB} MiB of memory`,
      'rasd:InstanceID': 2,
      'rasd:ResourceType': MEMORY,
      'rasd:VirtualQuantity': memoryMiB,
    },
    {
      'rasd:Address': 0,
      'rasd:Description': 'SATA controller',
      'rasd:ElementName': 'SATA controller 0',
      'rasd:InstanceID': CONTROLLER,
      'rasd:ResourceSubType': 'vmware.sata.ahci',
      'rasd:ResourceType': OTHER_STORAGE,
    },
    {
      'rasd:AddressOnParent': 0,
      'rasd:ElementName': 'Disk 0',
      'rasd:HostResource': `ovf:/disk/${DISK_ID}`,
      'rasd:InstanceID': 4,
      'rasd:Parent': CONTROLLER,
      'rasd:ResourceType': DISK,
    },
    {
      'rasd:AddressOnParent': 7,
      'rasd:AutomaticAllocation': true,
      'rasd:Connection': NETWORK,
      'rasd:Description': 'E1000e network card',
      'rasd:ElementName': 'Network card 0',
      'rasd:InstanceID': 5,
      'rasd:ResourceSubType': 'E1000e',
      'rasd:ResourceType': ETHERNET,
    },
  ];
}
