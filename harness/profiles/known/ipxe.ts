import type { Climb, Profile } from '../profile.ts';

const DISCOVERS: readonly Climb[] = [
  {
    waitsMs: [1000, 2000, 4000, 8000],
    evidence:
      'iPXE `config/dhcp.h`; `bios-nodhcp` frames 1, 6, 8, 9: after 1.02, 2.04, 4.06 s; `efi-http` frames 190, 195, 199, 200',
  },
  {
    waitsMs: [4000, 8000, 16_000, 32_000],
    evidence: 'Red Hat’s build, with the timeouts of PXE 2.1 (its patch “Use spec compliant timeouts”)',
  },
];

/** `DEFAULT_MIN_TIMEOUT` doubled up to `DEFAULT_MAX_TIMEOUT`. */
const BACKED_OFF_MS = [250, 500, 1000, 2000, 4000, 8000];
/** `NEIGHBOUR_MIN_TIMEOUT` and `IPV6CONF_MIN_TIMEOUT` doubled up to 3 s. */
const EFI_NEIGHBOUR_MS = [125, 250, 500, 1000, 2000];
/** The same in ticks of the PC's clock, rounded up. */
const BIOS_NEIGHBOUR_MS = [150, 275, 550, 1050, 2000];
const NEIGHBOUR_SOURCE = 'iPXE `net/neighbour.c`: from an eighth of a second on, doubled up to 3 s';

