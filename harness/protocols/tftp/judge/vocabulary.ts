import { LOADING_CAUSES, TRANSFER_WAIT } from '../../base/judge/loading-words.ts';
import { ICMP } from '../../icmp/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const BY = ['string', '`client` or `server`', ['client', 'server']] as const;
const OPTIONS = { blksize: 'number', tsize: 'number', windowsize: 'number', msftwindow: 'number' } as const;

/** The words of this room. */
export const TFTP = {
  steps: {
    'tftp.read-request': {
      about: 'the client asks for a file; the first one after DHCP is for the file and server that DHCP named',
      details: { path: 'string', server: 'string', mode: ['string', 'unless it is octet'], ...OPTIONS },
    },
    'tftp.write-request': { about: 'the client asks to write a file', details: { path: 'string' }, only: 'recorded' },
    'tftp.option-ack': {
      about: 'the server grants options or lowers their values, and adds no others',
      details: { path: 'string', server: 'string', ...OPTIONS },
    },
    'tftp.size-probe': {
      about: 'the client asked for the size and aborted the transfer (error 0 or 8)',
      details: { path: 'string', tsize: 'number', code: 'number', message: 'string' },
    },
    'tftp.transfer': {
      about: 'a whole file was transferred, with the size in tsize and in the agreed blocks',
      details: {
        path: 'string',
        server: 'string',
        bytes: 'number',
        blocks: 'number',
        blksize: 'number',
        windowsize: 'number',
        retransmissions: 'number',
        gaps: 'number',
        repeats: ['number', 'of a transfer that stands still: how often its last packet came again'],
        program: [
          'string',
          'of the boot file: what its first block shows; `efi-x64` and the like, `linux-x64` for a kernel with a boot sector, `flat` for what is no EFI program',
        ],
        signed: ['boolean', 'of an EFI program: it carries a signature, which nobody has checked'],
      },
    },
    'tftp.error': {
      about: 'an ERROR packet ended the transfer; recorded for a file that the boot does not need',
      details: { path: 'string', code: 'number', message: 'string', by: BY },
      only: 'failed',
      expectable: true,
    },
    'tftp.anomaly': {
      about: 'a packet violated the protocol; recorded when a conforming receiver can continue',
      details: {
        path: 'string',
        kind: ['string', 'which rule it broke (harness/protocols/tftp/observe/anomaly.ts)'],
        op: 'string',
        by: BY,
        block: 'number',
      },
      only: 'failed',
      expectable: true,
    },
    'tftp.retransmission': {
      about: 'a block or its acknowledgement came again after the transfer was complete',
      details: { path: 'string', block: 'number', by: BY },
      only: 'recorded',
    },
    'tftp.unfinished': {
      about: 'a transfer ended before the end of the file',
      details: { path: 'string', bytes: 'number', blocks: 'number', retransmissions: 'number' },
      only: 'recorded',
    },
  },
  causes: {
    ...LOADING_CAUSES,
    ...ICMP.causes,
    'tftp-silent': {
      why: 'the TFTP server did not answer: see whether it listens on UDP 69 and whether a firewall drops its answers from other ports',
      code: 'PXE-E32',
    },
    'tftp-access-denied': {
      why: 'the TFTP server may not read the file: check its permissions and the server’s root',
      code: 'PXE-E3C (EDK2: PXE-E23)',
    },
    'tftp-refused': {
      why: 'the TFTP server refused the transfer: its message says why',
      code: 'PXE-E36 (EDK2: PXE-E23)',
    },
    'tftp-options-refused': {
      why: 'client and server disagree about TFTP options: compare the request with the OACK',
    },
    'tftp-illegal-option-ack': {
      why: 'the server granted more than the client asked for, or an option that it did not ask for: strict clients (EDK2) abort with error 4',
    },
    'tftp-rollover': {
      why: 'the transfer stops where its block numbers begin anew, after block 65535: one side cannot count on; ask for larger blocks (blksize), take another TFTP server, or load large files by HTTP',
    },
    'tftp-protocol-breach': { why: 'a packet violates the TFTP protocol: the frame shows which side sent it' },
  },
  waits: {
    tftp: { ms: 30_000, about: 'The first answer to a read request: six tries of 4 s, as EDK2 opens a file.' },
    ...TRANSFER_WAIT,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
