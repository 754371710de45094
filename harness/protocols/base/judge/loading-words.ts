import type { Causes, Waits } from './vocabulary.ts';

/** Causes of downloads, whatever protocol carries them. */
export const LOADING_CAUSES = {
  'wrong-boot-file': {
    why: 'the client asks for another file than it was told: an old ROM setting, a second DHCP server, or options of two servers mixed',
  },
  'wrong-boot-server': {
    why: 'the client asks another server than it was told: compare siaddr, options 66 and 54 of the answers',
  },
  'boot-file-missing': {
    why: 'the server does not have the file: put it below the server’s root, mind case and slashes',
    code: 'PXE-E3B (EDK2: PXE-E23)',
  },
  'transfer-size-mismatch': {
    why: 'fewer or more bytes came than were promised: the file changed while it was read, or a packet was lost at the end',
  },
  'transfer-stalled': {
    why: 'the transfer began and did not end: look at loss and retransmissions on the way, and whether the client still runs',
    code: 'PXE-E35',
  },
  'transfer-aborted': { why: 'a side gave the transfer up: it had no room for the file, or did not like its content' },
} as const satisfies Causes;

/** A cause of a download. */
export type LoadingCause = keyof typeof LOADING_CAUSES;

/** How long a download may take. */
export const TRANSFER_WAIT = {
  transfer: { ms: 300_000, about: 'A transfer that has begun: 600 MB at TCG’s 2 MB/s.' },
} as const satisfies Waits;
