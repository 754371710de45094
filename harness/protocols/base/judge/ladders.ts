// How clients repeat a request that nobody answers. A client that has come to the last rung of its ladder has proven by
// itself that no answer came to the earlier ones; no deadline has to pass on the wire for that.

/** One client's way to repeat a request. */
interface Climb {
  /** How long it waits after each try, the last one included; milliseconds. */
  readonly waitsMs: readonly number[];
  /** After that it boots by what other servers have told it, if any has. */
  readonly goesOn?: true;
  /** Which clients do so, and how that is known. */
  readonly about: string;
}

/** How a request is repeated. */
export interface Ladder {
  /** The request as messages name it. */
  readonly request: string;
  /** What does not come, as messages name it. */
  readonly answer: string;
  readonly climbs: readonly Climb[];
}

const DISCOVERS: readonly Climb[] = [
  {
    waitsMs: [1000, 2000, 4000, 8000],
    about: 'iPXE (`config/dhcp.h`): DISCOVERs at 0, 1, 3 and 7 s; QEMU’s ROM was captured at 0, 1.02, 3.05 and 7.11 s',
  },
  { waitsMs: [4000, 8000, 16_000, 32_000], about: 'PXE 2.1 and EDK2 (`PxeBcDhcp4.c`)' },
];

/** One tick of the PC's clock, which PXELINUX counts in; milliseconds. */
const TICK_MS = 1000 / 18.2065;
/** syslinux 6.04, `core/fs/pxe/tftp.c`: `TimeoutTable`, up to its end. */
const PXELINUX_WAITS_MS = [
  2, 2, 3, 3, 4, 5, 6, 7, 9, 10, 12, 15, 18, 21, 26, 31, 37, 44, 53, 64, 77, 92, 110, 132, 159, 191, 229, 255, 255, 255,
  255,
].map((ticks) => Math.round(ticks * TICK_MS));
/** grub 2.12, `grub-core/net/tftp.c` and `include/grub/net.h`: `GRUB_NET_TRIES`, `_INTERVAL`, `_INTERVAL_ADDITION`. */
const GRUB_WAITS_MS = Array.from({ length: 40 }, (_, index) => 400 + 20 * index);

