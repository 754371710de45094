import type { Climb, HabitValue, Profile, Sign } from '../profile.ts';

const LIST = '1,2,3,4,5,6,12,13,15,17,18,22,23,28,40,41,42,43,50,51,54,58,59,60';
const DISCOVER_CODES = '53,57,55,97,94,93,60';
const REQUEST_CODES = '53,54,50,57,55,97,94,93,60';
const SOLICIT_CODES = '1,8,3,6,62,61,16';
const DISCOVERS: readonly Climb[] = [
  {
    waitsMs: [4000, 8000, 16_000, 32_000],
    evidence: 'EDK2 `PxeBcDhcp4.c`; `efi-http` frames 2, 5, 7, 8: after 3.7, 8.0, 16.1 s',
  },
];
const ROUNDS_OF_DHCP6: readonly Climb[] = [
  {
    waitsMs: [4000, 8000, 16_000, 32_000],
    evidence: 'EDK2 `PxeBcDhcp6.c`: four tries, from 4 s on; `efi-http` frames 9, 11, 14, 15: after 4.1, 9.0, 17.0 s',
  },
];
const DISCOVER_OPTIONS: readonly HabitValue[] = [
  { value: DISCOVER_CODES, evidence: '`efi-http` frames 2 and 16; EDK2 `PxeBcDhcp4.c`, `HttpBootDhcp4.c`' },
];
const REQUEST_OPTIONS: readonly HabitValue[] = [
  { value: REQUEST_CODES, evidence: '`efi-tftp-portfilter` frame 3, `efi-http` frame 18' },
];
const SIZES: readonly HabitValue[] = [
  { value: '1472', evidence: '`efi-http` frames 2 and 16: DISCOVER' },
  { value: '65280', evidence: '`efi-tftp-portfilter` frame 3: REQUEST, 0xff00' },
];
const INTERFACES: readonly HabitValue[] = [
  { value: '1.3.1', evidence: '`efi-http` frames 2 and 16: a driver of EDK2' },
  { value: '1.3.0', evidence: 'EDK2 `PxeBcDhcp4.c`, without the driver’s word; measured on iPXE’s option ROM' },
  { value: '1.3.*', evidence: 'EDK2 `PxeBcDhcp4.c`: the version that the driver says' },
];
const NO_IDENTIFIER: readonly HabitValue[] = [{ value: 'none', evidence: '`efi-http` frames 2 and 16' }];
const NO_USER_CLASS: readonly HabitValue[] = [{ value: 'none', evidence: '`efi-http` frames 2 and 16' }];
const DUIDS: readonly HabitValue[] = [
  { value: 'LLT', evidence: '`efi-v6` frame 15: a machine without a UUID' },
  { value: 'UUID', evidence: 'EDK2 `Dhcp6Utility.c`; measured on a machine with a UUID' },
];
const OPTION_REQUEST: readonly HabitValue[] = [
  { value: '59,60,23,16', evidence: '`efi-v6` frame 15; EDK2 `PxeBcDhcp6.c`' },
];
const SOLICIT_OPTIONS: readonly HabitValue[] = [
  { value: SOLICIT_CODES, evidence: '`efi-v6` frame 15; EDK2 `PxeBcDhcp6.c`' },
];
const SHARED_LADDERS: Profile['ladders'] = {
  discover: DISCOVERS,
  'discover-offered': DISCOVERS,
  request: [{ waitsMs: [4000, 8000, 16_000, 32_000], evidence: 'EDK2 `PxeBcDhcp4.c`' }],
  solicit: ROUNDS_OF_DHCP6,
  'request-6': ROUNDS_OF_DHCP6,
  'information-request': ROUNDS_OF_DHCP6,
  arp: [
    {
      waitsMs: [500, 500, 500],
      andMore: true,
      evidence:
        'EDK2 `ArpImpl.h`: two retries, a timer of 500 ms; measured: three tries for every datagram that needs the address',
    },
  ],
  neighbour: [
    {
      waitsMs: [1000, 1000, 1000],
      andMore: true,
      evidence: 'RFC 4861 section 10; EDK2 `Ip6Nd.h`; measured: after 1.1, 1.1 s',
    },
  ],
  'router-solicitation': [
    { waitsMs: [4000, 4000, 4000], evidence: 'RFC 4861 section 10; `efi-http` frames 10, 12, 13: after 4.0, 4.0 s' },
  ],
};

