import type { Climb, Profile } from '../profile.ts';

const DISCOVERS: readonly Climb[] = [
  {
    waitsMs: [3000, 3000, 20_000],
    andMore: true,
    evidence: 'BusyBox `networking/udhcp/dhcpc.c`: three tries of 3 s, then a pause of 20 s',
  },
  { waitsMs: [3000, 3000, 3000, 3000, 3000], evidence: 'the bundled agent: `udhcpc -t 5 -T 3`' },
];

/** Linux with BusyBox: what Debian's installer, Alpine and the bundled agent boot. */
export const LINUX: Profile = {
  name: 'linux',
  title: 'Linux',
  about: 'Linux 6.12 with BusyBox’s udhcpc 1.37',
  signs: [
    { 'dhcp.vendor-class': 'udhcp *' },
    { 'dhcp.parameter-list': '1,3,6,12,15,28,42', 'dhcp.message-size': '576' },
  ],
  habits: {
    'dhcp.user-class': [{ value: 'none', evidence: '`grub-and-linux` frame 80' }],
    'dhcp.interface': [{ value: 'none', evidence: '`grub-and-linux` frame 80' }],
    'dhcp.client-id': [{ value: 'hardware address', evidence: '`grub-and-linux` frame 80; BusyBox `dhcpc.c`' }],
    'dhcp.message-size': [{ value: '576', evidence: '`grub-and-linux` frame 80; BusyBox `dhcpc.c`' }],
    'dhcp.parameter-list': [
      { value: '1,3,6,12,15,28,42', evidence: '`grub-and-linux` frame 80; BusyBox `common.c` (`OPTION_REQ`)' },
      { value: '1,3,6,12,15,28,42,*', evidence: 'udhcpc -O: options that were asked for beside these' },
    ],
    'dhcp.discover-options': [
      { value: '53,57,55,60,61', evidence: '`grub-and-linux` frame 80' },
      { value: '53,50,57,55,60,61', evidence: 'BusyBox `dhcpc.c`: udhcpc -r asks for an address' },
    ],
    'dhcp.request-options': [{ value: '53,50,54,57,55,60,61', evidence: '`grub-and-linux` frame 82' }],
  },
  ladders: {
    discover: DISCOVERS,
    'discover-offered': DISCOVERS,
    request: DISCOVERS,
    syn: [
      {
        waitsMs: [1000, 2000, 4000, 8000],
        andMore: true,
        evidence: 'Linux `net/ipv4/tcp_timer.c`: after 1 s, and doubled each time: SYNs at 0, 1, 3 and 7 s',
      },
    ],
    arp: [{ waitsMs: [1000, 1000, 1000], evidence: 'Linux `arp(7)`: `mcast_solicit` 3, `retrans_time` 1 s' }],
    neighbour: [{ waitsMs: [1000, 1000, 1000], evidence: 'RFC 4861 section 10, as in Linux `net/ipv6/ndisc.c`' }],
    'router-solicitation': [
      { waitsMs: [4000, 4000, 4000], evidence: 'Linux `net/ipv6/addrconf.c`: `rtr_solicit_interval` 4 s' },
    ],
  },
};