/** The ladders, by the name that a waiting state gives its own. */
export const LADDERS = {
  discover: { request: 'DISCOVER', answer: 'OFFER', climbs: DISCOVERS },
  // Both clients stop to ask as soon as there is an offer that they can use.
  'discover-offered': { request: 'DISCOVER', answer: 'REQUEST', climbs: DISCOVERS },
  request: {
    request: 'REQUEST',
    answer: 'ACK',
    climbs: [
      { waitsMs: [250, 500, 1000, 2000, 4000, 8000], about: 'iPXE (`net/retry.c`)' },
      { waitsMs: [1000, 2000, 3000, 4000], about: 'PXE 2.1, as iPXE’s `config/dhcp.h` quotes it' },
      { waitsMs: [4000, 8000, 16_000, 32_000], about: 'EDK2 (`PxeBcDhcp4.c`)' },
    ],
  },
  'proxy-request': {
    request: 'port 4011 REQUEST',
    answer: 'ACK',
    climbs: [
      {
        waitsMs: [250, 500, 1000, 2000],
        goesOn: true,
        about: 'iPXE (`config/dhcp.h`): it goes on without the answer after 3.75 s',
      },
      { waitsMs: [1000, 2000, 3000, 4000], about: 'EDK2 (`PxeBcDhcp4.c`)' },
    ],
  },
  'read-request': {
    request: 'read request',
    answer: 'answer',
    climbs: [
      {
        waitsMs: [250, 500, 1000, 2000, 4000, 8000],
        about: 'iPXE (`net/retry.c`); QEMU’s ROM was captured at 0, 0.23, 0.94, 1.99, 4.07 and 8.08 s',
      },
      { waitsMs: [4000, 4000, 4000, 4000, 4000, 4000], about: 'EDK2’s PXE driver: six tries of 4 s' },
      { waitsMs: [3000, 3000, 3000, 3000, 3000], about: 'EDK2’s TFTP driver by itself: five tries of 3 s' },
      {
        waitsMs: PXELINUX_WAITS_MS,
        about:
          'PXELINUX (syslinux `core/fs/pxe/tftp.c`): 31 tries; 6.04 was captured with 31 in 128 and in 124 s, and then asked for the next name of its configuration',
      },
      {
        waitsMs: GRUB_WAITS_MS,
        about:
          'GRUB (`grub-core/net/tftp.c`): 40 tries, each 20 ms later than the one before; 2.12 was captured with 40 in 31 s, and then asked for the next name',
      },
    ],
  },
  // The first ACK is one of many: only those that come again are seen as tries.
  'transfer-ack': {
    request: 'repeated ACK',
    answer: 'next block',
    climbs: [
      {
        waitsMs: PXELINUX_WAITS_MS.slice(1),
        about:
          'PXELINUX (syslinux `core/fs/pxe/tftp.c`): the same waits as for a request; 6.04 was captured with 30 repetitions in 128 s. GRUB repeats nothing: after 35 s it says ERROR 0',
      },
    ],
  },
  syn: {
    request: 'SYN',
    answer: 'answer',
    climbs: [
      { waitsMs: [1000, 2000, 4000, 8000], about: 'Linux and Windows: SYNs at 0, 1, 3 and 7 s' },
      { waitsMs: [250, 500, 1000, 2000, 4000, 8000], about: 'iPXE (`net/retry.c`)' },
    ],
  },
  arp: {
    request: 'ARP request',
    answer: 'answer',
    climbs: [
      {
        waitsMs: [150, 275, 550, 1050, 2000],
        about:
          'iPXE (`net/neighbour.c`): QEMU’s ROM was captured at 0, 0.15, 0.43, 0.98 and 2.02 s, and then at the next try of what needs the address',
      },
      { waitsMs: [1000, 1000, 1000], about: 'Linux (`arp(7)`): three requests, a second apart' },
    ],
  },
  neighbour: {
    request: 'neighbour solicitation',
    answer: 'advertisement',
    climbs: [
      { waitsMs: [1000, 1000, 1000], about: 'RFC 4861 section 10: three multicast solicitations, a second apart' },
      {
        waitsMs: [250, 500, 1000, 2000, 4000],
        about: 'iPXE (`net/neighbour.c`), which asks for IPv6 addresses as it does for those of IPv4',
      },
    ],
  },
  'router-solicitation': {
    request: 'router solicitation',
    answer: 'advertisement',
    climbs: [{ waitsMs: [4000, 4000, 4000], about: 'RFC 4861 section 10: three solicitations, 4 s apart' }],
  },
  solicit: {
    request: 'SOLICIT',
    answer: 'ADVERTISE',
    climbs: [
      { waitsMs: [4000, 8000, 16_000, 32_000], about: 'EDK2 (`PxeBcDhcp6.c`): four tries, from 4 s on' },
      {
        waitsMs: [1000, 2000, 4000, 8000],
        about: 'iPXE (`net/udp/dhcpv6.c`), by RFC 8415 section 15 from SOL_TIMEOUT on',
      },
    ],
  },
  'request-6': {
    request: 'REQUEST',
    answer: 'REPLY',
    climbs: [
      {
        waitsMs: [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000],
        about: 'RFC 8415 section 7.6: REQ_TIMEOUT 1 s, REQ_MAX_RT 30 s, ten tries',
      },
      { waitsMs: [4000, 8000, 16_000, 32_000], about: 'EDK2 (`PxeBcDhcp6.c`)' },
    ],
  },
  'information-request': {
    request: 'INFORMATION-REQUEST',
    answer: 'REPLY',
    climbs: [
      { waitsMs: [4000, 8000, 16_000, 32_000], about: 'EDK2 (`PxeBcDhcp6.c`)' },
      {
        waitsMs: [1000, 2000, 4000, 8000],
        about: 'iPXE (`net/udp/dhcpv6.c`), by RFC 8415 section 15 from INF_TIMEOUT on',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Ladder>>;

/** The name of a ladder. */
export type LadderName = keyof typeof LADDERS;
