import { SESSION_WAITS } from '../../base/judge/session-waits.ts';
import { LOGON_CAUSES, NTSTATUS_DETAIL, SHARE_CAUSES, WRITE_CAUSES } from '../../base/judge/windows-words.ts';
import { NTLM } from '../../ntlm/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const FILE = { path: 'string', share: 'string' } as const;

/** The words of this room. */
export const SMB = {
  steps: {
    'smb.negotiate-request': { about: 'the client asked again before an answer came', details: {}, only: 'recorded' },
    'smb.negotiate': {
      about: 'client and server agree on an SMB dialect; an SMB1 NEGOTIATE is a separate step',
      details: {
        dialect: 'string',
        smb1: 'boolean',
        offered: ['string', 'dialects that the client offered'],
        status: NTSTATUS_DETAIL,
      },
    },
    'smb.session-setup-request': {
      about: 'the client asked again before an answer came',
      details: {},
      only: 'recorded',
    },
    'smb.session-setup-response': {
      about: 'the server gave the same answer again',
      details: { status: NTSTATUS_DETAIL },
      only: 'recorded',
    },
    'smb.session-setup': {
      about: 'the server accepts the logon; one step for all its legs',
      details: {
        status: NTSTATUS_DETAIL,
        guest: 'boolean',
        user: 'string',
        authentication: ['string', '`ntlm` or `kerberos`', ['ntlm', 'kerberos']],
      },
    },
    'smb.tree-connect-request': {
      about: 'the client asked again before an answer came',
      details: { path: 'string' },
      only: 'recorded',
    },
    'smb.tree-connect': {
      about: 'the client connects a share',
      details: { path: 'string', share: 'string', status: NTSTATUS_DETAIL, shareType: 'number' },
    },
    'smb.dfs-referral': {
      about: 'the client asks for a DFS referral; STATUS_NOT_FOUND and FS_DRIVER_REQUIRED say “not part of a DFS”',
      details: { path: 'string', status: NTSTATUS_DETAIL },
    },
    'smb.open': {
      about:
        'the client opened a file or folder; failed when the scenario names the path and it is not there, or when a client that needs it stops after a refusal',
      details: { path: 'string', share: 'string', status: NTSTATUS_DETAIL, directory: 'boolean', endOfFile: 'number' },
    },
    'smb.first-read': {
      about: 'the client read from a file whose opening is missing from the capture',
      details: FILE,
      only: 'recorded',
    },
    'smb.read': {
      about: 'the client read from a file: all reads of one open, reported at its close',
      details: { ...FILE, bytes: 'number', reads: 'number' },
    },
    'smb.write': {
      about: 'the client wrote to a file: all writes of one open, reported at its close',
      details: { ...FILE, bytes: 'number', writes: 'number' },
      creates: true,
    },
    'smb.rename': {
      about: 'the client gave a file another name (SET_INFO FileRenameInformation, MS-FSCC section 2.4.42.2)',
      details: { path: 'string', to: 'string', share: 'string', status: NTSTATUS_DETAIL },
      creates: true,
    },
    'smb.close': { about: 'the client closed a file', details: FILE },
    'smb.error': {
      about: 'the server refused a command; recorded for what clients only try, failed for a read',
      details: { command: 'string', ...FILE, status: NTSTATUS_DETAIL, offset: 'number' },
      only: 'failed',
      expectable: true,
    },
    'smb.anomaly': {
      about: 'a message contradicts those before it; recorded when a conforming receiver can continue',
      details: {
        kind: ['string', 'which rule it broke (harness/protocols/smb/observe/anomaly.ts)'],
        command: 'string',
      },
      only: 'failed',
      expectable: true,
    },
    'smb.unfinished': { about: 'a file was never closed', details: FILE, only: 'recorded' },
    'smb.opaque': { about: 'what follows is encrypted or compressed', details: { reason: 'string' }, only: 'recorded' },
  },
  causes: {
    'smb-silent': NTLM.causes['smb-silent'],
    ...LOGON_CAUSES,
    ...SHARE_CAUSES,
    ...WRITE_CAUSES,
    'smb-unreachable': {
      why: 'the file server does not accept connections on port 445: see whether it runs, and whether a firewall is in between',
    },
    'smb-connection-lost': {
      why: 'the connection ended before an answer: the server dropped the client, often because of the protocol version',
    },
    'smb-no-common-dialect': {
      why: 'client and file server share no SMB version: raise the client’s or lower the server’s minimum protocol',
    },
    'smb1-only': {
      why: 'client and server speak SMB1, which is not judged: let both sides speak SMB2 (Windows: it is off where only SMB1 is enabled; Samba: “server min protocol”)',
    },
    'smb1-refused': {
      why: 'the client offers SMB1 alone, and the server does not speak it: boot a system whose SMB client speaks SMB2, or switch SMB1 on in the server (Windows: the feature “SMB 1.0/CIFS File Sharing Support”; Samba: “server min protocol = NT1”)',
    },
    'smb-protocol-breach': { why: 'an SMB message violates the protocol: the frame shows which side sent it' },
    'share-never-mounted': {
      why: 'the booted system never asked for the share',
      ownWords: true,
    },
    'image-missing': {
      why: 'the image is not on the share: put it there, or correct the path',
      absent: true,
      lacks: 'earlier-message',
    },
    'image-truncated': {
      why: 'the image is shorter than its header says, or was shortened while it was read: copy it again, and see whether the server’s disk is full',
    },
    'read-refused': { why: 'the server refused to read the file: check locks, permissions and its disk' },
  },
  waits: {
    smb: SESSION_WAITS.smb,
    'smb-search': {
      ms: 30_000,
      about: 'How long a client that found nothing may stay silent before it counts as having given up.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
