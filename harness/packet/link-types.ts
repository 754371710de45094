/**
 * Link types by number (https://www.tcpdump.org/linktypes.html): those that decodeLink reads, and those that a capture
 * of a PXE client could have come by and that are only named.
 */
const NAMES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  1: 'Ethernet',
  6: 'Token Ring',
  9: 'PPP',
  10: 'FDDI',
  12: 'raw IP',
  14: 'raw IP',
  50: 'PPP',
  51: 'PPPoE',
  101: 'raw IP',
  104: 'Cisco HDLC',
  105: 'IEEE 802.11',
  107: 'Frame Relay',
  108: 'OpenBSD loopback',
  113: 'Linux cooked',
  119: 'IEEE 802.11 with Prism header',
  122: 'IP over Fibre Channel',
  127: 'IEEE 802.11 with radiotap header',
  138: 'IP over FireWire',
  143: 'DOCSIS',
  149: 'user-defined',
  163: 'IEEE 802.11 with AVS header',
  166: 'PPP of Linux pppd',
  187: 'Bluetooth HCI',
  189: 'Linux USB',
  192: 'PPI',
  195: 'IEEE 802.15.4',
  201: 'Bluetooth HCI',
  204: 'PPP with direction',
  220: 'Linux USB',
  228: 'raw IPv4',
  229: 'raw IPv6',
  239: 'NFLOG of Linux netfilter',
  242: 'IP over InfiniBand',
  247: 'InfiniBand',
  249: 'USBPcap',
  252: 'Wireshark upper PDU',
  253: 'Linux netlink',
  276: 'Linux cooked v2',
};

/** A link type for people: its number, and its name where it has one. */
export function linkTypeText(linkType: number): string {
  const name = NAMES[linkType];
  return name === undefined ? `link type ${linkType}` : `link type ${linkType} (${name})`;
}
