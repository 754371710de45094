import { firmwareRow, type Firmware } from './firmwares.ts';

/** One way to fetch a boot file, and what leaves it as the firmware's first network entry. */
interface TransportRow {
  /** What it is, in a few words for documentation and messages. */
  readonly what: string;
  readonly ip: 4 | 6;
  readonly http: boolean;
  /**
   * fw_cfg items (OvmfPkg/RUNTIME_CONFIG.md). EDK2 makes its network entries anew at every start, in the order PXE over
   * IPv4, over IPv6, HTTP over IPv4, over IPv6; there is no switch for HTTP.
   */
  readonly firmwareStrings: Readonly<Record<string, string>>;
  readonly bootWaitMs?: number;
}

const off = (...switches: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(switches.map((name) => [`opt/org.tianocore/${name}`, 'n']));

/** Every transport of clients. */
export const TRANSPORTS = {
  'pxe-ipv4': { what: 'DHCP, proxyDHCP and TFTP', ip: 4, http: false, firmwareStrings: {} },
  'pxe-ipv6': { what: 'DHCPv6 and TFTP over IPv6', ip: 6, http: false, firmwareStrings: off('IPv4Support') },
  'http-ipv4': {
    what: 'DHCP and HTTP',
    ip: 4,
    http: true,
    firmwareStrings: off('IPv4PXESupport', 'IPv6Support'),
  },
  'http-ipv6': {
    what: 'DHCPv6 and HTTP over IPv6',
    ip: 6,
    http: true,
    firmwareStrings: off('IPv4Support', 'IPv6PXESupport'),
    // EDK2's HttpBootDxe gives up where its link-local address is still tentative, which takes a second (its PXE waits).
    bootWaitMs: 3000,
  },
} as const satisfies Record<string, TransportRow>;

export type Transport = keyof typeof TRANSPORTS;
export const TRANSPORT_NAMES = Object.keys(TRANSPORTS) as readonly Transport[];

/** The row of a transport, with what only some rows have. */
export function transportRow(transport: Transport): TransportRow {
  return TRANSPORTS[transport];
}

/**
 * Transports that a firmware boots by. The ROM that QEMU brings for a BIOS asks DHCP alone; AAVMF has the network entries
 * of OVMF, but takes no notice of these switches: it went on with PXE over IPv4.
 */
export function transportsOf(firmware: Firmware): readonly Transport[] {
  const { flash, cpu } = firmwareRow(firmware);
  return flash !== undefined && cpu === 'x86_64' ? TRANSPORT_NAMES : ['pxe-ipv4'];
}
