import type { Profile } from '../profile.ts';

/** One tick of the PC's clock, which PXELINUX counts in; milliseconds. */
const TICK_MS = 1000 / 18.2065;
/** Syslinux 6.04, `core/fs/pxe/tftp.c`: `TimeoutTable`, up to its end. */
const WAITS_MS = [
  2, 2, 3, 3, 4, 5, 6, 7, 9, 10, 12, 15, 18, 21, 26, 31, 37, 44, 53, 64, 77, 92, 110, 132, 159, 191, 229, 255, 255, 255,
  255,
].map((ticks) => Math.round(ticks * TICK_MS));

/** PXELINUX: it asks for no address of its own, and resolves others by the firmware's stack. */
export const PXELINUX: Profile = {
  name: 'pxelinux',
  title: 'PXELINUX',
  about: 'PXELINUX 6.04 under BIOS',
  signs: [
    { 'tftp.options': 'tsize=0 blksize=1408' },
    { 'tftp.file': '*ldlinux.c32' },
    { 'tftp.file': '*pxelinux.cfg/*' },
  ],
  habits: {
    'tftp.options': [
      {
        value: 'tsize=0 blksize=1408',
        evidence:
          'syslinux `core/fs/pxe/tftp.c` (`TFTP_BLOCKSIZE`); `pxelinux-and-linux` frame 18: no size probe, no windows',
      },
    ],
  },
  ladders: {
    'read-request': [
      {
        waitsMs: WAITS_MS,
        evidence:
          'syslinux `core/fs/pxe/tftp.c`: 31 tries; 6.04 was captured with 31 in 128 and in 124 s, and then asked for the next name of its configuration',
      },
    ],
    'transfer-ack': [
      {
        waitsMs: WAITS_MS.slice(1),
        evidence:
          'syslinux `core/fs/pxe/tftp.c`: the same waits as for a request; 6.04 was captured with 30 repetitions in 128 s',
      },
    ],
  },
};
