import type { Causes, Waits } from './vocabulary.ts';

/** Causes of downloads, whatever protocol carries them. */
export const LOADING_CAUSES = {
  'wrong-boot-file': {
    why: 'the client asks for a file other than the one it was given: an old ROM setting, a second DHCP server, or mixed options of two servers',
  },
  'wrong-boot-server': {
    why: 'the client asks a server other than the one it was given: compare siaddr, options 66 and 54 of the answers',
  },
  'boot-file-missing': {
    why: 'the server does not have the file: put it below the server’s root, and check case and slashes',
    code: 'PXE-E3B (EDK2: PXE-E23)',
    absent: true,
  },
  'transfer-size-mismatch': {
    why: 'the number of bytes differs from the announced size: the file changed while it was read, or a packet was lost at the end',
  },
  'transfer-stalled': {
    why: 'the transfer began but did not finish: check for loss and retransmissions, and whether the client still runs',
    code: 'PXE-E35',
    lacks: 'message',
  },
  'transfer-aborted': { why: 'one side aborted the transfer: it had no room for the file, or rejected its content' },
} as const satisfies Causes;

/** A cause of a download. */
export type LoadingCause = keyof typeof LOADING_CAUSES;

/** How long a download may take. */
export const TRANSFER_WAIT = {
  transfer: { ms: 300_000, about: 'A transfer that has begun: 600 MB at TCG’s 2 MB/s.' },
} as const satisfies Waits;