/** iPXE, as SeaBIOS starts it from QEMU's ROMs, as a boot program, and as an EFI program or driver. */
export const IPXE: Profile = {
  name: 'ipxe',
  title: 'iPXE',
  about: 'iPXE 1.21.1: the ROM that SeaBIOS starts, `undionly.kpxe`, `snponly.efi`, `ipxe.efi`',
  signs: [
    { 'dhcp.user-class': 'iPXE' },
    { 'dhcp.discover-options': '*,175,*' },
    { 'dhcp.request-options': '*,175,*' },
    { 'proxydhcp.user-class': 'iPXE' },
    { 'proxydhcp.options': '*,175,*' },
    { 'dhcpv6.user-class': 'iPXE' },
    { 'tftp.options': 'blksize=1432 tsize=0' },
    { 'http.user-agent': 'iPXE/*' },
  ],
  habits: {
    'dhcp.vendor-class': [
      { value: 'PXEClient:Arch:*:UNDI:002001', evidence: '`bios-nodhcp` frame 1; iPXE `interface/undi`, BIOS' },
      { value: 'PXEClient:Arch:*:UNDI:003010', evidence: '`efi-tftp-portfilter` frame 8; iPXE under EFI' },
      {
        value: 'PXEClient',
        evidence:
          'measured on `undionly.kpxe` beside a boot server: the answer that the ROM kept has this class, and iPXE sends it',
      },
    ],
    'dhcp.user-class': [{ value: 'iPXE', evidence: '`bios-nodhcp` frame 1; iPXE `net/udp/dhcp.c`' }],
    'dhcp.interface': [
      { value: '1.2.1', evidence: '`bios-nodhcp` frame 1' },
      { value: '1.3.10', evidence: '`efi-tftp-portfilter` frame 8' },
    ],
    'dhcp.client-id': [{ value: 'hardware address', evidence: '`bios-nodhcp` frame 1' }],
    'dhcp.message-size': [{ value: '1472', evidence: '`bios-nodhcp` frame 1; iPXE `net/udp/dhcp.c`' }],
    'dhcp.parameter-list': [
      {
        value: '1,3,6,7,12,15,17,26,42,43,60,66,67,119,128,129,130,131,132,133,134,135,175,203',
        evidence: '`bios-nodhcp` frame 1, `efi-tftp-portfilter` frame 8',
      },
      {
        value: '1,3,6,7,12,15,17,26,42,43,60,66,67,119,121,128,129,130,131,132,133,134,135,175,203',
        evidence: 'iPXE `net/udp/dhcp.c`, since classless routes',
      },
      {
        value: '1,3,6,7,12,15,17,26,43,60,66,67,119,128,129,130,131,132,133,134,135,175,203',
        evidence: 'iPXE `net/udp/dhcp.c`, before it set the clock',
      },
    ],
    'dhcp.discover-options': [
      { value: '53,57,93,94,60,77,55,175,61,97', evidence: '`bios-nodhcp` frame 1, `efi-tftp-portfilter` frame 8' },
      { value: '53,57,93,94,60,77,55,175,61', evidence: 'iPXE `net/udp/dhcp.c`: a machine without a UUID' },
    ],
    'dhcp.request-options': [
      {
        value: '53,57,93,94,60,77,55,175,61,97,54,50',
        evidence: '`bios-proxy` frame 8, `efi-tftp-portfilter` frame 12',
      },
      { value: '53,57,93,94,60,77,55,175,61,54,50', evidence: 'iPXE `net/udp/dhcp.c`: a machine without a UUID' },
    ],
    'proxydhcp.port': [{ value: '68', evidence: '`bios-proxy` frame 14' }],
    'proxydhcp.options': [
      { value: '53,57,93,94,60,77,55,175,61,97,43', evidence: '`bios-proxy` frame 14: it asks for an item of a menu' },
      {
        value: '53,57,93,94,60,77,55,175,61,97,54',
        evidence: '`pxelinux-and-linux` frame 13: it asks a boot server',
      },
      { value: '53,57,93,94,60,77,55,175,61,43', evidence: 'iPXE `net/udp/dhcp.c`: a machine without a UUID' },
      { value: '53,57,93,94,60,77,55,175,61,54', evidence: 'iPXE `net/udp/dhcp.c`: a machine without a UUID' },
    ],
    'dhcpv6.vendor-class': [{ value: 'PXEClient:Arch:*:UNDI:003010', evidence: '`efi-v6` frame 524' }],
    'dhcpv6.user-class': [{ value: 'iPXE', evidence: '`efi-v6` frame 524' }],
    'dhcpv6.duid': [{ value: 'UUID', evidence: '`efi-v6` frame 524; iPXE `net/udp/dhcpv6.c`' }],
    'dhcpv6.option-request': [{ value: '23,24,59,60', evidence: '`efi-v6` frame 524' }],
    'dhcpv6.solicit-options': [{ value: '1,3,6,16,61,62,15,8', evidence: '`efi-v6` frame 524' }],
    'tftp.options': [
      {
        value: 'blksize=1432 tsize=0',
        evidence: '`bios-tftpdown` frame 15; iPXE `net/udp/tftp.c`: no size probe, no windows',
      },
    ],
    'http.user-agent': [{ value: 'iPXE/*', evidence: '`efi-http` frame 183; iPXE `net/tcp/httpcore.c`' }],
    'http.method': [{ value: 'GET', evidence: '`efi-http` frame 183' }],
    'http.range': [
      { value: 'none', evidence: '`efi-http` frame 183' },
      { value: 'bytes=*', evidence: 'iPXE `net/tcp/httpblock.c`: disks over HTTP' },
    ],
    'arp.announcement': [{ value: 'request', evidence: '`bios-proxy` frame 10, after its ACK' }],
  },
  ladders: {
    discover: DISCOVERS,
    'discover-offered': DISCOVERS,
    request: [
      { waitsMs: BACKED_OFF_MS, evidence: 'iPXE `net/retry.c` and `config/dhcp.h`' },
      { waitsMs: [1000, 2000, 4000], evidence: 'Red Hat’s build, with the timeouts of PXE 2.1' },
    ],
    'proxy-request': [
      {
        waitsMs: [250, 500, 1000, 2000],
        goesOn: true,
        evidence: 'iPXE `config/dhcp.h`: it goes on without the answer after 3.75 s',
      },
    ],
    'read-request': [
      {
        waitsMs: BACKED_OFF_MS,
        evidence:
          'iPXE `net/retry.c`; `bios-tftpdown` frames 15, 17, 19, 21, 24, 28: at 0, 0.23, 0.94, 1.99, 4.07, 8.08 s',
      },
    ],
    syn: [{ waitsMs: BACKED_OFF_MS, evidence: 'iPXE `net/retry.c` and `net/tcp.c`' }],
    arp: [
      {
        waitsMs: BIOS_NEIGHBOUR_MS,
        evidence: `${NEIGHBOUR_SOURCE}; \`bios-wrongserver\` frames 13 to 17: at 0, 0.15, 0.43, 0.98, 2.02 s, and then at the next try of what needs the address`,
      },
      { waitsMs: EFI_NEIGHBOUR_MS, evidence: `${NEIGHBOUR_SOURCE}, under EFI` },
    ],
    neighbour: [
      { waitsMs: BIOS_NEIGHBOUR_MS, evidence: `${NEIGHBOUR_SOURCE}, for IPv6 as for IPv4` },
      { waitsMs: EFI_NEIGHBOUR_MS, evidence: `${NEIGHBOUR_SOURCE}, under EFI` },
    ],
    'router-solicitation': [
      {
        waitsMs: BIOS_NEIGHBOUR_MS,
        evidence: 'iPXE `net/ndp.c`; `bios-nodhcp` frames 2, 3, 4, 5, 7: at 0, 0.14, 0.41, 0.96, 2.01 s',
      },
      {
        waitsMs: EFI_NEIGHBOUR_MS,
        evidence: 'iPXE `net/ndp.c`; `efi-http` frames 191, 192, 193, 194, 196: at 0, 0.12, 0.37, 0.87, 1.87 s',
      },
    ],
    solicit: [
      { waitsMs: BACKED_OFF_MS, evidence: 'iPXE `net/udp/dhcpv6.c`, which leaves the limits of `net/retry.c`' },
    ],
    'request-6': [
      { waitsMs: BACKED_OFF_MS, evidence: 'iPXE `net/udp/dhcpv6.c`, which leaves the limits of `net/retry.c`' },
    ],
    'information-request': [
      { waitsMs: BACKED_OFF_MS, evidence: 'iPXE `net/udp/dhcpv6.c`, which leaves the limits of `net/retry.c`' },
    ],
  },
};
