import type { Profile } from '../profile.ts';

/** shim, which checks GRUB's signature: it reads files by the firmware's PXE driver. */
export const SHIM: Profile = {
  name: 'shim',
  title: 'shim',
  about: 'shim 15.8 (`shimx64.efi`), which reads by the firmware’s PXE driver and says the block size itself',
  signs: [
    { 'tftp.options': 'blksize=512 windowsize=4' },
    { 'tftp.file': '*revocations*.efi' },
    { 'tftp.file': '*shim_certificate*.efi' },
  ],
  habits: {
    'tftp.options': [
      { value: 'blksize=512 windowsize=4', evidence: '`shim-and-grub` frame 16; shim `netboot.c`: no size probe' },
    ],
  },
  ladders: {
    'read-request': [
      {
        waitsMs: [4000, 4000, 4000, 4000, 4000, 4000],
        evidence: 'EDK2 `PxeBcMtftp.c`, by which shim reads: six tries of 4 s',
      },
    ],
  },
};