/** The vendor class alone is what every EFI firmware writes; each of these with it is EDK2's own. */
const signsOf = (vendorClass: string, list: string): Sign[] => [
  { 'dhcp.vendor-class': vendorClass, 'dhcp.parameter-list': list },
  { 'dhcp.vendor-class': vendorClass, 'dhcp.discover-options': DISCOVER_CODES },
  { 'dhcp.vendor-class': vendorClass, 'dhcp.request-options': REQUEST_CODES },
  { 'dhcpv6.vendor-class': vendorClass, 'dhcpv6.option-request': '59,60,*' },
  { 'dhcpv6.vendor-class': vendorClass, 'dhcpv6.solicit-options': SOLICIT_CODES },
];

/** The PXE driver of EDK2 (OVMF, AAVMF, and firmware of vendors that is made of it). */
export const EDK2_PXE: Profile = {
  name: 'edk2-pxe',
  title: 'EDK2 PXE',
  about: 'EDK2’s PXE driver (OVMF and AAVMF 2025.02)',
  signs: [
    ...signsOf('PXEClient:Arch:*:UNDI:003*', `${LIST},66,*`),
    { 'proxydhcp.vendor-class': 'PXEClient:Arch:*:UNDI:003*', 'proxydhcp.port': '4011' },
    { 'tftp.options': 'tsize=0 blksize=1468 windowsize=4' },
    { 'tftp.options': 'blksize=1468 windowsize=4' },
    { 'tftp.options': 'tsize=0 blksize=1228 windowsize=4' },
    { 'tftp.options': 'blksize=1228 windowsize=4' },
  ],
  habits: {
    'dhcp.vendor-class': [
      { value: 'PXEClient:Arch:*:UNDI:003001', evidence: '`efi-http` frame 2: a driver of EDK2' },
      { value: 'PXEClient:Arch:*:UNDI:003000', evidence: 'measured on iPXE’s option ROM; EDK2 `PxeBcDhcp4.h`' },
      { value: 'PXEClient:Arch:*:UNDI:003*', evidence: 'EDK2 `PxeBcDhcp4.c`: the version that the driver says' },
    ],
    'dhcp.user-class': NO_USER_CLASS,
    'dhcp.interface': INTERFACES,
    'dhcp.client-id': NO_IDENTIFIER,
    'dhcp.message-size': SIZES,
    'dhcp.parameter-list': [
      {
        value: `${LIST},66,67,97,128,129,130,131,132,133,134,135`,
        evidence: '`efi-http` frame 2; EDK2 `PxeBcDhcp4.c`',
      },
    ],
    'dhcp.discover-options': DISCOVER_OPTIONS,
    'dhcp.request-options': REQUEST_OPTIONS,
    'proxydhcp.port': [{ value: '4011', evidence: '`grub-and-linux` frame 9; EDK2 `PxeBcBoot.c`' }],
    'proxydhcp.options': [
      { value: '53,55,57,60,93,94,97', evidence: '`grub-and-linux` frame 9: without option 54' },
      { value: '53,55,57,60,93,94,97,43', evidence: 'EDK2 `PxeBcDhcp4.c`: it asks for an item of a menu' },
    ],
    'dhcpv6.vendor-class': [{ value: 'PXEClient:Arch:*:UNDI:003*', evidence: '`efi-v6` frame 15' }],
    'dhcpv6.user-class': [{ value: 'none', evidence: '`efi-v6` frame 15' }],
    'dhcpv6.duid': DUIDS,
    'dhcpv6.option-request': OPTION_REQUEST,
    'dhcpv6.solicit-options': SOLICIT_OPTIONS,
    'tftp.options': [
      { value: 'tsize=0 blksize=1468 windowsize=4', evidence: '`efi-tftp-portfilter` frame 5: the size probe' },
      { value: 'blksize=1468 windowsize=4', evidence: '`efi-tftp-portfilter` frame 6; EDK2 `PxeBcMtftp.c`' },
      { value: 'tsize=0 blksize=1228 windowsize=4', evidence: '`efi-v6` frame 41: the size probe over IPv6' },
      { value: 'blksize=1228 windowsize=4', evidence: '`efi-v6` frame 44' },
      { value: 'tsize=0 blksize=1468', evidence: 'EDK2 `PxeBcMtftp.c` with a window of 1' },
      { value: 'blksize=1468', evidence: 'EDK2 `PxeBcMtftp.c` with a window of 1' },
    ],
  },
  ladders: {
    ...SHARED_LADDERS,
    'proxy-request': [{ waitsMs: [1000, 2000, 3000, 4000], evidence: 'EDK2 `PxeBcDhcp4.c`' }],
    'read-request': [
      { waitsMs: [4000, 4000, 4000, 4000, 4000, 4000], evidence: 'EDK2 `PxeBcMtftp.c`: six tries of 4 s' },
      {
        waitsMs: [3000, 3000, 3000, 3000, 3000],
        evidence: 'EDK2 `Mtftp4Impl.h`, its TFTP driver by itself: five tries of 3 s',
      },
    ],
  },
};

