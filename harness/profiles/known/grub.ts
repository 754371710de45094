import type { Profile } from '../profile.ts';

/** `include/grub/net.h`: `GRUB_NET_TRIES`, `GRUB_NET_INTERVAL`, `GRUB_NET_INTERVAL_ADDITION`. */
const WAITS_MS = Array.from({ length: 40 }, (_, index) => 400 + 20 * index);

/** GRUB, which has its own TFTP, HTTP and ARP, and takes the address over from the firmware. */
export const GRUB: Profile = {
  name: 'grub',
  title: 'GRUB',
  about: 'GRUB 2.12 (`grubnetx64.efi`, and cores that `grub-mkstandalone` makes)',
  signs: [{ 'tftp.options': 'blksize=1024 tsize=0' }, { 'tftp.file': '*grub.cfg*' }, { 'http.user-agent': 'GRUB *' }],
  habits: {
    'tftp.options': [
      { value: 'blksize=1024 tsize=0', evidence: 'GRUB `net/tftp.c`; `grub-and-linux` frame 18: no windows' },
    ],
    'http.user-agent': [{ value: 'GRUB *', evidence: 'GRUB `net/http.c`: the name and version of the package' }],
    'http.method': [{ value: 'GET', evidence: 'GRUB `net/http.c`' }],
    'http.range': [
      { value: 'none', evidence: 'GRUB `net/http.c`: a file that is opened' },
      { value: 'bytes=*-', evidence: 'GRUB `net/http.c`: a file in which it seeks' },
    ],
  },
  ladders: {
    'read-request': [
      {
        waitsMs: WAITS_MS,
        evidence:
          'GRUB `net/tftp.c`: 40 tries, each 20 ms later than the one before; 2.12 was captured with 40 in 31 s, and then asked for the next name',
      },
    ],
    // Nothing repeats an acknowledgement: after 35 s it says ERROR 0 (measured on 2.12).
    'transfer-ack': [],
    arp: [{ waitsMs: WAITS_MS, evidence: 'GRUB `net/arp.c`: the same interval as for a request' }],
  },
};
