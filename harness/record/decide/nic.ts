import type { PxeNicModel } from '#qemu-wrapper/nic-models';
import { decodeSubOptions } from '../../protocols/dhcp/wire/sub-options.ts';
import { seen, told, type Commented } from '../commented.ts';
import type { Question } from '../facts/dhcp.ts';
import type { Fact } from '../facts/fact.ts';

/** PCI vendor and device (pci.ids) of the cards that QEMU has. */
const BY_PCI_ID: Readonly<Record<string, PxeNicModel>> = {
  '1af4:1000': 'virtio-net-pci',
  '1af4:1041': 'virtio-net-pci',
  '8086:100e': 'e1000',
  '8086:100f': 'e1000',
  '8086:10d3': 'e1000e',
  '10ec:8139': 'rtl8139',
  '10ec:8029': 'ne2k_pci',
  '1022:2000': 'pcnet',
  '15ad:07b0': 'vmxnet3',
};

/** Hypervisors by the first three bytes of their addresses (IEEE registry), and the card that their guests have. */
const BY_VENDOR: Readonly<Record<string, readonly [vendor: string, nic: PxeNicModel]>> = {
  '52:54:00': ['QEMU', 'virtio-net-pci'],
  '00:50:56': ['VMware', 'vmxnet3'],
  '00:0c:29': ['VMware', 'vmxnet3'],
  '00:16:3e': ['Xen', 'rtl8139'],
  '08:00:27': ['VirtualBox', 'e1000'],
};

/** Boots under either firmware, and has the shortest boot (harness/docs/what-works.md). */
const USUAL: PxeNicModel = 'virtio-net-pci';

/** iPXE's option 175, sub-option 177: 1 for PCI, vendor, device. */
const BUS_ID = 177;
const PCI = 1;

/** The client's own card, where iPXE names it and QEMU has it. */
export function namedNic(questions: readonly Question[]): PxeNicModel | undefined {
  const id = namedId(questions)?.value;
  return id === undefined ? undefined : BY_PCI_ID[id];
}

/**
 * The card of the scenario: the client's own where iPXE names it, else what the vendor of its address suggests. Option 94
 * has only the version of the card's interface (UNDI).
 */
export function nicOf(mac: string, questions: readonly Question[]): Commented {
  const id = namedId(questions);
  if (id !== undefined) {
    const nic = namedNic(questions);
    return nic === undefined
      ? told(USUAL, `frame ${id.frame} says PCI ${id.value}, which QEMU does not have`)
      : seen(nic, id.frame, `option 175 says PCI ${id.value}`);
  }
  const vendor = BY_VENDOR[mac.slice(0, 8)];
  return vendor === undefined
    ? told(USUAL, 'the capture does not show the card')
    : told(vendor[1], `the capture does not show the card; the address is one of ${vendor[0]}`);
}

/** PCI vendor and device of the first question that has them. */
function namedId(questions: readonly Question[]): Fact<string> | undefined {
  for (const { ipxe, frame } of questions) {
    const id = ipxe === undefined ? undefined : pciId(ipxe);
    if (id !== undefined) return { value: id, frame };
  }
  return undefined;
}

function pciId(ipxe: Uint8Array): string | undefined {
  const [type, ...id] = decodeSubOptions(ipxe).options.find(({ code }) => code === BUS_ID)?.data ?? [];
  if (type !== PCI || id.length !== 4) return undefined;
  return id.map((byte, index) => (index === 2 ? ':' : '') + byte.toString(16).padStart(2, '0')).join('');
}