/** The HTTP boot driver of EDK2. */
export const EDK2_HTTP: Profile = {
  name: 'edk2-http',
  title: 'EDK2 HTTP',
  about: 'EDK2’s HTTP boot driver (OVMF and AAVMF 2025.02)',
  signs: [...signsOf('HTTPClient:Arch:*:UNDI:003*', `${LIST},*`), { 'http.user-agent': 'UefiHttpBoot/*' }],
  habits: {
    'dhcp.vendor-class': [
      { value: 'HTTPClient:Arch:*:UNDI:003001', evidence: '`efi-http` frame 16' },
      { value: 'HTTPClient:Arch:*:UNDI:003*', evidence: 'EDK2 `HttpBootDhcp4.c`: the version that the driver says' },
    ],
    'dhcp.user-class': NO_USER_CLASS,
    'dhcp.interface': INTERFACES,
    'dhcp.client-id': NO_IDENTIFIER,
    'dhcp.message-size': SIZES,
    'dhcp.parameter-list': [
      {
        value: `${LIST},*,67,97`,
        evidence: '`efi-http` frame 16; EDK2 `HttpBootDhcp4.c` never sets the byte before 67',
      },
    ],
    'dhcp.discover-options': DISCOVER_OPTIONS,
    'dhcp.request-options': REQUEST_OPTIONS,
    'dhcpv6.vendor-class': [{ value: 'HTTPClient:Arch:*:UNDI:003*', evidence: 'EDK2 `HttpBootDhcp6.c`' }],
    'dhcpv6.user-class': [{ value: 'none', evidence: 'EDK2 `HttpBootDhcp6.c`' }],
    'http.user-agent': [{ value: 'UefiHttpBoot/1.0', evidence: '`efi-http` frame 25; EDK2 `HttpBootClient.h`' }],
    'http.method': [
      { value: 'HEAD', evidence: '`efi-http` frame 25: for the size' },
      { value: 'GET', evidence: '`efi-http` frame 35' },
    ],
    'http.range': [
      { value: 'none', evidence: '`efi-http` frame 35' },
      { value: 'bytes=*', evidence: 'EDK2 `HttpBootClient.c`: it resumes a broken download' },
    ],
  },
  ladders: {
    ...SHARED_LADDERS,
    syn: [
      {
        waitsMs: [4000, 8000, 16_000, 32_000],
        andMore: true,
        evidence: 'EDK2 `TcpMisc.c`; measured: ARP for each SYN, after 3.7, 7.5, 16.9, 32.0 s',
      },
    ],
  },
};
