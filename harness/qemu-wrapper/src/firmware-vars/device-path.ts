import { MalformedError, Reader } from './bytes.ts';

// UEFI 2.10 section 10.3; texts as in its section 10.6, which EDK2 prints.

/** PNP ids are three letters of five bits and a number; 0x41d0 is PNP. */
const PNP = 0x41d0;
const ROOTS: Readonly<Record<number, string>> = { 0x0a03: 'PciRoot', 0x0a08: 'PcieRoot' };
const END = 0x7f;
const END_OF_INSTANCE = 0x01;
const HEADER_BYTES = 4;

type NodeText = (read: Reader) => string;
const hex = (value: number | bigint): string => `0x${value.toString(16).toUpperCase()}`;
const bytesText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

const acpi: NodeText = (read) => {
  const [id, uid] = [read.u32('HID'), read.u32('UID')];
  const product = id >>> 16;
  if ((id & 0xffff) !== PNP) return `Acpi(${hex(id)},${hex(uid)})`;
  const root = ROOTS[product];
  return root === undefined
    ? `Acpi(PNP${product.toString(16).toUpperCase().padStart(4, '0')},${hex(uid)})`
    : `${root}(${hex(uid)})`;
};

const mac: NodeText = (read) => {
  const address = read.bytes(32, 'MAC address');
  const kind = read.u8('interface type');
  // Ethernet (0 and 1) uses the first six of 32 bytes.
  return `MAC(${bytesText(address.subarray(0, kind <= 1 ? 6 : 32))},${hex(kind)})`;
};

const ipv4: NodeText = (read) => {
  read.bytes(4, 'local address');
  return `IPv4(${[...read.bytes(4, 'remote address')].join('.')})`;
};

const ipv6: NodeText = (read) => {
  read.bytes(16, 'local address');
  const groups = bytesText(read.bytes(16, 'remote address')).match(/.{4}/g) ?? [];
  return `IPv6(${groups.join(':')})`;
};

const uart: NodeText = (read) => {
  read.bytes(4, 'reserved');
  const [baud, bits, parity, stop] = [
    read.u64('baud rate'),
    read.u8('data bits'),
    read.u8('parity'),
    read.u8('stop bits'),
  ];
  return `Uart(${baud},${bits},${'DNEOMS'[parity] ?? parity},${['D', '1', '1.5', '2'][stop] ?? stop})`;
};

const hardDrive: NodeText = (read) => {
  const partition = read.u32('partition');
  const [start, size] = [read.u64('start'), read.u64('size')];
  const signature = new Reader(read.bytes(16, 'signature'));
  read.u8('partition format');
  const kind = read.u8('signature type');
  const id = kind === 2 ? `GPT,${signature.guid('GUID')}` : `MBR,${hex(signature.u32('signature'))}`;
  return `HD(${partition},${id},${hex(start)},${hex(size)})`;
};

const guidNode =
  (name: string): NodeText =>
  (read) =>
    `${name}(${read.guid('GUID')}${read.left === 0 ? '' : `,${bytesText(read.bytes(read.left, 'data'))}`})`;

/** By type and sub-type. */
const NODES: Readonly<Record<string, NodeText>> = {
  '1.1': (read) => {
    const fn = read.u8('function');
    return `Pci(${hex(read.u8('device'))},${hex(fn)})`;
  },
  '1.4': guidNode('VenHw'),
  '1.5': (read) => `Ctrl(${hex(read.u32('controller'))})`,
  '2.1': acpi,
  '2.3': (read) => `AcpiAdr(${hex(read.u32('address'))})`,
  '3.2': (read) => `Scsi(${hex(read.u16('target'))},${hex(read.u16('LUN'))})`,
  '3.5': (read) => `USB(${hex(read.u8('port'))},${hex(read.u8('interface'))})`,
  '3.10': guidNode('VenMsg'),
  '3.11': mac,
  '3.12': ipv4,
  '3.13': ipv6,
  '3.14': uart,
  '3.18': (read) => `Sata(${hex(read.u16('port'))},${hex(read.u16('port multiplier'))},${hex(read.u16('LUN'))})`,
  '3.23': (read) => {
    const namespace = read.u32('namespace');
    const id = bytesText(read.bytes(8, 'EUI-64').toReversed()).match(/../g) ?? [];
    return `NVMe(${hex(namespace)},${id.join('-')})`;
  },
  '3.24': (read) => `Uri(${new TextDecoder().decode(read.bytes(read.left, 'URI'))})`,
  '4.1': hardDrive,
  '4.2': (read) => `CDROM(${hex(read.u32('entry'))})`,
  '4.3': guidNode('VenMedia'),
  '4.4': (read) => read.text('file name'),
  '4.6': (read) => `FvFile(${read.guid('file')})`,
  '4.7': (read) => `Fv(${read.guid('volume')})`,
};

/**
 * A device path as EDK2 prints it: `PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400000001,0x1)/IPv4(0.0.0.0)`. Nodes that are not
 * known are `Path(type,sub-type,bytes)`. Throws MalformedError, also where no end node ends it.
 */
export function devicePathText(bytes: Uint8Array): string {
  const read = new Reader(bytes);
  const instances: string[][] = [[]];
  for (;;) {
    const at = read.at;
    const [type, subType] = [read.u8('the type of a device path node'), read.u8('its sub-type')];
    const length = read.u16('its length');
    if (length < HEADER_BYTES) throw new MalformedError(`the device path node at offset ${at} has ${length} bytes`);
    const body = read.bytes(length - HEADER_BYTES, `the device path node at offset ${at}`);
    if (type === END && subType !== END_OF_INSTANCE) break;
    if (type === END) instances.push([]);
    else instances.at(-1)?.push(nodeText(type, subType, body));
  }
  return instances.map((nodes) => nodes.join('/')).join(',');
}

function nodeText(type: number, subType: number, body: Uint8Array): string {
  const known = NODES[`${type}.${subType}`];
  if (known !== undefined) return known(new Reader(body));
  return `Path(${type},${subType}${body.length === 0 ? '' : `,${bytesText(body)}`})`;
}
